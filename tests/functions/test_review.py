"""Orders that are held for review: who holds them and why, and what becomes of them."""

from typing import Any

import pytest

from tests.support.market import ADDRESS, INES, OTTO, Market
from tests.support.shop import Answer

TEA = 500
ELSEWHERE = ADDRESS | {"street": "Rua do Sol 3", "postal_code": "4000-001", "city": "Porto"}


class Desk:
    """A store with tea, and the people who review its orders."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.store_id, self.pair = market.store(), list[str]()
        market.goods({"TEA": TEA}, {self.store_id: 500})

    def bought(self, units: int = 1, wanted: dict[str, int] | None = None, **more: Any) -> str:
        """Paid, and taken up by its workflow."""
        placed = self.market.checkout(wanted or {"TEA": units}, **more)
        self.market.pay(placed)
        self.market.hear()
        self.shop.drain()
        order_id = str(placed["order"]["order_id"])
        self.market.prepare(order_id)
        return order_id

    def delivered(self, **more: Any) -> str:
        order_id = self.bought(**more)
        self.market.ship(order_id).ok()
        self.shop.post(f"/staff/orders/{order_id}/received", as_=self.shop.boss).ok()
        self.shop.drain()
        return order_id

    def move(self, order_id: str, verb: str, **said: str) -> Answer:
        answer = self.shop.post(f"/staff/handling/{order_id}/{verb}", said, as_=self.shop.boss)
        self.shop.drain()
        return answer

    def status(self, order_id: str) -> str:
        return str(self.market.order(order_id)["status"])

    def held_for(self, order_id: str) -> list[str]:
        return list(self.shop.get(f"/staff/handling/{order_id}", as_=self.shop.boss).ok()["held_for"])

    def topics(self, **store: str) -> list[str]:
        found = self.shop.get("/staff/messages", as_=self.shop.boss, limit=100, **store).ok()["items"]
        return [message["topic"] for message in found]


@pytest.fixture
def desk(market: Market) -> Desk:
    return Desk(market)


@pytest.mark.capability("ORD-15")
def test_an_order_above_the_limit_waits_for_its_review_and_goes_on_when_it_is_approved(desk: Desk) -> None:
    desk.market.set_up(review_above_minor=2 * TEA)
    below, above = desk.bought(2), desk.bought(3)
    assert (desk.status(below), desk.held_for(below)) == ("confirmed", [])
    assert (desk.status(above), desk.held_for(above)) == ("held", ["high_total"])
    assert desk.shop.get(f"/staff/picks/{above}", as_=desk.shop.boss).status == 404
    waiting = desk.shop.get(f"/staff/orders/waiting/{desk.store_id}/held", as_=desk.shop.boss).ok()["items"]
    assert [card["order_id"] for card in waiting] == [above]
    assert desk.topics().count("order_held") == desk.topics(store_id=desk.store_id).count("order_held") == 1
    assert desk.market.level("TEA", desk.store_id) == (500, 5, 495)

    assert desk.move(above, "approve").ok()["status"] == "confirmed"
    history = [step["status"] for step in desk.market.order(above)["history"]]
    assert history == ["awaiting_payment", "paid", "held", "released", "confirmed"]
    assert desk.shop.get(f"/staff/picks/{above}", as_=desk.shop.boss).ok()["units"] == {"TEA": 3}
    assert "order_released" in desk.topics(store_id=desk.store_id)
    assert desk.move(above, "approve")["code"] == "not_in_that_state"


@pytest.mark.capability("ORD-15")
def test_a_rejected_order_ends_with_its_goods_and_its_money_back(desk: Desk) -> None:
    desk.market.set_up(review_above_minor=0)
    order_id = desk.bought(3)
    assert desk.move(order_id, "reject", reason="the card is not the buyer's").ok()["status"] == "cancelled"
    assert desk.market.level("TEA", desk.store_id) == (500, 0, 500)
    (refund,) = desk.market.money(order_id)["refunds"]
    assert refund["amount_minor"] == 3 * TEA
    assert desk.move(order_id, "reject", reason="once more")["code"] == "not_in_that_state"


def test_of_two_who_decide_at_once_one_does(desk: Desk) -> None:
    """Who rejects an order that a colleague has just released does not cancel it by that."""
    desk.market.set_up(review_above_minor=0)
    order_id = desk.bought()
    desk.move(order_id, "approve").ok()
    with desk.shop.unchanged():
        assert desk.move(order_id, "reject", reason="late")["code"] == "not_in_that_state"
    assert desk.status(order_id) == "confirmed"


@pytest.mark.capability("ORD-15")
def test_an_address_is_new_until_this_buyer_has_had_an_order_delivered_there(desk: Desk) -> None:
    desk.market.set_up(review_new_address=True)
    first, second = desk.bought(), desk.bought()
    assert desk.held_for(first) == desk.held_for(second) == ["new_address"], "what is not delivered proves nothing"
    desk.move(first, "approve").ok()
    desk.market.ship(first).ok()
    desk.shop.post(f"/staff/orders/{first}/received", as_=desk.shop.boss).ok()

    same = ADDRESS | {"street": "avenida  do jardim, 200", "name": "I. Carvalho"}
    assert [desk.status(desk.bought(address=one)) for one in (ADDRESS, same)] == ["confirmed"] * 2
    assert desk.held_for(desk.bought(address=ELSEWHERE)) == ["new_address"]
    assert desk.held_for(desk.bought(by=OTTO)) == ["new_address"], "another's deliveries are not this buyer's"


@pytest.mark.parametrize("way", ["confirm", "decline and confirm", "assign and confirm", "ship", "wait"])
def test_nobody_gets_round_the_review_by_being_quicker_than_the_workflow(desk: Desk, way: str) -> None:
    desk.delivered()
    desk.market.set_up(review_above_minor=0, review_new_address=True, confirm_by_hand=True)
    other = desk.market.store("Souk Baixa", rank=200)
    desk.market.receive(other, {"TEA": 9})
    order_id = desk.market.paid({"TEA": 1})
    boss, at = desk.shop.boss, {"reason": "quick"}
    if way.startswith("decline"):
        desk.move(order_id, "decline", store_id=desk.store_id, **at).ok()
    elif way.startswith("assign"):
        desk.move(order_id, "assign", store_id=other, **at).ok()
    if way == "wait":
        desk.shop.pass_time(minutes=16)
        desk.shop.invoke("SweepOrders", {})
    elif way == "ship":
        assert desk.market.ship(order_id)["code"] == "not_in_that_state"
    else:
        refused = desk.shop.post(f"/staff/orders/{order_id}/confirm", as_=boss)
        assert refused["code"] == ("review_pending" if way == "confirm" else "not_in_that_state")
    if way != "wait":
        desk.market.prepare(order_id)
    assert (desk.status(order_id), desk.held_for(order_id)) == ("held", ["high_total"])


def test_an_order_is_reviewed_once_whatever_store_has_it_then(desk: Desk) -> None:
    desk.market.set_up(review_above_minor=0)
    other = desk.market.store("Souk Baixa", rank=200)
    desk.market.receive(other, {"TEA": 9})
    order_id = desk.bought()
    desk.move(order_id, "approve").ok()
    desk.move(order_id, "decline", store_id=desk.store_id, reason="broken").ok()
    assert (desk.status(order_id), desk.market.order(order_id)["store_id"]) == ("confirmed", other)


@pytest.mark.parametrize(("decision", "status"), [("approve", "released"), ("reject", "cancelled"), (None, "held")])
def test_a_review_that_takes_too_long_is_reminded_of_and_what_is_decided_is_not(
    desk: Desk, decision: str | None, status: str
) -> None:
    desk.market.set_up(review_above_minor=0, review_seconds=3600, confirm_by_hand=True)
    order_id = desk.bought()
    desk.shop.pass_time(minutes=59)
    assert "review_overdue" not in desk.topics()
    if decision:
        desk.move(order_id, decision, **({"reason": "no"} if decision == "reject" else {})).ok()
    desk.shop.pass_time(minutes=2)
    desk.shop.invoke("ChaseReview", {"order_id": order_id})
    desk.shop.drain(times=2)
    assert desk.topics().count("review_overdue") == (decision is None)
    assert desk.status(order_id) == status


def test_a_released_order_that_was_left_lying_is_found_and_prepared(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.market.set_up(review_above_minor=0)
    order_id = desk.bought()
    with monkeypatch.context() as patch:
        patch.setattr("souk.flows.order_lifecycle.prepare", _breaks_off)
        assert desk.move(order_id, "approve").status == 500
    assert desk.status(order_id) == "released"
    desk.shop.pass_time(minutes=16)
    desk.shop.invoke("SweepOrders", {})
    assert desk.status(order_id) == "confirmed"


def test_a_held_order_that_nobody_reviews_counts_as_stuck_in_the_end(desk: Desk) -> None:
    desk.market.set_up(review_above_minor=0, review_seconds=3600)
    desk.bought()
    for minutes, stuck in ((170, 0), (20, 1)):
        desk.shop.pass_time(minutes=minutes)
        assert desk.shop.invoke("FindStuckOrders", {}) == stuck


def test_a_buyer_is_not_told_what_an_order_is_held_for(desk: Desk) -> None:
    desk.market.set_up(review_above_minor=0)
    order_id = desk.bought()
    seen = desk.shop.get(f"/me/orders/{order_id}", as_=INES).ok()
    assert seen["status"] == "held" and "high_total" not in str(seen)
    assert desk.market.cancel(order_id).ok()["status"] == "cancelled"


@pytest.fixture
def pair(desk: Desk) -> Desk:
    """Two stores with four cups each, in a shop that reviews orders of more than four."""
    desk.pair = [desk.market.store(f"Souk {n}", rank=n) for n in (1, 2)]
    desk.market.goods({"CUP": 100}, dict.fromkeys(desk.pair, 4))
    desk.market.set_up(review_above_minor=400)
    return desk


@pytest.mark.capability("ORD-15")
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_what_several_stores_hold_is_reviewed_as_one_before_it_is_split(pair: Desk, verb: str) -> None:
    pair.market.set_up(review_above_minor=None)
    pair.delivered(address=ELSEWHERE)
    pair.market.set_up(review_above_minor=400, review_new_address=True)
    order_id = pair.bought(wanted={"CUP": 6})
    order = pair.market.order(order_id)
    assert (order["status"], order["became"]) == ("held", [])
    assert pair.held_for(order_id) == ["high_total", "new_address"]
    assert [pair.market.level("CUP", one)[1] for one in pair.pair] == [4, 2]
    pair.move(order_id, verb, **({"reason": "no"} if verb == "reject" else {})).ok()
    if verb == "reject":
        assert [pair.market.level("CUP", one)[1] for one in pair.pair] == [0, 0]
        return
    assert pair.status(order_id) == "split"
    parts = [link["order_id"] for link in pair.market.order(order_id)["became"]]
    pair.market.set_up(review_above_minor=0)
    for part in parts:
        pair.market.prepare(part)
    assert [pair.status(part) for part in parts] == ["confirmed"] * 2, "what the whole was asked its parts are not"
    assert [pair.topics(store_id=one).count("order_to_prepare") for one in pair.pair] == [1, 1]
    assert "order_released" not in pair.topics(store_id=pair.pair[0])


@pytest.mark.capability("ORD-15")
def test_what_cannot_be_split_any_more_is_not_approved_but_rejected(pair: Desk) -> None:
    """Its buyer's bank has taken the money: the parts could not have their shares."""
    order_id = pair.bought(wanted={"CUP": 6})
    (charge,) = (one["latest_charge"] for one in pair.market.stripe.objects("payment_intent"))
    pair.market.stripe.control(f"charges/{charge}/dispute")
    pair.market.hear()
    pair.shop.drain()
    assert (pair.move(order_id, "approve")["code"], pair.status(order_id)) == ("money_gone_back", "held")
    pair.move(order_id, "reject", reason="the bank has it").ok()
    assert [pair.market.level("CUP", one)[1] for one in pair.pair] == [0, 0]
    assert pair.market.money(order_id)["balances"]["overdrawn_minor"] == 0


