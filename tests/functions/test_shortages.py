"""What a paid order turns out to lack: the buyer waits, takes other goods, or has the money back, to the cent."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.kernel.caller import Caller
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer, Shop
from tests.support.table import before_next_write

PRICES = {"TEA": 599, "CUP": 1250, "POT": 3333}


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with nine of everything; freight and tax do not divide evenly."""
    return furnished(market)


def furnished(market: Market) -> str:
    shop = market.shop
    shop.keep_in_memory()
    market.set_up(tax_basis_points=725)
    store_id = market.store(freight_minor=491)
    market.goods(PRICES, {store_id: 9})
    shop.drain()
    return store_id


def prepared(market: Market, **units: int) -> str:
    order_id = market.buy(units)
    market.prepare(order_id)
    return order_id


def report(market: Market, order_id: str, sku: str, units: int, reference: str = "", **more: Any) -> Answer:
    said = {"reference": reference or f"S-{market.shop.next_number()}", "sku": sku, "units": units, "reason": "broken"}
    return market.shop.post(f"/staff/shortages/{order_id}", {**said, **more}, as_=market.shop.boss)


def reported(market: Market, order_id: str, sku: str, units: int, **more: Any) -> str:
    """The shortage's id, of which everybody has been told."""
    market.shop.pass_time(seconds=1)
    shortage_id = str(report(market, order_id, sku, units, **more).ok()["shortages"][-1]["shortage_id"])
    market.shop.drain()
    return shortage_id


def answer(market: Market, order_id: str, shortage_id: str, by: Caller = INES, **said: Any) -> Answer:
    market.shop.pass_time(seconds=1)
    side = "staff" if by.kind == "staff" else "me"
    answered = market.shop.post(f"/{side}/shortages/{order_id}/{shortage_id}", said, as_=by)
    market.shop.drain()
    return answered


def line_of(order: Any, sku: str) -> Any:
    return next(line for line in order["lines"] if line["sku"] == sku)


def paid_for(line: Any) -> int:
    return sum(amount["minor"] for amount in line["amounts"])


def refunds(market: Market, order_id: str) -> list[int]:
    return sorted(refund["amount_minor"] for refund in market.money(order_id)["refunds"])


def inbox(shop: Shop, who: Caller = INES) -> list[str]:
    path = "/staff/messages" if who.kind == "staff" else "/me/messages"
    return [message["topic"] for message in shop.get(path, as_=who).ok()["items"]]


@pytest.mark.capability("ORD-14")
def test_the_buyer_is_told_and_has_the_money_of_the_missing_units_back(market: Market, store_id: str) -> None:
    shop, order_id = market.shop, prepared(market, TEA=3, CUP=1)
    shortage_id = reported(market, order_id, "TEA", 3)
    assert inbox(shop)[0] == "shortage_found"
    assert market.level("TEA", store_id) == (9, 3, 6)
    order = answer(market, order_id, shortage_id, choice="refund").ok()
    assert order["status"] == "confirmed" and order["shortages"][0]["status"] == "refunded"
    assert refunds(market, order_id) == [paid_for(line_of(order, "TEA"))]
    assert market.level("TEA", store_id) == (9, 0, 9) and market.level("CUP", store_id) == (9, 1, 8)
    assert shop.get(f"/staff/picks/{order_id}", as_=shop.boss)["units"] == {"CUP": 1}
    assert inbox(shop)[0] == "units_dropped"
    assert market.ship(order_id).ok()["units"] == {"CUP": 1}
    assert market.order(order_id)["status"] == "shipped"


@pytest.mark.capability("ORD-14")
def test_a_report_and_an_answer_sent_twice_are_done_once(market: Market, store_id: str) -> None:
    order_id = prepared(market, TEA=3, CUP=1)
    first, again = (report(market, order_id, "TEA", 1, reference="S-1") for _ in range(2))
    assert first.body == again.body and len(first["shortages"]) == 1
    other = report(market, order_id, "TEA", 2, reference="S-1")
    assert (other.status, other["code"]) == (409, "shortage_reported")
    second = report(market, order_id, "TEA", 1, reference="S-2")
    assert (second.status, second["code"]) == (409, "shortage_open")
    shortage_id = first["shortages"][0]["shortage_id"]
    answers: list[dict[str, Any]] = [{"choice": "wait", "until": "2026-11-20"}, {"choice": "refund"}]
    for said in answers:
        once, twice = (answer(market, order_id, shortage_id, **said).ok() for _ in range(2))
        assert once == twice
    assert len(refunds(market, order_id)) == 1
    late = answer(market, order_id, shortage_id, choice="wait", until="2026-11-21")
    assert (late.status, late["code"]) == (409, "not_in_that_state")


