"""How stores handle their orders: who declines hands the order on, whole; who does not answer is chased."""

from typing import Any

import pytest

from souk.domains.access.model.rights import PERMISSIONS
from souk.kernel.caller import Caller
from tests.support.market import Market
from tests.support.shop import Answer
from tests.support.table import before_next_write


class Stores:
    """Three stores, the first of them chosen first, each with its own people; an order of three units."""

    def __init__(self, market: Market, units: int = 5) -> None:
        self.market, self.shop = market, market.shop
        self.ids = [market.store(f"Souk {n}", rank=n, freight_minor=100 * n) for n in (1, 2, 3)]
        market.goods({"TEA": 500, "CUP": 900}, dict.fromkeys(self.ids, units))

    def people(self, n: int) -> Caller:
        return Caller(id=f"clerk{n}", kind="staff", may=frozenset(PERMISSIONS), stores=frozenset({self.ids[n]}))

    def by_hand(self, **more: Any) -> None:
        self.market.set_up(confirm_by_hand=True, **more)

    def bought(self) -> str:
        order_id = self.market.buy({"TEA": 2, "CUP": 1})
        self.market.prepare(order_id)
        return order_id

    def decline(self, order_id: str, n: int, by: Caller | None = None) -> Answer:
        said = {"store_id": self.ids[n], "reason": "The kettle is broken"}
        answer = self.shop.post(f"/staff/handling/{order_id}/decline", said, as_=by or self.people(n))
        self.shop.drain()
        return answer

    def assign(self, order_id: str, n: int, by: Caller | None = None) -> Answer:
        said = {"store_id": self.ids[n], "reason": "They have it"}
        answer = self.shop.post(f"/staff/handling/{order_id}/assign", said, as_=by or self.shop.boss)
        self.shop.drain()
        return answer

    def reserved(self) -> list[tuple[int, int]]:
        """Of tea and cups, in each store."""
        levels = [[self.market.level(sku, store_id) for sku in ("TEA", "CUP")] for store_id in self.ids]
        assert all(on_hand == reserved + available >= 0 for level in levels for on_hand, reserved, available in level)
        return [(tea[1], cup[1]) for tea, cup in levels]

    def sees(self, n: int, order_id: str) -> set[str]:
        """Every place where a store's people meet the order."""
        by, store_id = self.people(n), self.ids[n]
        single = {
            "order": f"/staff/orders/{order_id}",
            "pick": f"/staff/picks/{order_id}",
            "payment": f"/staff/payments/{order_id}",
            "timeline": f"/staff/handling/{order_id}",
        }
        found = {name for name, path in single.items() if self.shop.get(path, as_=by).status == 200}
        lists = {
            "month": self.shop.get("/staff/orders", as_=by),
            "picks": self.shop.get("/staff/picks", as_=by, store_id=store_id),
            **{
                f"desk {status}": self.shop.get(f"/staff/orders/waiting/{store_id}/{status}", as_=by)
                for status in ("paid", "confirmed", "reassigned")
            },
        }
        return found | {
            name for name, page in lists.items() if order_id in [card["order_id"] for card in page.ok()["items"]]
        }

    def inbox(self, store_id: str | None) -> list[str]:
        query = {"store_id": store_id} if store_id else {}
        page = self.shop.get("/staff/messages", as_=self.shop.boss, **query).ok()
        return [message["topic"] for message in page["items"]]


@pytest.fixture
def stores(market: Market) -> Stores:
    return Stores(market)


ALL = {"order", "pick", "payment", "timeline", "month", "picks", "desk confirmed"}


@pytest.mark.capability("STO-05")
def test_an_order_that_its_store_declines_is_the_next_stores_with_all_that_belongs_to_it(stores: Stores) -> None:
    order_id = stores.bought()
    before = stores.market.order(order_id)
    assert stores.reserved() == [(2, 1), (0, 0), (0, 0)]
    assert [stores.sees(n, order_id) for n in (0, 1)] == [ALL, set()]

    assert stores.decline(order_id, 0).status == 204
    after = stores.market.order(order_id)
    assert stores.reserved() == [(0, 0), (2, 1), (0, 0)]
    assert [stores.sees(n, order_id) for n in (0, 1)] == [set(), ALL]
    assert (after["store_id"], after["status"]) == (stores.ids[1], "confirmed")
    money = ("lines", "goods_minor", "freight_minor", "tax_minor", "total_minor", "address")
    assert [after[name] for name in money] == [before[name] for name in money], "nothing changes for the buyer"
    assert stores.inbox(stores.ids[1]) == ["order_to_prepare"]

    stores.market.ship(order_id).ok()
    assert [stores.market.level("TEA", one)[0] for one in stores.ids] == [5, 3, 5]


