"""An order is found by its number: by its buyer, by staff, and by whoever knows the end of the telephone number too."""

from collections.abc import Callable
from typing import Any

import pytest

from souk.domains.orders.actions.claims import CLAIMS_BY_ADDRESS, CLAIMS_BY_NUMBER
from souk.kernel import clock, ids
from tests.support.market import ADDRESS, CONTACT, INES, OTTO, Market
from tests.support.shop import Answer, Shop
from tests.support.table import calls

TAIL = "0117"
ABSENT = "01KAJ-6M2C-9XQ4-T7VE"


@pytest.fixture
def number(market: Market) -> str:
    market.goods({"CUP": 1000}, {market.store(): 20})
    return str(market.checkout({"CUP": 2}).ok()["order"]["number"])


def follow(shop: Shop, number: str, tail: str = TAIL, source: str = "198.51.100.7") -> Answer:
    return shop.call("POST", "/access/orders", {"number": number, "phone_tail": tail}, source=source)


@pytest.mark.capability("ORD-09")
def test_buyer_and_staff_find_an_order_by_its_number(market: Market, number: str) -> None:
    shop = market.shop
    mine = shop.get(f"/me/orders/by-number/{number}", as_=INES).ok()
    assert mine == shop.get(f"/me/orders/{mine['order_id']}", as_=INES).ok()
    assert shop.get(f"/staff/orders/by-number/{number}", as_=shop.boss).ok() == market.order(mine["order_id"])
    others = shop.get(f"/me/orders/by-number/{number}", as_=OTTO)
    elsewhere = shop.get(f"/staff/orders/by-number/{number}", as_=shop.staff("orders.read", stores=("sto_other",)))
    absent = [shop.get(f"/me/orders/by-number/{one}", as_=OTTO) for one in (ABSENT, "42", number.lower(), number + "0")]
    assert {one.status for one in (others, elsewhere, *absent)} == {404}
    assert all(one.body == others.body for one in (elsewhere, *absent))


@pytest.mark.capability("ORD-09")
def test_a_guest_follows_an_order_by_number_and_telephone_and_sees_no_ones_data(market: Market, number: str) -> None:
    seen = follow(market.shop, number).ok()
    assert (seen["number"], seen["status"], seen["total_minor"]) == (number, "awaiting_payment", 2000)
    assert [(line["name"]["en"], line["quantity"]) for line in seen["lines"]] == [("Cup", 2)]
    assert set(seen) == {"number", "status", "placed_at", "currency", "total_minor", "lines", "history", "became"}
    personal = {*CONTACT.values(), *ADDRESS.values(), INES.id} - {"PT"}
    assert not [word for word in personal if word in str(seen)]


@pytest.mark.capability("ORD-09")
def test_a_wrong_pair_is_answered_like_an_order_that_is_not_there(
    market: Market, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same bytes, for the same work."""
    made = calls(monkeypatch)

    def asked(number: str, tail: str) -> tuple[Answer, list[str]]:
        made.clear()
        return follow(market.shop, number, tail), list(made)

    right, wrong, absent = asked(number, TAIL), asked(number, "0118"), asked(ABSENT, TAIL)
    assert right[0].status == 200 and wrong[0].status == 404
    assert (wrong[0].body, wrong[0].headers, wrong[1]) == (absent[0].body, absent[0].headers, absent[1])


def by_number(shop: Shop, number: str, turn: int) -> Answer:
    return follow(shop, number, f"{turn:04}", source=f"198.51.100.{turn % 250}")


def by_address(shop: Shop, _: str, turn: int) -> Answer:
    return follow(shop, ids.order_number(clock.now()), f"{turn:04}")


@pytest.mark.capability("ORD-09")
@pytest.mark.parametrize(("guess", "most"), [(by_number, CLAIMS_BY_NUMBER.most), (by_address, CLAIMS_BY_ADDRESS.most)])
def test_guesses_are_soon_at_their_limit_for_a_number_and_for_an_address(
    market: Market, number: str, guess: Callable[..., Any], most: int
) -> None:
    shop = market.shop
    answers = [guess(shop, number, turn) for turn in range(most + 10)]
    assert [one.status for one in answers] == [404] * most + [429] * 10
    assert int(answers[-1].headers["Retry-After"]) == answers[-1]["retry_after_seconds"] == 3600
    known = number if guess is by_number else ABSENT
    assert follow(shop, known).status == 429, "the right answer is refused too"
    shop.pass_time(hours=1)
    assert follow(shop, number).status == 200


def test_who_asks_too_often_is_not_told_whether_there_is_such_an_order(market: Market, number: str) -> None:
    refused = {}
    for asked in (number, ABSENT):
        answers = [by_number(market.shop, asked, turn) for turn in range(CLAIMS_BY_NUMBER.most + 1)]
        refused[asked] = answers[-1].body
    assert refused[number] == refused[ABSENT] and refused[number]["code"] == "too_many"