@pytest.mark.capability("ORD-14")
@pytest.mark.parametrize(("short", "status"), [(1, "confirmed"), (2, "cancelled")])
def test_who_does_not_answer_has_the_money_back(market: Market, store_id: str, short: int, status: str) -> None:
    shop, order_id = market.shop, prepared(market, TEA=2)
    reported(market, order_id, "TEA", short)
    shop.pass_time(days=2)
    shop.drain()
    assert refunds(market, order_id) == []
    shop.pass_time(days=1, seconds=2)
    shop.drain()
    assert len(refunds(market, order_id)) == 1
    order = market.order(order_id)
    assert (order["status"], order["shortages"][0]["status"]) == (status, "refunded")


@pytest.mark.capability("ORD-14")
def test_who_waits_is_asked_again_on_that_day_and_the_store_is_reminded(market: Market, store_id: str) -> None:
    shop, order_id = market.shop, prepared(market, TEA=2, CUP=1)
    shortage_id = reported(market, order_id, "TEA", 1)
    assert answer(market, order_id, shortage_id, choice="wait", until="2026-11-12").ok()["status"] == "confirmed"
    assert "shortage_waits" in inbox(shop, shop.staff("messages.read", stores=(store_id,)))
    shop.pass_time(days=9)
    shop.drain()
    assert inbox(shop).count("shortage_found") == 1 and refunds(market, order_id) == []
    shop.pass_time(days=1)
    shop.drain()
    assert inbox(shop).count("shortage_found") == 2
    assert inbox(shop, shop.boss)[0] == "shortage_overdue"
    shop.pass_time(days=4)
    shop.drain()
    assert len(refunds(market, order_id)) == 1


def test_a_shortage_whose_timer_is_lost_does_not_keep_its_order_out_of_sight(market: Market, store_id: str) -> None:
    shop, order_id = market.shop, prepared(market, TEA=2)
    shop.clock.at += timedelta(days=30)  # far longer than a store may take
    report(market, order_id, "TEA", 1).ok()
    for later, stuck in ((timedelta(days=3), 0), (timedelta(hours=2), 1)):
        shop.clock.at += later  # and no timer fires
        assert shop.invoke("FindStuckOrders", {}) == stuck


@pytest.mark.parametrize("until", ["2026-11-02", "2025-01-01", "2027-06-01"])
def test_a_wait_ends_on_a_day_that_is_to_come(market: Market, store_id: str, until: str) -> None:
    order_id = prepared(market, TEA=1)
    shortage_id = reported(market, order_id, "TEA", 1)
    refused = answer(market, order_id, shortage_id, choice="wait", until=until)
    assert (refused.status, refused["code"]) == (422, "wrong_wait")


@pytest.mark.capability("ORD-14")
def test_other_goods_take_the_place_of_the_missing_at_the_price_that_was_paid(market: Market, store_id: str) -> None:
    shop, order_id = market.shop, prepared(market, TEA=3, CUP=1)
    shop.post(f"/staff/picks/{order_id}/picked", as_=shop.boss).ok()
    shortage_id = reported(market, order_id, "TEA", 2, substitutes=["POT"])
    before = market.order(order_id)
    dear = answer(market, order_id, shortage_id, choice="substitute", sku="CUP")
    assert (dear.status, dear["code"]) == (422, "not_offered")
    order = answer(market, order_id, shortage_id, choice="substitute", sku="POT").ok()
    pot, tea = line_of(order, "POT"), line_of(order, "TEA")
    assert (pot["quantity"], pot["replaces"], tea["substituted"]) == (2, "TEA", 2)
    assert order["total_minor"] == before["total_minor"] and refunds(market, order_id) == []
    assert paid_for(tea) == paid_for(line_of(before, "TEA"))
    assert market.level("TEA", store_id) == (9, 1, 8) and market.level("POT", store_id) == (9, 2, 7)
    pick = shop.get(f"/staff/picks/{order_id}", as_=shop.boss).ok()
    assert (pick["units"], pick["status"]) == ({"TEA": 1, "CUP": 1, "POT": 2}, "open")
    assert inbox(shop)[0] == "units_substituted"
    assert market.ship(order_id).ok()["units"] == {"TEA": 1, "CUP": 1, "POT": 2}
    assert market.order(order_id)["status"] == "shipped"


def test_staff_may_give_any_goods_that_the_store_has_enough_of(market: Market, store_id: str) -> None:
    shop, order_id = market.shop, prepared(market, TEA=9, CUP=1)
    shortage_id = reported(market, order_id, "TEA", 9)
    for sku, code in (("CUP", "in_this_order"), ("NONE", "not_for_sale")):
        refused = answer(market, order_id, shortage_id, shop.boss, choice="substitute", sku=sku)
        assert (refused.status, refused["code"]) == (409, code)
    market.place({"POT": 1})
    with shop.unchanged():
        path = f"/staff/shortages/{order_id}/{shortage_id}"
        refused = shop.post(path, {"choice": "substitute", "sku": "POT"}, as_=shop.boss)
    assert (refused.status, refused["code"]) == (409, "insufficient_stock")
    market.receive(store_id, {"POT": 1})
    assert answer(market, order_id, shortage_id, shop.boss, choice="substitute", sku="POT").ok()


