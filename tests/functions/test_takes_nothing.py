"""What is refused, or needs no money, takes none that is only authorised."""

from typing import Any

import pytest

from souk.domains.access.model.rights import SHOP
from souk.kernel.caller import Caller
from tests.support.authorised import charges, money, state, status
from tests.support.market import CONTACT, Market

pytestmark = pytest.mark.capability("PAY-04")
GUEST = Caller(id="gst_1", kind="guest", may=frozenset({SHOP}))


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(capture="at_shipment")
    market.goods({"CUP": 1000, "POT": 5000}, {market.store(): 50})
    return market


def authorised(market: Market, units: int = 3) -> str:
    order_id = market.buy({"CUP": units})
    market.prepare(order_id)
    assert state(market, order_id) == ("confirmed", "authorised")
    return order_id


def test_a_parcel_that_is_refused_takes_nothing(market: Market) -> None:
    order_id = authorised(market)
    assert market.ship(order_id, units={"CUP": 4}).status == 422
    assert (charges(market), money(market, order_id)) == ([(0, 0)], "authorised")


@pytest.mark.parametrize(
    ("given", "code"),
    [({"amount_minor": 3001}, "refund_too_high"), ({"amount_minor": 9, "refund_to": "balance"}, "no_balance")],
)
def test_goodwill_that_is_refused_takes_nothing(market: Market, given: dict[str, Any], code: str) -> None:
    order_id = market.buy({"CUP": 3}, by=GUEST)
    said = {"reference": "G-1", "reason": "late", **given}
    refused = market.shop.post(f"/staff/payments/{order_id}/refunds", said, as_=market.shop.boss)
    assert (refused.status, refused["code"]) == (422, code)
    assert (money(market, order_id), charges(market)) == ("authorised", [(0, 0)])


def test_a_split_that_is_refused_takes_nothing(market: Market) -> None:
    market.set_up(review_above_minor=1)
    order_id = market.buy({"CUP": 2, "POT": 1})
    market.lay_out(order_id)
    assert status(market, order_id) == "held"
    parts = {"parts": [{"store_id": market.store("Other"), "units": {"POT": 1}}], "reason": "sooner"}
    refused = market.shop.post(f"/staff/handling/{order_id}/split", parts, as_=market.shop.boss)
    assert (refused.status, refused["code"]) == (409, "not_in_that_state")
    assert (charges(market), money(market, order_id)) == ([(0, 0)], "authorised")


@pytest.mark.parametrize(("other", "code"), [("held", "not_in_that_state"), ("not whole", "money_gone_back")])
def test_a_merger_that_is_refused_takes_nothing(market: Market, other: str, code: str) -> None:
    market.set_up(review_above_minor=2_500 if other == "held" else None)
    order_ids = [authorised(market, 1), market.buy({"CUP": 3})]
    market.lay_out(order_ids[1])
    if other == "not whole":
        given = {"reference": "G-1", "amount_minor": 400, "reason": "late"}
        market.shop.post(f"/staff/payments/{order_ids[1]}/refunds", given, as_=market.shop.boss).ok()
    wanted = {"order_ids": order_ids, "reason": "one parcel"}
    refused = market.shop.post("/staff/handling/merge", wanted, as_=market.shop.boss)
    assert (refused.status, refused["code"]) == (409, code)
    assert money(market, order_ids[0]) == "authorised"


def test_other_contact_takes_nothing(market: Market) -> None:
    order_id = authorised(market)
    asked = {"version": market.order(order_id)["version"], "contact": CONTACT | {"phone": "+351 910 000 118"}}
    path = f"/staff/handling/{order_id}/correct"
    market.shop.post(path, asked | {"reason": "as agreed"}, as_=market.shop.boss).ok()
    assert (charges(market), money(market, order_id)) == ([(0, 0)], "authorised")