@pytest.mark.capability("STO-05")
def test_with_no_store_left_the_order_waits_for_head_office_and_holds_nothing(stores: Stores) -> None:
    order_id = stores.bought()
    for n in range(3):
        assert stores.decline(order_id, n).status == 204
    order, boss = stores.market.order(order_id), stores.shop.boss
    assert (order["status"], order["store_id"]) == ("unassigned", "head-office")
    assert stores.reserved() == [(0, 0)] * 3
    assert [stores.sees(n, order_id) for n in range(3)] == [set()] * 3
    worklist = "/staff/orders/waiting/head-office/unassigned"
    assert [card["order_id"] for card in stores.shop.get(worklist, as_=boss).ok()["items"]] == [order_id]
    assert stores.shop.get(worklist, as_=stores.people(0)).status == 404
    assert "order_unassigned" in stores.inbox(None)
    for refused in (
        stores.shop.post(f"/staff/orders/{order_id}/confirm", as_=boss),
        stores.market.ship(order_id),
    ):
        assert refused.status == 409

    assert stores.assign(order_id, 1).ok()["status"] == "confirmed"
    assert stores.assign(order_id, 1).ok()["store_id"] == stores.ids[1]
    assert stores.reserved() == [(0, 0), (2, 1), (0, 0)]
    assert stores.sees(1, order_id) == ALL
    assert stores.shop.get(worklist, as_=boss).ok()["items"] == []


@pytest.mark.capability("STO-05")
def test_an_order_without_a_store_can_still_be_cancelled_and_is_paid_back(stores: Stores) -> None:
    order_id = stores.bought()
    for n in range(3):
        stores.decline(order_id, n)
    stores.market.cancel(order_id).ok()
    stores.shop.drain()
    assert stores.reserved() == [(0, 0)] * 3
    [refund] = stores.market.stripe.objects("refund")
    assert refund["amount"] == stores.market.order(order_id)["total_minor"]


