"""Flash sales: goods set aside for a while, sold at their own price, to the unit and to whom they are meant for."""

from typing import Any

import pytest

from souk.domains.access.model.rights import PROFILE, SHOP
from souk.domains.members.actions import profile
from souk.domains.members.model.profile import TierEdit
from souk.kernel.caller import Caller
from souk.table import current
from souk.table.port import TryAgain
from tests.support import sales
from tests.support.market import ADDRESS, CONTACT, OTTO, STORE, Market
from tests.support.sales import buy, left, planned, running
from tests.support.table import before_next_write, calls
from tests.support.wallets import topped_up

WINDOWS = [{"tier": 5, "starts_at": 0.5, "units": 3}, {"tier": 3, "starts_at": 0.75}]


def buyer(number: int) -> Caller:
    return Caller(id=f"mem_{number}", kind="member", may=frozenset({SHOP, PROFILE}))


@pytest.fixture
def store_id(market: Market) -> str:
    made = market.store(freight_minor=490)
    market.goods({"TEA": 500}, {made: 20})
    return made


def codes(*answers: Any) -> list[str]:
    return [answer.body.get("code", "placed") for answer in answers]


@pytest.mark.capability("PRM-06")
def test_a_sale_opens_and_closes_by_the_clock_and_what_is_not_sold_goes_back(market: Market, store_id: str) -> None:
    sale_id = planned(market, store_id)
    assert market.level("TEA", store_id) == (20, 0, 20)
    assert codes(buy(market, sale_id)) == ["sale_not_begun"]
    market.shop.pass_time(minutes=56)
    assert market.level("TEA", store_id) == (20, 10, 10), "set aside five minutes before"
    assert codes(buy(market, sale_id)) == ["sale_not_begun"]
    market.shop.pass_time(minutes=4)
    assert market.shop.get(f"/shop/sales/{sale_id}").ok()["active"]
    placed = buy(market, sale_id, 2).ok()["order"]
    assert (placed["goods_minor"], placed["freight_minor"], placed["sale"]["sale_id"]) == (600, 490, sale_id)
    assert market.level("TEA", store_id) == (20, 10, 10)
    assert left(market, sale_id) == {"stock": 8}
    market.shop.drain()
    market.shop.pass_time(minutes=59, seconds=59)
    assert codes(buy(market, sale_id, by=OTTO)) == ["placed"]
    market.shop.pass_time(seconds=1)
    assert codes(buy(market, sale_id, by=OTTO)) == ["sale_over"]
    market.shop.pass_time(minutes=1)
    assert market.shop.get("/shop/sales").ok()["items"] == []
    assert market.level("TEA", store_id) == (20, 1, 19), "the first was not paid in time, the last may still be"


@pytest.mark.capability("PRM-06")
def test_exactly_the_units_are_sold_and_to_nobody_more_than_their_share(market: Market, store_id: str) -> None:
    sale_id = running(market, store_id, units=7, per_buyer=2)
    answers = [buy(market, sale_id, units, by=buyer(number)) for number in range(6) for units in (1, 2, 1)]
    sold = [answer["order"] for answer in answers if answer.status == 201]
    assert sum(order["lines"][0]["quantity"] for order in sold) == 7
    assert set(codes(*answers)) == {"placed", "bought_enough", "sale_sold_out"}
    by_buyer: dict[str, int] = {}
    for order in sold:
        by_buyer[order["buyer_id"]] = by_buyer.get(order["buyer_id"], 0) + order["lines"][0]["quantity"]
    assert max(by_buyer.values()) == 2
    assert market.level("TEA", store_id) == (20, 7, 13)


@pytest.mark.parametrize("shards", [4, 90])
def test_the_last_units_are_sold_to_who_wants_several_though_they_lie_in_different_shards(
    market: Market, store_id: str, shards: int
) -> None:
    sale_id = running(market, store_id, units=4, per_buyer=4, shards=shards)
    assert codes(buy(market, sale_id, 4)) == ["placed"]
    assert left(market, sale_id) == {"stock": 0}


def test_the_same_order_sent_twice_is_one_and_another_under_its_key_is_refused(market: Market, store_id: str) -> None:
    sale_id = running(market, store_id)
    first, again = (buy(market, sale_id, key="once") for _ in range(2))
    assert first["order"] == again["order"] and left(market, sale_id) == {"stock": 9}
    assert codes(buy(market, sale_id, 2, key="once")) == ["idempotency_key_reused"]


