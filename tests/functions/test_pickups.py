"""Bought online, fetched in a store: laid out, handed out for a code that works once, taken back when nobody comes."""

from typing import Any

import pytest

from souk.domains.access.model.rights import PERMISSIONS
from souk.kernel import kept
from souk.kernel.caller import Caller
from tests.support.market import CONTACT, INES, OTTO, STORE, Market
from tests.support.shop import Answer
from tests.support.table import before_next_write

WRONG = "00000000"


class Counter:
    """Where buyers fetch what they ordered: two stores that keep goods for them, and one that does not."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.here, self.there = (market.store(f"Souk {n}", pickup=True, freight_minor=490) for n in (1, 2))
        self.elsewhere = market.store("Souk 3", rank=1)
        market.goods({"TEA": 500, "CUP": 900}, dict.fromkeys((self.here, self.there, self.elsewhere), 5))

    def order(self, **units: int) -> str:
        return self.market.pickup(units or {"TEA": 2, "CUP": 1}, self.here)

    def ready(self, **units: int) -> str:
        order_id = self.order(**units)
        self.lay_out(order_id).ok()
        return order_id

    def lay_out(self, order_id: str) -> Answer:
        answer = self.shop.post(f"/staff/pickups/{order_id}/ready", as_=self.shop.boss)
        self.shop.drain()
        return answer

    def slip(self, order_id: str, by: Caller = INES) -> dict[str, Any]:
        return dict(self.shop.get(f"/me/orders/{order_id}", as_=by).ok()["pickup"])

    def hand_out(self, order_id: str, code: str | None, at: str | None = None, **more: Any) -> Answer:
        handed = {"store_id": at or self.here, "code": code}
        answer = self.shop.post(f"/staff/pickups/{order_id}/hand-out", handed, as_=self.shop.boss, **more)
        self.shop.drain()
        return answer

    def without_code(self, order_id: str, by: Caller) -> Answer:
        handed = {"store_id": self.here, "reason": "The telephone is empty; passport seen"}
        return self.shop.post(f"/staff/pickups/{order_id}/hand-out", handed, as_=by)

    def status(self, order_id: str) -> str:
        return str(self.market.order(order_id)["status"])

    def topics(self, by: Caller = INES) -> list[str]:
        return sorted(one["topic"] for one in self.shop.get("/me/messages", as_=by).ok()["items"])


@pytest.fixture
def counter(market: Market) -> Counter:
    return Counter(market)


def said(answer: Answer) -> tuple[int, Any]:
    return answer.status, (answer.body or {}).get("code")


@pytest.mark.capability("STO-03")
@pytest.mark.parametrize(
    ("at", "tea", "expected"),
    [
        ("here", 5, (200, "here")),
        ("there", 5, (200, "there")),
        ("here", 6, (409, "insufficient_stock")),
        ("elsewhere", 1, (409, "no_pickup_there")),
        ("closed", 1, (409, "no_pickup_there")),
        ("nowhere", 1, (409, "no_pickup_there")),
    ],
)
def test_what_is_fetched_comes_from_the_store_that_was_chosen_or_from_none(
    counter: Counter, at: str, tea: int, expected: tuple[int, str]
) -> None:
    """Though another would come first, has enough, or is nearer; and nothing is paid for the way."""
    shut = counter.market.store("Souk 4", pickup=True, open=False)
    stores = {"here": counter.here, "there": counter.there, "elsewhere": counter.elsewhere, "closed": shut}
    way = {"delivery_method": "pickup", "pickup_store_id": stores.get(at, "sto_none")}
    quoted = counter.shop.post("/me/quotes", {"lines": [{"sku": "TEA", "quantity": tea}], **way}, as_=INES)
    if expected[0] == 409:
        assert said(quoted) == expected
    else:
        assert (quoted.status, quoted["store_id"]) == (200, stores[expected[1]])
        assert (quoted["freight_minor"], quoted["total_minor"], quoted["country"]) == (0, tea * 500, "PT")


@pytest.mark.parametrize(
    "way",
    [
        {"delivery_method": "pickup"},
        {"pickup_store_id": "sto_1"},
        {"delivery_method": "pickup", "pickup_store_id": "sto_1", "country": "PT"},
        {"delivery_method": "till", "pickup_store_id": "sto_1"},
    ],
)
def test_a_way_of_delivery_that_cannot_be_is_refused(counter: Counter, way: dict[str, str]) -> None:
    wish = {"lines": [{"sku": "TEA", "quantity": 1}], **way}
    assert counter.shop.post("/me/quotes", wish, as_=INES).status == 422
    assert counter.shop.post("/me/checkout", {**wish, "quote_id": "0" * 32, "contact": CONTACT}, as_=INES).status == 422


def test_the_quote_of_a_parcel_is_none_of_a_pickup(counter: Counter) -> None:
    counter.market.receive(counter.here, {"TEA": 1})
    edit = STORE | {"name": "Souk 1", "pickup": True, "rank": 0, "version": 1}
    counter.shop.put(f"/staff/stores/{counter.here}", edit, as_=counter.shop.boss).ok()
    kept.forget_all()
    parcel = counter.market.quote({"TEA": 1}).ok()
    assert (parcel["store_id"], parcel["total_minor"]) == (counter.here, 500)
    way: dict[str, Any] = {"delivery_method": "pickup", "pickup_store_id": counter.here, "address": None}
    changed = counter.market.checkout({"TEA": 1}, quote_id=parcel["quote_id"], **way)
    assert said(changed) == (409, "quote_changed") and changed["quote"]["delivery_method"] == "pickup"


def test_an_order_that_stands_is_answered_again_though_its_store_gives_nothing_out_any_more(counter: Counter) -> None:
    market, edit = counter.market, STORE | {"name": "Souk 1", "pickup": False, "rank": 0, "version": 1}
    way = {"delivery_method": "pickup", "pickup_store_id": counter.here}
    quote_id = counter.shop.post("/me/quotes", {"lines": [{"sku": "TEA", "quantity": 1}], **way}, as_=INES)["quote_id"]
    agreed: dict[str, Any] = {"quote_id": quote_id, "address": None, **way}
    order_id = market.checkout({"TEA": 1}, key="once", **agreed).ok()["order"]["order_id"]
    counter.shop.put(f"/staff/stores/{counter.here}", edit, as_=counter.shop.boss).ok()
    kept.forget_all()
    with counter.shop.unchanged():
        assert market.checkout({"TEA": 1}, key="once", **agreed).ok()["order"]["order_id"] == order_id
        assert said(market.checkout({"TEA": 2}, key="once", **agreed)) == (409, "idempotency_key_reused")
        assert said(market.checkout({"TEA": 1}, **agreed)) == (409, "no_pickup_there")


@pytest.mark.capability("STO-05")
@pytest.mark.capability("STO-06")
def test_goods_wait_reserved_and_leave_for_the_buyers_code(counter: Counter) -> None:
    order_id = counter.order()
    kept_order = counter.market.order(order_id)
    assert (kept_order["store_id"], kept_order["pickup_store_id"]) == (counter.here, counter.here)
    assert kept_order["address"]["street"] == "Rua Garrett 10" and kept_order["contact"]["name"] == CONTACT["name"]
    assert counter.shop.get(f"/me/orders/{order_id}", as_=INES)["pickup"] is None

    ready = counter.lay_out(order_id).ok()
    assert ready["status"] == "ready" and "pickup" not in ready
    assert counter.market.level("TEA", counter.here) == (5, 2, 3)
    (waiting,) = counter.shop.get(f"/staff/orders/waiting/{counter.here}/ready", as_=counter.shop.boss)["items"]
    assert waiting["order_id"] == order_id
    slip = counter.slip(order_id)
    assert slip["until"] == "2026-11-09T09:00:00Z"
    assert slip["code"] not in str([*counter.shop.everything().values()]), "it is kept somewhere"

    counter.shop.pass_time(hours=3)
    handed = counter.hand_out(order_id, slip["code"]).ok()
    assert [line["shipped"] for line in handed["lines"]] == [2, 1]
    assert [step["status"] for step in handed["history"]][-2:] == ["ready", "received"]
    assert counter.market.level("TEA", counter.here) == (3, 0, 3)
    entry = counter.shop.rows("StockEntry")[-1]
    assert (entry["cause"], entry["reference"], entry["delta"]) == ("pickup", order_id, -1)
    steps = counter.shop.get(f"/staff/handling/{order_id}", as_=counter.shop.boss)["steps"]
    assert [(step["step"], step["seconds"]) for step in steps][-1] == ("received", 3 * 3600)
    assert counter.topics() == ["order_paid", "order_ready", "order_received"]
    counter.shop.pass_time(days=15)
    assert counter.status(order_id) == "completed"


@pytest.mark.capability("STO-06")
def test_a_code_works_once_in_its_own_store_and_in_time(counter: Counter) -> None:
    order_id, late = counter.ready(TEA=1), counter.ready(TEA=1)
    code = counter.slip(order_id)["code"]
    with counter.shop.unchanged():
        assert said(counter.hand_out(order_id, code, at=counter.there)) == (409, "another_stores")
        assert said(counter.hand_out(order_id, code.lower())) == (422, "not_valid") or code.isdigit()
    assert said(counter.hand_out(late, code)) == (422, "wrong_pickup_code"), "the code of another order"
    counter.hand_out(order_id, code).ok()
    with counter.shop.unchanged():
        assert said(counter.hand_out(order_id, code)) == (409, "not_waiting")
    code = counter.slip(late)["code"]
    counter.shop.clock.at = counter.shop.clock.at.replace(day=10)  # its timers have not fired yet
    with counter.shop.unchanged():
        assert said(counter.hand_out(late, code)) == (409, "pickup_expired")


@pytest.mark.capability("STO-06")
def test_five_wrong_tries_lock_a_code_until_staff_issue_another(counter: Counter) -> None:
    order_id = counter.ready()
    right = counter.slip(order_id)["code"]
    left = [counter.hand_out(order_id, WRONG)["tries_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    with counter.shop.unchanged():
        assert said(counter.hand_out(order_id, right)) == (409, "pickup_locked")
    issued = counter.shop.post(f"/staff/pickups/{order_id}/code", as_=counter.shop.boss).ok()
    assert (issued["issue"], issued["tries_left"]) == (2, 5) and "code" not in issued
    another = counter.slip(order_id)["code"]
    assert another != right
    assert said(counter.hand_out(order_id, right)) == (422, "wrong_pickup_code")
    assert counter.hand_out(order_id, another)["status"] == "received"


@pytest.mark.capability("STO-06")
def test_of_many_tries_at_once_none_is_free(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = counter.ready()
    answers: list[Answer] = []

    def guess(more: int) -> None:
        """Each has read how many tries are left before the others write."""
        if more:
            before_next_write(monkeypatch, lambda: guess(more - 1))
        answers.append(counter.hand_out(order_id, WRONG))

    guess(7)
    assert sorted(said(one) for one in answers) == [(409, "pickup_locked")] * 3 + [(422, "wrong_pickup_code")] * 5


@pytest.mark.capability("STO-06")
def test_two_who_show_the_code_at_once_get_the_goods_once(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = counter.ready()
    code, answers = counter.slip(order_id)["code"], list[Answer]()
    before_next_write(monkeypatch, lambda: answers.append(counter.hand_out(order_id, code)))
    answers.append(counter.hand_out(order_id, code))
    assert [said(one) for one in answers] == [(200, None), (409, "not_waiting")]
    assert counter.market.stock("TEA")["on_hand"] == 13


def test_without_the_code_goods_leave_only_by_who_may_override_and_for_a_reason(counter: Counter) -> None:
    order_id = counter.ready()
    clerk = Caller(id="clerk", kind="staff", may=frozenset(PERMISSIONS) - {"orders.override"})
    with counter.shop.unchanged():
        assert said(counter.without_code(order_id, clerk)) == (403, "forbidden")
        both = {"store_id": counter.here, "code": WRONG, "reason": "no"}
        assert counter.shop.post(f"/staff/pickups/{order_id}/hand-out", both, as_=counter.shop.boss).status == 422
    assert counter.without_code(order_id, counter.shop.boss)["status"] == "received"
    trail = counter.shop.get("/staff/audit", as_=counter.shop.boss, subject=order_id).ok()["items"]
    assert {entry["reason"] for entry in trail} == {None, "The telephone is empty; passport seen"}


def test_the_code_is_shown_to_its_buyer_and_to_nobody_else(counter: Counter) -> None:
    order_id = counter.ready()
    code, boss = counter.slip(order_id)["code"], counter.shop.boss
    number = counter.market.order(order_id)["number"]
    assert counter.shop.get(f"/me/orders/by-number/{number}", as_=INES)["pickup"]["code"] == code
    assert counter.shop.get(f"/me/orders/{order_id}", as_=OTTO).status == 404
    paths = (f"/staff/orders/{order_id}", f"/staff/pickups/{order_id}", f"/staff/handling/{order_id}")
    claim = {"number": number, "phone_tail": "0117"}
    answers = [counter.shop.get(path, as_=boss) for path in paths] + [counter.shop.post("/access/orders", claim)]
    answers.append(counter.shop.get("/staff/audit", as_=boss, subject=order_id))
    answers.append(counter.shop.get("/me/messages", as_=INES))
    assert {answer.status for answer in answers} == {200}
    assert all(code not in str(answer.body) for answer in answers)


@pytest.mark.capability("STO-06")
def test_who_does_not_come_is_reminded_and_then_has_the_money_back(counter: Counter) -> None:
    order_id = counter.ready()
    counter.shop.pass_time(days=3, hours=11)
    counter.shop.drain()
    assert counter.topics() == ["order_paid", "order_ready"]
    counter.shop.pass_time(hours=2)
    counter.shop.drain(times=2)
    assert counter.topics() == ["order_paid", "order_ready", "pickup_reminder"]
    assert counter.market.level("TEA", counter.here) == (5, 2, 3)
    counter.shop.pass_time(days=4)
    counter.shop.drain(times=2)
    order = counter.market.order(order_id)
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "not fetched in time")
    assert counter.market.level("TEA", counter.here) == (5, 0, 5)
    (refund,) = counter.market.stripe.objects("refund")
    assert refund["amount"] == order["total_minor"] == 1900
    assert counter.shop.rows("Pick") == []


def test_what_a_lost_timer_left_undone_the_sweeper_does(counter: Counter) -> None:
    order_id = counter.ready()
    counter.shop.clock.at = counter.shop.clock.at.replace(day=9, minute=2)
    assert counter.shop.invoke("SweepOrders", {}) == 1
    assert counter.status(order_id) == "cancelled"
    assert counter.shop.invoke("SweepOrders", {}) == 0


def test_a_timer_that_fires_when_the_goods_are_gone_changes_nothing(counter: Counter) -> None:
    order_id = counter.ready()
    counter.hand_out(order_id, counter.slip(order_id)["code"]).ok()
    counter.shop.clock.at = counter.shop.clock.at.replace(day=10)
    with counter.shop.unchanged():
        counter.shop.invoke("ChasePickup", {"order_id": order_id})


@pytest.mark.capability("ORD-07")
def test_goods_that_wait_may_be_cancelled_or_fetched_and_nothing_else(counter: Counter) -> None:
    order_id, boss = counter.ready(), counter.shop.boss
    parcel = {"order_id": order_id, "carrier": "other", "tracking_number": "T-0001", "units": {"TEA": 1}}
    moves = {
        f"/staff/orders/{order_id}/confirm": {},
        f"/staff/orders/{order_id}/received": {},
        f"/staff/orders/{order_id}/complete": {},
        f"/staff/pickups/{order_id}/ready": {},
        f"/staff/handling/{order_id}/decline": {"store_id": counter.here, "reason": "no"},
        f"/staff/handling/{order_id}/assign": {"store_id": counter.there, "reason": "no"},
        "/staff/shipments": parcel,
    }
    with counter.shop.unchanged():
        for path, body in moves.items():
            assert (path, counter.shop.post(path, body, as_=boss).status) == (path, 409)
        assert counter.shop.post(f"/me/orders/{order_id}/received", {}, as_=INES).status == 409
    assert counter.market.cancel(order_id)["status"] == "cancelled"
    assert counter.market.level("TEA", counter.here) == (5, 0, 5)


def test_what_is_fetched_is_never_sent_and_what_is_sent_never_laid_out(counter: Counter) -> None:
    fetched, sent = counter.order(TEA=1), counter.market.laid_out({"TEA": 1})
    counter.shop.drain()
    with counter.shop.unchanged():
        assert said(counter.market.ship(fetched)) == (409, "to_be_fetched")
        assert said(counter.lay_out(sent)) == (409, "not_fetched")
        assert said(counter.shop.get(f"/staff/pickups/{sent}", as_=counter.shop.boss)) == (404, "not_laid_out")
        assert said(counter.hand_out(sent, WRONG, at=counter.elsewhere)) == (409, "not_waiting")


def test_a_store_that_declines_a_pickup_leaves_it_to_head_office(counter: Counter) -> None:
    """No other store may have it: the buyer was promised this one."""
    order_id, boss = counter.order(TEA=1), counter.shop.boss
    said_no = {"store_id": counter.here, "reason": "broken"}
    counter.shop.post(f"/staff/handling/{order_id}/decline", said_no, as_=boss).ok()
    assert counter.status(order_id) == "unassigned"
    assign = f"/staff/handling/{order_id}/assign"
    assert said(counter.shop.post(assign, {"store_id": counter.there, "reason": "near"}, as_=boss)) == (
        409,
        "to_be_fetched",
    )
    counter.shop.post(assign, {"store_id": counter.here, "reason": "found one"}, as_=boss).ok()
    assert (counter.status(order_id), counter.market.level("TEA", counter.here)) == ("confirmed", (5, 1, 4))


def test_goods_of_which_some_are_missing_wait_for_the_answer_about_them(counter: Counter) -> None:
    order_id, boss = counter.order(TEA=2, CUP=1), counter.shop.boss
    report = {"reference": "S-1", "sku": "CUP", "units": 1, "reason": "broken"}
    (found,) = counter.shop.post(f"/staff/shortages/{order_id}", report, as_=boss).ok()["shortages"]
    counter.shop.drain()
    with counter.shop.unchanged():
        assert said(counter.lay_out(order_id)) == (409, "shortage_open")
    answer = f"/me/shortages/{order_id}/{found['shortage_id']}"
    counter.shop.post(answer, {"choice": "refund"}, as_=INES).ok()
    counter.lay_out(order_id).ok()
    handed = counter.hand_out(order_id, counter.slip(order_id)["code"]).ok()
    assert [line["shipped"] for line in handed["lines"]] == [2, 0]
    assert counter.market.level("TEA", counter.here) == (3, 0, 3)