def test_what_is_short_stays_behind_until_it_is_named(market: Market, store_id: str) -> None:
    order_id = prepared(market, TEA=2, CUP=1)
    reported(market, order_id, "TEA", 1)
    assert market.ship(order_id, tracking_number="P-1").ok()["units"] == {"TEA": 1, "CUP": 1}
    nothing = market.shop.post(f"/staff/packing-slips/{order_id}", {}, as_=market.shop.boss)
    assert (nothing.status, nothing["code"]) == (409, "all_short")
    assert market.ship(order_id, tracking_number="P-2", units={"TEA": 1}).ok()
    order = market.order(order_id)
    assert (order["status"], order["shortages"][0]["status"]) == ("shipped", "closed")
    market.shop.pass_time(days=4)
    market.shop.drain()
    assert refunds(market, order_id) == []


@pytest.mark.capability("ORD-14")
@pytest.mark.parametrize("gone", [True, False])
def test_an_order_of_which_nothing_is_left_is_shipped_or_cancelled(market: Market, store_id: str, gone: bool) -> None:
    shop, order_id = market.shop, prepared(market, TEA=2, CUP=1)
    if gone:
        market.ship(order_id, units={"CUP": 1}).ok()
    else:
        answer(market, order_id, reported(market, order_id, "CUP", 1), choice="refund").ok()
    order = answer(market, order_id, reported(market, order_id, "TEA", 2), choice="refund").ok()
    assert order["status"] == ("shipped" if gone else "cancelled")
    assert sum(refunds(market, order_id)) == (paid_for(line_of(order, "TEA")) if gone else order["total_minor"])
    assert market.level("TEA", store_id) == (9, 0, 9)
    assert shop.get(f"/staff/picks/{order_id}", as_=shop.boss).status == 404
    assert any(name.startswith("receive-") for _, name, _, _ in shop.timers()) is gone


@pytest.mark.capability("ORD-14")
@pytest.mark.parametrize("by", ["buyer", "staff"])
def test_the_rest_of_an_order_is_cancelled_when_a_part_of_it_has_left(market: Market, store_id: str, by: str) -> None:
    shop, order_id = market.shop, prepared(market, TEA=2, CUP=2)
    market.ship(order_id, units={"TEA": 2, "CUP": 1}).ok()
    side, caller = ("me", INES) if by == "buyer" else ("staff", shop.boss)
    path = f"/{side}/orders/{order_id}/cancel"
    order = shop.post(path, {"reason": "too late"}, as_=caller).ok()
    shop.drain()
    assert order["status"] == "shipped" and line_of(order, "CUP")["dropped"] == 1
    assert market.level("CUP", store_id) == (8, 0, 8)
    (refunded,) = refunds(market, order_id)
    assert refunded == (paid_for(line_of(order, "CUP")) + 1) // 2
    assert inbox(shop)[0] == "units_dropped"
    again = shop.post(path, {"reason": "too late"}, as_=caller)
    assert (again.status, again["code"]) == (409, "not_in_that_state")


def test_a_shortage_ends_with_the_store_that_had_it(market: Market, store_id: str) -> None:
    other = market.store("Souk Baixa", rank=200)
    market.receive(other, {"TEA": 5})
    order_id = market.buy({"TEA": 2})
    reported(market, order_id, "TEA", 1)
    said = {"store_id": store_id, "reason": "broken"}
    market.shop.post(f"/staff/handling/{order_id}/decline", said, as_=market.shop.boss).ok()
    order = market.order(order_id)
    assert (order["store_id"], order["shortages"][0]["status"]) == (other, "closed")
    assert market.level("TEA", other) == (5, 2, 3) and market.level("TEA", store_id) == (9, 0, 9)


def test_no_shortage_without_goods_that_wait_to_leave(market: Market, store_id: str) -> None:
    order_id = prepared(market, TEA=2)
    for sku, units in (("TEA", 3), ("CUP", 1)):
        refused = report(market, order_id, sku, units)
        assert (refused.status, refused["code"]) == (422, "not_in_this_order")
    market.ship(order_id).ok()
    late = report(market, order_id, "TEA", 1)
    assert (late.status, late["code"]) == (409, "not_in_that_state")
    unpaid = report(market, market.place({"TEA": 1}), "TEA", 1)
    assert (unpaid.status, unpaid["code"]) == (409, "not_in_that_state")