def test_a_store_that_delivers_around_itself_sells_to_who_lives_there(market: Market) -> None:
    store_id = market.store(reach={"metres": 5000})
    market.goods({"TEA": 500}, {store_id: 20})
    sale_id = running(market, store_id)
    here, far = STORE["point"], {"latitude_micro": 0, "longitude_micro": 0}
    assert buy(market, sale_id, point=here).ok()["order"]["store_id"] == store_id
    for point in (far, None):
        wanted = {"quantity": 1, "country": "PT", "point": point}
        assert market.shop.post(f"/me/sales/{sale_id}/quotes", wanted, as_=OTTO)["code"] == "not_delivered_there"


@pytest.mark.capability("PRM-06")
def test_a_cancelled_order_goes_back_to_the_sale_while_it_runs_and_to_the_store_after_it(
    market: Market, store_id: str
) -> None:
    sale_id = running(market, store_id, units=2)
    first = buy(market, sale_id, 2).ok()["order"]["order_id"]
    assert codes(buy(market, sale_id, by=OTTO)) == ["sale_sold_out"]
    market.cancel(first).ok()
    assert left(market, sale_id) == {"stock": 2}
    second = buy(market, sale_id, 2).ok()["order"]["order_id"]
    market.shop.post(f"/staff/flash-sales/{sale_id}/end", as_=market.shop.boss).ok()
    assert market.level("TEA", store_id) == (20, 2, 18)
    market.cancel(second).ok()
    assert market.level("TEA", store_id) == (20, 0, 20)


