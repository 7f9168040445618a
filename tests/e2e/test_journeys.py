"""The shop as its users meet it: over HTTP, on the real template, with real time."""

import re
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from infra.local.client import Client, Refused
from infra.local.demo import story
from infra.local.demo.seed import PASSWORD
from infra.local.replay.__main__ import replay
from infra.local.stripe.buyer import Buyer
from infra.local.stripe.config import API_KEY
from tests.e2e.shopping import goods, order_of, stock, until
from tests.support.market import CONTACT

BAZAAR = Path(__file__).parents[1] / "data/bazaar"


def stripe_control(card: dict[str, Any], route: str, **body: Any) -> None:
    requests.post(f"{card['stripe']}/_fake/{route}", json=body, timeout=10).raise_for_status()


def ask_stripe_for(card: dict[str, Any], events: list[str]) -> list[str]:
    """From now on the shop is sent these; answers what it was sent until now."""
    endpoints, key = f"{card['stripe']}/v1/webhook_endpoints", (API_KEY, "")
    (endpoint,) = requests.get(endpoints, auth=key, timeout=10).json()["data"]
    wanted = {"enabled_events[]": events}
    requests.post(f"{endpoints}/{endpoint['id']}", wanted, auth=key, timeout=10).raise_for_status()
    return list(endpoint["enabled_events"])


@pytest.mark.capability("ANA-01")
@pytest.mark.capability("ORD-08")
def test_one_orders_story_from_browsing_to_the_refund_of_a_line(card: dict[str, Any]) -> None:
    before, after = story.tell(card)
    assert after["orders"] == before["orders"] + 1
    assert after["refunded_orders"] == before["refunded_orders"] + 1
    assert 0 < after["net_minor"] - before["net_minor"] < after["total_minor"] - before["total_minor"]


@pytest.mark.capability("PAY-16")
def test_webhooks_three_times_and_in_the_wrong_order_pay_the_order_once(card: dict[str, Any], owner: Client) -> None:
    sku = goods(owner, units=5)
    guest = Client(card["api"]).be_guest()
    stripe_control(card, "config", delivery="hold", copies=3)
    asked_for = ask_stripe_for(card, ["*"])
    try:
        placed = order_of(guest, sku)
        browser = Buyer(card["stripe"])
        browser.pay(placed["payment"]["client_secret"], "pm_card_visa_chargeDeclined")
        browser.pay(placed["payment"]["client_secret"])
        held = requests.get(f"{card['stripe']}/_fake/state", timeout=10).json()["held"]
        backwards = held[::-1]
        assert len(backwards) >= 4
        stripe_control(card, "deliver", events=backwards, times=3)
    finally:
        stripe_control(card, "config", delivery="now", copies=1)
        ask_stripe_for(card, asked_for)
    path = f"/me/orders/{placed['order']['order_id']}"
    until(lambda: guest.get(path)["status"] == "confirmed")
    steps = [step["status"] for step in guest.get(path)["history"]]
    assert steps == ["awaiting_payment", "paid", "confirmed"]
    money = owner.get(f"/staff/payments/{placed['order']['order_id']}")
    assert money["balances"]["charged_minor"] == placed["order"]["total_minor"]
    assert [event["kind"] for event in money["events"]] == ["charge"]


@pytest.mark.capability("PAY-16")
def test_without_any_webhook_the_return_page_finishes_the_order(card: dict[str, Any], owner: Client) -> None:
    sku = goods(owner, units=5)
    guest = Client(card["api"]).be_guest()
    stripe_control(card, "config", delivery="drop")
    try:
        placed = order_of(guest, sku)
        Buyer(card["stripe"]).pay(placed["payment"]["client_secret"])
        guest.post(f"/me/payments/{placed['order']['order_id']}/return")
    finally:
        stripe_control(card, "config", delivery="now")
    until(lambda: guest.get(f"/me/orders/{placed['order']['order_id']}")["status"] == "confirmed")