def test_only_the_orders_own_buyer_answers_and_sees_nobody_of_the_staff(market: Market, store_id: str) -> None:
    order_id = prepared(market, TEA=2)
    shortage_id = reported(market, order_id, "TEA", 1)
    foreign = answer(market, order_id, shortage_id, OTTO, choice="refund")
    absent = answer(market, "ord_0", shortage_id, OTTO, choice="refund")
    assert foreign.status == 404 and foreign.body == absent.body
    assert answer(market, order_id, "sho_0", choice="refund").status == 404
    seen = market.shop.get(f"/me/orders/{order_id}", as_=INES).ok()
    assert seen["shortages"][0]["found_by"] == "shop"
    assert market.order(order_id)["shortages"][0]["found_by"] == "boss"


@pytest.mark.parametrize(
    "said",
    [
        {"choice": "wait"},
        {"choice": "substitute"},
        {"choice": "refund", "sku": "POT"},
        {"choice": "wait", "until": "2026-11-20", "sku": "POT"},
        {"choice": "refund", "amount_minor": 1},
    ],
)
def test_an_answer_says_what_belongs_to_it(market: Market, store_id: str, said: dict[str, Any]) -> None:
    order_id = prepared(market, TEA=1)
    shortage_id = reported(market, order_id, "TEA", 1)
    with market.shop.unchanged():
        assert market.shop.post(f"/me/shortages/{order_id}/{shortage_id}", said, as_=INES).status == 422


def test_a_parcel_that_leaves_meanwhile_is_not_paid_back(
    market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = prepared(market, TEA=1)
    shortage_id = reported(market, order_id, "TEA", 1)
    before_next_write(monkeypatch, lambda: market.ship(order_id, units={"TEA": 1}).ok())
    late = answer(market, order_id, shortage_id, choice="refund")
    assert (late.status, late["code"]) == (409, "not_in_that_state")
    assert refunds(market, order_id) == [] and market.order(order_id)["status"] == "shipped"


# -- whatever is done, all refunds together are what was paid
MOVES = st.lists(
    st.tuples(st.sampled_from(("drop", "substitute", "ship", "return")), st.sampled_from(range(3)), st.integers(1, 3)),
    max_size=8,
)


@pytest.mark.capability("ORD-14")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_after_any_drops_substitutes_parcels_and_cases_everything_refunded_is_everything_paid(
    moves: list[tuple[str, int, int]], market: Market
) -> None:
    """The order is played by chance, and then given back to its last unit."""
    shop = market.shop
    if not shop.rows("Store"):
        furnished(market)
    market.receive(shop.rows("Store")[0]["store_id"], dict.fromkeys(PRICES, 9))
    order_id = prepared(market, TEA=5, CUP=3)
    for number, (move, which, units) in enumerate(moves):
        play(market, order_id, move, which, units, f"M-{number}")
    shop.post(f"/me/orders/{order_id}/cancel", {"reason": "enough"}, as_=INES)
    shop.drain()
    for sku, left in returnable(market.order(order_id)):
        take_back(market, order_id, sku, left)
    assert sum(refunds(market, order_id)) == market.order(order_id)["total_minor"]
    (payment,) = (one for one in shop.rows("Payment") if one["order_id"] == order_id)
    assert payment["refundable_minor"] == 0
    assert {stock["reserved"] for stock in shop.rows("Stock")} == {0}


def play(market: Market, order_id: str, move: str, which: int, units: int, name: str) -> None:
    """If it is possible at all; what is refused changes nothing."""
    order = market.order(order_id)
    line = order["lines"][which % len(order["lines"])]
    sku = line["sku"]
    match move:
        case "ship":
            market.ship(order_id, tracking_number=name, units={sku: units})
        case "return":
            take_back(market, order_id, sku, units)
        case _:
            said = report(market, order_id, sku, units, reference=name)
            if said.status == 201:
                choice = {"choice": "refund"} if move == "drop" else {"choice": "substitute", "sku": "POT"}
                answer(market, order_id, said["shortages"][-1]["shortage_id"], market.shop.boss, **choice)


def returnable(order: Any) -> Iterator[tuple[str, int]]:
    for line in order["lines"]:
        if line["shipped"] > line["refunded"]:
            yield line["sku"], line["shipped"] - line["refunded"]


def take_back(market: Market, order_id: str, sku: str, units: int) -> None:
    shop = market.shop
    wish = {"order_id": order_id, "lines": [{"sku": sku, "quantity": units}], "reason": "damaged"}
    asked = shop.post("/me/refunds", wish, as_=INES)
    if asked.status == 201:
        shop.post(f"/staff/refunds/{asked['case_id']}/approve", as_=shop.boss).ok()
        shop.drain()
