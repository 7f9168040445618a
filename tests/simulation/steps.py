"""The steps that lead an order to where something befalls it."""

from collections.abc import Mapping
from typing import Any

from tests.simulation.people import People

WANTED = {"TEA": 1, "CUP": 2}


def delivered(people: People, wanted: Mapping[str, int] = WANTED) -> str:
    """Checkout, paid, allocated, shipped, received."""
    return bring(people, paid(people, wanted))


def bring(people: People, order_id: str) -> str:
    people.then(people.clerk.handle, order_id)
    people.then(people.clerk.handle, order_id)
    people.then(people.buyer.ask, "POST", f"/me/orders/{order_id}/received")
    return order_id


def paid(people: People, wanted: Mapping[str, int] = WANTED, pickup_at: str | None = None) -> str:
    order_id, secret = placed(people, wanted, pickup_at)
    people.then(people.pay, order_id, secret)
    return order_id


def placed(people: People, wanted: Mapping[str, int] = WANTED, pickup_at: str | None = None) -> tuple[str, str]:
    """The order, and what its browser pays with."""
    order_id, payment = begun(people, wanted, pickup_at)
    return order_id, str((payment or {}).get("client_secret", ""))


def begun(people: People, wanted: Mapping[str, int] = WANTED, pickup_at: str | None = None) -> tuple[str, Any]:
    """Sent by the client until it is answered: the order, and how it is paid."""
    answer = people.until(201, people.buyer.order, wanted, "the one", pickup_at)
    order_id = str(answer["order"]["order_id"])
    payment = answer["payment"]
    while not payment and people.order(order_id).awaits_payment:
        payment = people.buyer.ask("POST", "/me/payments", {"order_id": order_id}).body
    return order_id, payment


def save_up(people: People, amount_minor: int) -> None:
    begun = people.until(201, people.buyer.save_up, amount_minor)
    while not begun["payment"]:
        begun = people.until(201, people.buyer.save_up, amount_minor)
    people.then(people.pay, str(begun["top_up"]["order_id"]), str(begun["payment"]["client_secret"]))