def test_a_sale_that_closes_while_an_order_is_cancelled_leaves_its_units_with_the_store(
    market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale_id = running(market, store_id, units=2)
    order_id = buy(market, sale_id, 2).ok()["order"]["order_id"]

    def close() -> None:
        market.shop.post(f"/staff/flash-sales/{sale_id}/end", as_=market.shop.boss).ok()

    before_next_write(monkeypatch, close, of="Order")
    market.cancel(order_id).ok()
    assert market.level("TEA", store_id) == (20, 0, 20)


def test_an_order_that_another_store_serves_goes_back_to_that_store(market: Market, store_id: str) -> None:
    other = market.store("Souk Baixa")
    market.receive(other, {"TEA": 5})
    sale_id = running(market, store_id, units=2)
    placed = buy(market, sale_id, 2)
    order_id = placed["order"]["order_id"]
    market.pay(placed)
    market.hear()
    said = {"store_id": other, "reason": "nearer"}
    market.shop.post(f"/staff/handling/{order_id}/assign", said, as_=market.shop.boss).ok()
    assert market.level("TEA", other) == (5, 2, 3)
    market.cancel(order_id).ok()
    assert market.level("TEA", other) == (5, 0, 5)
    assert left(market, sale_id) == {"stock": 0}


def test_a_paid_order_of_a_sale_goes_out_like_any_other(market: Market, store_id: str) -> None:
    sale_id = running(market, store_id)
    placed = buy(market, sale_id, 2)
    order_id = placed["order"]["order_id"]
    market.pay(placed)
    market.hear()
    market.shop.drain()
    market.prepare(order_id)
    market.ship(order_id).ok()
    assert market.level("TEA", store_id) == (18, 8, 10)
    assert market.order(order_id)["status"] == "shipped"


@pytest.mark.capability("PRM-06")
@pytest.mark.capability("PAY-08")
def test_what_the_balance_leaves_of_a_sale_is_charged_by_a_method_that_takes_so_little(
    market: Market, store_id: str
) -> None:
    limits = [{"method": "card", "least_minor": 500}]
    market.set_up(payment_methods=["card", "alipay_abroad"], payment_limits=limits)
    topped_up(market, 800)
    sale_id = running(market, store_id)
    methods = [buy(market, sale_id, from_balance_minor=minor).ok()["order"]["payment_method"] for minor in (290, 291)]
    assert methods == ["card", "alipay_abroad"]  # 7.90 less 2.90 are 5.00
    market.set_up(payment_methods=["card"])
    refused = buy(market, sale_id, by=OTTO, from_balance_minor=291)
    assert (refused.status, refused["code"]) == (422, "payment_method_off")


def test_a_store_that_has_less_than_was_meant_sells_what_it_has(market: Market, store_id: str) -> None:
    sale_id = planned(market, store_id, units=50)
    market.place({"TEA": 15})
    market.shop.pass_time(hours=1)
    assert left(market, sale_id) == {"stock": 5}


def test_a_store_that_is_short_sets_nothing_aside(market: Market, store_id: str) -> None:
    """What it still has is promised to orders, and stays so."""
    sale_id = planned(market, store_id)
    market.place({"TEA": 18})
    found = {"store_id": store_id, "reference": "FLOOD", "reason": "damaged", "force": True}
    lines = [{"sku": "TEA", "delta": -5}]
    market.shop.post("/staff/stock-documents/adjustments", found | {"lines": lines}, as_=market.shop.boss).ok()
    market.shop.pass_time(minutes=55)
    assert market.level("TEA", store_id) == (15, 18, -3)
    market.shop.pass_time(minutes=5)
    assert left(market, sale_id) == {"stock": 0}
    assert codes(buy(market, sale_id, by=OTTO)) == ["sale_sold_out"]


def test_a_sale_is_a_draft_until_it_is_scheduled_and_does_not_change_after_that(market: Market, store_id: str) -> None:
    shop, boss = market.shop, market.shop.boss
    draft = sales.terms(market, windows=WINDOWS) | {"store_id": store_id, "sku": "TEA", "reference": "AUTUMN"}
    made = shop.post("/staff/flash-sales", draft, as_=boss).ok()
    assert shop.post("/staff/flash-sales", draft, as_=boss).ok() == made
    assert codes(shop.post("/staff/flash-sales", draft | {"price_minor": 1}, as_=boss)) == ["reference_of_another_sale"]
    path = f"/staff/flash-sales/{made['sale_id']}"
    assert shop.get(f"/shop/sales/{made['sale_id']}").status == 404
    edit = sales.terms(market, price_minor=250) | {"version": made["version"]}
    assert shop.put(path, edit, as_=boss).ok()["price_minor"] == 250
    assert codes(shop.put(path, edit, as_=boss)) == ["edited_meanwhile"]
    shop.post(f"{path}/schedule", as_=boss).ok()
    assert shop.get("/shop/sales").ok()["items"][0]["sale_id"] == made["sale_id"]
    assert codes(shop.put(path, edit | {"version": 3}, as_=boss)) == ["not_in_that_state"]
    ended = shop.post(f"{path}/end", as_=boss).ok()
    assert ended["status"] == "ended" and shop.get("/shop/sales").ok()["items"] == []
    assert shop.post(f"{path}/end", as_=boss).ok() == ended
    shop.drain()
    assert shop.timers() == []


def test_a_sale_whose_time_has_come_opens_when_it_is_scheduled_and_ends_when_staff_end_it(
    market: Market, store_id: str
) -> None:
    sale_id = sales.scheduled(market, store_id, starts_at=0)
    assert left(market, sale_id) == {"stock": 10}
    assert codes(buy(market, sale_id)) == ["placed"]
    assert market.shop.post(f"/staff/flash-sales/{sale_id}/end", as_=market.shop.boss).ok()["status"] == "ended"
    assert codes(buy(market, sale_id, by=OTTO)) == ["sale_over"], "though its terms may be two seconds old"
    assert market.level("TEA", store_id) == (20, 1, 19)


def test_what_is_told_twice_and_timers_that_come_twice_change_nothing(market: Market, store_id: str) -> None:
    sale_id = sales.scheduled(market, store_id)
    market.shop.drain(times=2)
    assert len(market.shop.timers()) == 2
    market.shop.pass_time(hours=1)
    for _ in range(2):
        market.shop.invoke("ApplySale", {"sale_id": sale_id})
    assert left(market, sale_id) == {"stock": 10} and market.level("TEA", store_id) == (20, 10, 10)
    market.shop.drain(times=2)
    (state,) = market.shop.rows("SkuState")
    assert state["available"] == 10, "what the product page shows"
    market.shop.pass_time(hours=2)
    for _ in range(2):
        market.shop.invoke("ApplySale", {"sale_id": sale_id})
    assert market.level("TEA", store_id) == (20, 0, 20)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": 1},
        {"shards": 91},
        {"per_buyer": 21},
        {"price_minor": 0},
        {"windows": [{"tier": 3, "starts_at": 1}]},
        {"windows": [{"tier": 3, "starts_at": 0.5}, {"tier": 3, "starts_at": 0.6}]},
        {"windows": [{"tier": 3, "starts_at": 0.5, "units": 5}], "shards": 46},
    ],
)
def test_terms_that_make_no_sense_are_refused(market: Market, store_id: str, wrong: dict[str, Any]) -> None:
    draft = sales.terms(market, **wrong) | {"store_id": store_id, "sku": "TEA", "reference": "WRONG"}
    assert market.shop.post("/staff/flash-sales", draft, as_=market.shop.boss).status == 422


# -- members first
@pytest.fixture
def tiers(store_id: str) -> dict[int, Caller]:
    """A member of each tier."""
    found = {tier: buyer(tier) for tier in (0, 3, 5, 9)}
    for tier, member in found.items():
        profile.set_tier(member.id, TierEdit(tier=tier))
    return found