@pytest.mark.capability("STO-05")
def test_a_store_that_has_too_little_is_passed_over_even_where_it_runs_out_at_the_last_moment(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, market = stores.bought(), stores.market

    def buy_all_of_the_second() -> None:
        out = {"kind": "issue", "store_id": stores.ids[1], "reference": "sold", "lines": [{"sku": "CUP", "units": 5}]}
        stores.shop.post("/staff/stock-documents", out, as_=stores.shop.boss).ok()

    before_next_write(monkeypatch, buy_all_of_the_second, of="Order")
    assert stores.decline(order_id, 0).status == 204
    assert market.order(order_id)["store_id"] == stores.ids[2]
    assert stores.reserved() == [(0, 0), (0, 0), (2, 1)]
    assert stores.assign(order_id, 1)["code"] == "insufficient_stock"
    assert stores.reserved() == [(0, 0), (0, 0), (2, 1)]


@pytest.mark.capability("STO-05")
def test_declining_twice_is_declining_once_and_nobody_declines_for_another(stores: Stores) -> None:
    order_id = stores.bought()
    assert stores.decline(order_id, 1, by=stores.shop.boss)["code"] == "another_stores"
    assert stores.decline(order_id, 0, by=stores.people(1)).status == 404
    foreign, absent = stores.decline(order_id, 1), stores.decline("ord_0", 1)
    assert (foreign.status, foreign.body) == (404, absent.body)
    assert stores.assign(order_id, 1, by=stores.people(0)).status == 404
    assert stores.assign(order_id, 1, by=stores.people(1)).status == 404
    assert [stores.decline(order_id, 0).status for _ in range(2)] == [204, 204]
    assert stores.decline(order_id, 0, by=stores.shop.boss).status == 204
    assert stores.market.order(order_id)["store_id"] == stores.ids[1]
    assert len(stores.shop.facts("OrderReassigned")) == 1


@pytest.mark.capability("STO-05")
def test_what_has_left_is_not_handed_on(stores: Stores) -> None:
    order_id = stores.bought()
    stores.market.ship(order_id, units={"TEA": 1}).ok()
    assert stores.decline(order_id, 0)["code"] == "not_in_that_state"
    assert stores.assign(order_id, 1)["code"] == "not_in_that_state"
    assert stores.reserved() == [(1, 1), (0, 0), (0, 0)]


@pytest.mark.capability("STO-05")
def test_the_sale_is_the_store_that_serves_it_whatever_came_first(stores: Stores) -> None:
    placed = stores.market.paid({"TEA": 2, "CUP": 1})
    path = f"/staff/handling/{placed}/decline"
    stores.shop.post(path, {"store_id": stores.ids[0], "reason": "Closed"}, as_=stores.people(0)).ok()
    stores.shop.drain(times=2)
    total = stores.market.order(placed)["total_minor"]
    for store_id, orders, revenue in ((stores.ids[0], 0, 0), (stores.ids[1], 1, total)):
        rows = [row for row in stores.shop.rows("DaySales") if row["store_id"] == store_id]
        assert (sum(row["orders"] for row in rows), sum(row["total_minor"] for row in rows)) == (orders, revenue)


@pytest.mark.capability("STO-05")
def test_a_store_that_does_not_answer_in_time_is_chased_once_and_the_next_one_has_its_own_time(stores: Stores) -> None:
    stores.by_hand(accept_seconds=600)
    order_id = stores.bought()
    stores.shop.pass_time(minutes=9)
    assert stores.shop.facts("AcceptanceOverdue") == []
    stores.shop.pass_time(minutes=1, seconds=1)
    for _ in range(2):
        stores.shop.invoke("ChaseAcceptance", {"order_id": order_id})
    stores.shop.drain(times=2)
    assert [fact["store_id"] for fact in stores.shop.facts("AcceptanceOverdue")] == [stores.ids[0]]
    assert stores.inbox(stores.ids[0]).count("order_unanswered") == stores.inbox(None).count("order_unanswered") == 1

    stores.decline(order_id, 0).ok()
    assert stores.market.order(order_id)["status"] == "reassigned"
    stores.shop.pass_time(minutes=9)
    stores.shop.invoke("ChaseAcceptance", {"order_id": order_id})
    stores.shop.post(f"/staff/orders/{order_id}/confirm", as_=stores.people(1)).ok()
    stores.shop.pass_time(hours=1)
    stores.shop.drain()
    assert len(stores.shop.facts("AcceptanceOverdue")) == 1


@pytest.mark.capability("STO-05")
def test_the_reminder_comes_of_its_own_timer_whatever_part_of_a_second_the_order_was_paid_in(stores: Stores) -> None:
    stores.by_hand(accept_seconds=600)
    stores.shop.pass_time(milliseconds=400)
    stores.bought()
    stores.shop.pass_time(minutes=10, seconds=1)
    assert len(stores.shop.facts("AcceptanceOverdue")) == 1


def test_each_store_that_has_the_order_has_a_timer_of_its_own_name(stores: Stores) -> None:
    stores.by_hand(accept_seconds=600)
    order_id = stores.bought()
    for n in (0, 1):
        stores.decline(order_id, n).ok()
    names = [name for _, name, target, _ in stores.shop.timers() if target == "ChaseAcceptance"]
    assert len(names) == 3
    stores.shop.pass_time(minutes=11)
    assert [fact["store_id"] for fact in stores.shop.facts("AcceptanceOverdue")] == [stores.ids[2]]


@pytest.mark.capability("STO-05")
def test_a_store_that_gets_an_order_again_is_told_again_once(stores: Stores) -> None:
    stores.by_hand(accept_seconds=600)
    order_id = stores.bought()
    for _ in range(2):
        stores.shop.pass_time(minutes=11)
        for n in range(3):
            stores.decline(order_id, n).ok()
        stores.assign(order_id, 0).ok()
        stores.shop.drain(times=2)
    first, office = stores.inbox(stores.ids[0]), stores.inbox(None)
    assert [first.count(topic) for topic in ("order_to_prepare", "order_unanswered")] == [3, 2]
    assert [office.count(topic) for topic in ("order_unassigned", "order_unanswered")] == [2, 2]


@pytest.mark.capability("STO-05")
@pytest.mark.parametrize("how", ["decline", "assign"])
def test_a_store_that_is_quicker_to_confirm_does_not_refuse_what_has_been_done(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    order_id = stores.bought()
    path = f"/staff/orders/{order_id}/confirm"
    before_next_write(monkeypatch, lambda: stores.shop.post(path, as_=stores.people(1)).ok(), of="Pick")
    answer = stores.decline(order_id, 0) if how == "decline" else stores.assign(order_id, 1)
    assert answer.status in (200, 204)
    assert stores.market.order(order_id)["status"] == "confirmed" and stores.sees(1, order_id) == ALL


@pytest.mark.capability("STO-05")
def test_every_step_says_how_long_it_took(stores: Stores) -> None:
    stores.by_hand(accept_seconds=600)
    order_id = stores.bought()
    stores.shop.pass_time(minutes=2)
    waiting = stores.shop.get(f"/staff/handling/{order_id}", as_=stores.people(0)).ok()
    assert waiting["accept_by"] == "2026-11-02T09:10:00Z"
    stores.decline(order_id, 0).ok()
    stores.shop.pass_time(minutes=3)
    stores.shop.post(f"/staff/orders/{order_id}/confirm", as_=stores.people(1)).ok()
    stores.shop.pass_time(minutes=20)
    stores.shop.post(f"/staff/picks/{order_id}/picked", as_=stores.people(1)).ok()
    stores.shop.pass_time(minutes=30)
    stores.market.ship(order_id).ok()
    seen = stores.shop.get(f"/staff/handling/{order_id}", as_=stores.shop.boss).ok()
    assert [(step["step"], step["seconds"], step["by"]) for step in seen["steps"]][2:] == [
        ("reassigned", 120, "clerk0"),
        ("confirmed", 180, "clerk1"),
        ("picked", 1200, "clerk1"),
        ("shipped", 1800, "boss"),
    ]
    assert [(one["store_id"], one["reason"]) for one in seen["declines"]] == [(stores.ids[0], "The kettle is broken")]
    assert seen["accept_by"] is None
    own = stores.shop.get(f"/staff/handling/{order_id}", as_=stores.people(1)).ok()
    assert own["steps"] == seen["steps"] and own["declines"] == []