@pytest.mark.capability("INV-04")
@pytest.mark.capability("ORD-12")
def test_who_never_pays_gives_the_stock_back_once(card: dict[str, Any], owner: Client) -> None:
    sku = goods(owner, units=5)
    settings = owner.get("/staff/settings")
    owner.put("/staff/settings", {**settings, "payment_seconds": 3})
    guest = Client(card["api"]).be_guest()
    try:
        placed = order_of(guest, sku, quantity=2)["order"]
        while placed["pay_until"] > time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 60)):
            guest.post(f"/me/orders/{placed['order_id']}/cancel", {"reason": "made before the setting was in force"})
            time.sleep(2)
            placed = order_of(guest, sku, quantity=2)["order"]
    finally:
        owner.put("/staff/settings", {**settings, "version": settings["version"] + 1})
    path = f"/me/orders/{placed['order_id']}"
    until(lambda: guest.get(path)["status"] == "cancelled")
    assert guest.get(path)["cancel_reason"] == "not paid in time"
    assert stock(owner, sku) == (5, 0, 5)
    with pytest.raises(Refused, match="409"):
        guest.post("/me/payments", {"order_id": placed["order_id"]})


@pytest.mark.capability("STO-06")
@pytest.mark.capability("STO-14")
@pytest.mark.capability("STO-15")
def test_goods_are_fetched_in_a_store_sold_at_its_till_and_brought_back(card: dict[str, Any], owner: Client) -> None:
    sku, guest = goods(owner, units=5), Client(card["api"]).be_guest()
    store_id, lines = owner.get("/staff/stores")["items"][0]["store_id"], [{"sku": sku, "quantity": 2}]
    way = {"lines": lines, "delivery_method": "pickup", "pickup_store_id": store_id}
    agreed = {"quote_id": guest.post("/me/quotes", way)["quote_id"], "contact": CONTACT}
    placed = guest.post("/me/checkout", way | agreed, key=str(uuid4()))
    order = placed["order"]
    Buyer(card["stripe"]).pay(placed["payment"]["client_secret"])
    path = f"/me/orders/{order['order_id']}"
    until(lambda: guest.get(path)["status"] == "confirmed")
    owner.post(f"/staff/pickups/{order['order_id']}/ready")
    code = guest.get(path)["pickup"]["code"]
    handed = owner.post(f"/staff/pickups/{order['order_id']}/hand-out", {"store_id": store_id, "code": code})
    assert (handed["status"], stock(owner, sku)) == ("received", (3, 0, 3))
    sale = {"store_id": store_id, "sale_id": sku, "lines": lines, "total_minor": order["total_minor"]}
    sold = owner.post("/staff/sales", sale | {"paid_by": "cash"})
    assert stock(owner, sku) == (1, 0, 1)
    for number, order_id in enumerate((order["order_id"], sold["order_id"])):
        brought = {"return_id": f"{sku}-{number}", "store_id": store_id, "order_id": order_id, "lines": lines}
        owner.post("/staff/returns", brought | {"condition": "restock"})
        money = f"/staff/payments/{order_id}"
        until(lambda path=money: bool(owner.get(path)["balances"]["refunded_minor"] == sold["total_minor"]))  # type: ignore[misc]
    assert stock(owner, sku) == (5, 0, 5)


@pytest.mark.capability("USR-06")
def test_a_member_proves_another_address_and_signs_in_by_it(card: dict[str, Any]) -> None:
    former, other = (f"{uuid4().hex[:8]}@example.org" for _ in range(2))
    account = {"email": former, "name": "Ana", "password": PASSWORD}
    member = Client(card["api"])
    member.post("/access/sign-up", account)
    member.sign_in(former, PASSWORD).put("/me/profile/email", {"email": other})
    [code] = re.findall(r"Your code is ([0-9]{6})", mails(card, other)[0]["Subject"])
    assert member.post("/me/profile/email/confirm", {"code": code})["email"] == other
    assert Client(card["api"]).sign_in(other, PASSWORD).get("/me/profile")["email"] == other
    with pytest.raises(Refused, match="401"):
        Client(card["api"]).sign_in(former, PASSWORD)
    until(lambda: [mail["Subject"] for mail in mails(card, former)] == ["Your contact has changed"])


def mails(card: dict[str, Any], to: str) -> list[Any]:
    """What the local cloud's SES has sent to the address."""
    sent = requests.get(f"{card['cloud']}/_ministack/ses/messages", timeout=10).json()["messages"]
    return [mail for mails in sent.values() for mail in mails if to in mail["To"]]


def test_the_first_25_orders_of_our_own_data_give_the_figures_of_their_files(
    card: dict[str, Any], tmp_path: Path
) -> None:
    assert replay(card, BAZAAR, 25, journals=tmp_path) == []
    assert replay(card, BAZAAR, 25, journals=tmp_path) == [], "a second run repeats nothing"
