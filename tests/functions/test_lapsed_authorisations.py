"""The buyer's bank has let go of what it had promised, and no webhook came: whoever needs the money ends the order."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import books
from tests.support.authorised import booked, charges, lapse, state, status
from tests.support.market import INES, Market
from tests.support.shop import Answer

pytestmark = [pytest.mark.capability("PAY-04"), pytest.mark.capability("PAY-16")]


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(capture="at_shipment")
    market.goods({"CUP": 1000, "POT": 5000}, {market.store(pickup=True, freight_minor=900): 50})
    return market


def confirmed(market: Market) -> str:
    order_id = market.buy({"CUP": 2, "POT": 1})
    market.prepare(order_id)
    assert state(market, order_id) == ("confirmed", "authorised")
    return order_id


def short(market: Market, order_id: str) -> str:
    said = {"reference": "S-1", "sku": "CUP", "units": 1, "reason": "broken"}
    found = market.shop.post(f"/staff/shortages/{order_id}", said, as_=market.shop.boss).ok()
    market.shop.drain()
    return str(found["shortages"][0]["shortage_id"])


def desk(market: Market, path: str, said: dict[str, Any]) -> Answer:
    return market.shop.post(path, said, as_=market.shop.boss)


def over(market: Market, order_id: str) -> None:
    """Ended for lack of money: nothing left, was taken, booked or reserved, and buyer and staff are told."""
    market.shop.drain()
    market.hear()
    market.shop.drain()
    assert state(market, order_id) == ("cancelled", "voided")
    assert market.order(order_id)["cancel_reason"] == "the payment was let go before it was taken"
    assert booked(market) == [] and {taken for taken, _ in charges(market)} == {0}
    assert (market.stock("CUP")["reserved"], market.stock("POT")["reserved"]) == (0, 0)
    told = {(row["topic"], row["owner_id"] == INES.id) for row in market.shop.rows("Message")}
    assert {("payment_lapsed", False), ("order_cancelled", True)} <= told
    books.check(market.shop)


def ship(market: Market, order_id: str) -> Answer:
    return market.ship(order_id)


def give_goodwill(market: Market, order_id: str) -> Answer:
    return desk(market, f"/staff/payments/{order_id}/refunds", {"reference": "G", "amount_minor": 9, "reason": "late"})


def split(market: Market, order_id: str) -> Answer:
    other = market.store("Other")
    market.receive(other, {"POT": 5})
    parts = {"parts": [{"store_id": other, "units": {"POT": 1}}], "reason": "sooner"}
    return desk(market, f"/staff/handling/{order_id}/split", parts)


@pytest.mark.parametrize("needs", [ship, give_goodwill, split])
def test_staff_who_need_the_money_are_told_that_there_is_none_and_the_order_ends(
    market: Market, needs: Callable[[Market, str], Answer]
) -> None:
    order_id = confirmed(market)
    lapse(market)
    refused = needs(market, order_id)
    assert (refused.status, refused["code"]) == (409, "payment_lapsed")
    assert state(market, order_id) == ("cancelled", "voided")
    assert needs(market, order_id).status in (409, 422)
    over(market, order_id)


def test_of_orders_that_are_merged_the_one_without_money_ends_and_the_other_stays(market: Market) -> None:
    first, second = confirmed(market), confirmed(market)
    lapse(market, second)
    refused = desk(market, "/staff/handling/merge", {"order_ids": [first, second], "reason": "one parcel"})
    assert (refused.status, refused["code"]) == (409, "payment_lapsed")
    assert (status(market, first), state(market, second)) == ("confirmed", ("cancelled", "voided"))


def test_who_fetches_goods_whose_money_is_gone_goes_without_them(market: Market) -> None:
    (store,) = market.shop.get("/staff/stores", as_=market.shop.boss).ok()["items"]
    order_id = market.pickup({"CUP": 1}, store["store_id"])
    desk(market, f"/staff/pickups/{order_id}/ready", {}).ok()
    code = market.shop.get(f"/me/orders/{order_id}", as_=INES).ok()["pickup"]["code"]
    lapse(market)
    refused = desk(market, f"/staff/pickups/{order_id}/hand-out", {"store_id": store["store_id"], "code": code})
    assert (refused.status, refused["code"]) == (409, "payment_lapsed")
    over(market, order_id)


@pytest.mark.parametrize("who", ["buyer", "nobody"])
def test_what_is_paid_back_for_a_shortage_was_never_taken(market: Market, who: str) -> None:
    order_id = confirmed(market)
    shortage_id = short(market, order_id)
    lapse(market)
    if who == "buyer":
        refused = market.shop.post(f"/me/shortages/{order_id}/{shortage_id}", {"choice": "refund"}, as_=INES)
        assert (refused.status, refused["code"]) == (409, "payment_lapsed")
    else:
        market.shop.pass_time(days=4)
    over(market, order_id)


@pytest.mark.parametrize("finder", ["start", "workflow", "sweeper"])
def test_what_several_stores_hold_is_not_shared_out_without_money(market: Market, finder: str) -> None:
    other = market.store("Other")
    market.receive(other, {"CUP": 30, "POT": 60})
    order_id = market.paid({"CUP": 60, "POT": 1})
    lapse(market)
    if finder == "workflow":
        market.prepare(order_id)
    elif finder == "sweeper":
        market.shop.pass_time(hours=3)
        market.shop.invoke("SweepOrders", {})
    over(market, order_id)