def test_a_released_split_that_was_left_lying_is_found_and_split(pair: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = pair.bought(wanted={"CUP": 6})
    with monkeypatch.context() as patch:
        patch.setattr("souk.flows.order_lifecycle.prepare", _breaks_off)
        assert pair.move(order_id, "approve").status == 500
    pair.shop.pass_time(minutes=16)
    pair.shop.invoke("SweepOrders", {})
    assert pair.status(order_id) == "split"


def test_nobody_gets_round_the_review_by_splitting_first(pair: Desk) -> None:
    order_id = pair.market.paid({"TEA": 2})
    parts = [{"store_id": pair.store_id, "units": {"TEA": 1}}]
    path, said = f"/staff/handling/{order_id}/split", {"parts": parts, "reason": "quick"}
    with pair.shop.unchanged():
        assert pair.shop.post(path, said, as_=pair.shop.boss)["code"] == "review_pending"
    pair.market.prepare(order_id)
    with pair.shop.unchanged():
        assert pair.shop.post(path, said, as_=pair.shop.boss)["code"] == "not_in_that_state"
    pair.move(order_id, "approve").ok()
    pair.shop.post(path, said, as_=pair.shop.boss).ok()


def test_what_orders_were_merged_into_is_reviewed_anew(pair: Desk) -> None:
    """Each of them was below the limit."""
    small = [pair.bought(wanted={"CUP": 3}) for _ in range(2)]
    at = {"store_id": pair.pair[0], "reason": "one parcel"}
    pair.market.receive(pair.pair[0], {"CUP": 9})
    pair.shop.post(f"/staff/handling/{small[1]}/assign", at, as_=pair.shop.boss).ok()
    said = {"order_ids": small, "reason": "one parcel"}
    into = pair.shop.post("/staff/handling/merge", said, as_=pair.shop.boss).ok()["order_id"]
    pair.market.prepare(into)
    assert (pair.status(into), pair.held_for(into)) == ("held", ["high_total"])
    assert pair.move(into, "approve").ok()["status"] == "confirmed"


def test_what_its_buyer_fetches_is_reviewed_and_what_they_carry_out_is_not(desk: Desk) -> None:
    desk.market.set_up(review_above_minor=0, review_new_address=True)
    at = desk.market.store("Souk Alfama", pickup=True)
    desk.market.receive(at, {"TEA": 9})
    fetched = desk.market.pickup({"TEA": 1}, at)
    assert (desk.status(fetched), desk.held_for(fetched)) == ("held", ["high_total", "new_address"])
    desk.move(fetched, "approve").ok()
    desk.shop.post(f"/staff/pickups/{fetched}/ready", as_=desk.shop.boss).ok()
    line = {"sku": "TEA", "quantity": 1}
    sale = {"store_id": at, "sale_id": "1", "lines": [line], "paid_by": "cash", "total_minor": TEA}
    sold = desk.shop.post("/staff/sales", sale, as_=desk.shop.boss).ok()["order_id"]
    desk.shop.drain()
    assert (desk.status(sold), desk.held_for(sold)) == ("received", [])


def _breaks_off(*_: object) -> None:
    raise RuntimeError