@pytest.mark.capability("MBR-05")
def test_before_the_start_only_members_of_a_tier_buy_each_from_its_own_time(
    market: Market, store_id: str, tiers: dict[int, Caller]
) -> None:
    sale_id = planned(market, store_id, windows=WINDOWS)
    start, third = sales.after(market, 1), sales.after(market, 0.75)
    assert codes(*(buy(market, sale_id, by=one) for one in tiers.values())) == ["sale_not_begun"] * 4
    market.shop.pass_time(minutes=30)
    first = {tier: buy(market, sale_id, by=one) for tier, one in tiers.items()}
    assert codes(*first.values()) == ["priority_only", "priority_only", "placed", "placed"]
    assert [first[tier].status for tier in (0, 3)] == [403, 403]
    assert [first[tier]["starts_at"][:19] for tier in (0, 3)] == [start[:19], third[:19]]
    market.shop.pass_time(minutes=15)
    assert codes(*(buy(market, sale_id, by=tiers[tier]) for tier in (0, 3))) == ["priority_only", "placed"]
    market.shop.pass_time(minutes=15)
    assert codes(buy(market, sale_id, by=tiers[0]), buy(market, sale_id, by=buyer(77))) == ["placed", "placed"]


@pytest.mark.capability("MBR-05")
def test_a_tier_has_no_more_beforehand_than_its_units_and_gets_back_what_is_cancelled(
    market: Market, store_id: str, tiers: dict[int, Caller]
) -> None:
    sale_id = planned(market, store_id, windows=WINDOWS)
    market.shop.pass_time(minutes=40)
    first = buy(market, sale_id, 2, by=tiers[5])
    refused = buy(market, sale_id, 2, by=tiers[9])
    assert (first.status, codes(refused)) == (201, ["priority_taken"])
    assert refused["starts_at"][:16] == "2026-11-02T10:00"
    assert codes(buy(market, sale_id, 1, by=tiers[9])) == ["placed"]
    assert left(market, sale_id) == {"stock": 7, "tier5": 0}
    market.cancel(first["order"]["order_id"], by=tiers[5]).ok()
    assert left(market, sale_id) == {"stock": 9, "tier5": 2}
    assert codes(buy(market, sale_id, 1, by=tiers[9])) == ["placed"]


def test_what_lower_tiers_may_have_without_limit_higher_ones_may_too(
    market: Market, store_id: str, tiers: dict[int, Caller]
) -> None:
    sale_id = planned(market, store_id, windows=WINDOWS)
    market.shop.pass_time(minutes=30)
    assert codes(buy(market, sale_id, 2, by=tiers[5]), buy(market, sale_id, 1, by=tiers[9])) == ["placed", "placed"]
    assert codes(buy(market, sale_id, 1, by=tiers[9])) == ["priority_taken"]
    market.shop.pass_time(minutes=15)
    assert codes(buy(market, sale_id, 1, by=tiers[3]), buy(market, sale_id, 1, by=tiers[9])) == ["placed", "placed"]


# -- what it costs
def test_an_order_of_a_sale_is_a_batch_read_a_transaction_and_the_payments_id(
    market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale_id = running(market, store_id)
    buy(market, sale_id)
    wanted = {"quantity": 1, "country": "PT"}
    quoted = market.shop.post(f"/me/sales/{sale_id}/quotes", wanted, as_=OTTO).ok()
    order = {"quantity": 1, "quote_id": quoted["quote_id"], "address": ADDRESS, "contact": CONTACT}
    made = calls(monkeypatch)
    answer = market.shop.post(f"/me/sales/{sale_id}/orders", order, as_=OTTO, headers={"Idempotency-Key": "one"})
    assert (answer.status, made) == (201, ["read_many", "write", "write"])


def test_nobody_is_sent_away_while_the_shards_are_only_being_written(
    market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read of them one by one proves nothing: that they are empty is said of one instant."""
    sale_id = running(market, store_id, units=2)
    buy(market, sale_id, 2).ok()
    table, busy = current.table(), iter([True, True, False])
    at_once = table.read_at_once

    def contended(ats: Any) -> Any:
        if next(busy):
            raise TryAgain
        return at_once(ats)

    monkeypatch.setattr(table, "read_at_once", contended)
    monkeypatch.setattr("souk.kernel.clock.pause", lambda seconds: None)
    assert codes(buy(market, sale_id, by=OTTO)) == ["sale_sold_out"]
    assert next(busy, None) is None


# -- staff of a store
def test_a_sale_of_another_store_is_as_if_it_were_not_there(market: Market, store_id: str) -> None:
    sale_id = planned(market, store_id)
    stranger = market.shop.staff("promotions.read", "promotions.write", stores=("another",))
    for path in (f"/staff/flash-sales/{sale_id}", "/staff/flash-sales/sal_0"):
        assert market.shop.get(path, as_=stranger).status == 404
    assert market.shop.get("/staff/flash-sales", as_=stranger, store_id=store_id).status == 404
