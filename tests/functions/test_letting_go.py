"""A cancellation lets go of authorised money: whoever hears of it first, it is told as what it was."""

from collections.abc import Callable
from typing import Any

import pytest

from souk.domains.payments.actions import attempts
from souk.domains.payments.model.payment import Payment
from souk.gateways.providers import Intent
from souk.kernel.caller import Caller
from tests.support import books
from tests.support.authorised import booked, charges, state
from tests.support.market import INES, Market
from tests.support.shop import Answer
from tests.support.table import before_next_write

pytestmark = [pytest.mark.capability("PAY-16"), pytest.mark.capability("ORD-17")]


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(capture="at_shipment")
    market.goods({"CUP": 1000}, {market.store(pickup=True): 50})
    return market


def confirmed(market: Market) -> str:
    order_id = market.buy({"CUP": 2})
    market.prepare(order_id)
    assert state(market, order_id) == ("confirmed", "authorised")
    return order_id


def cancelling(market: Market) -> str:
    (intent,) = market.stripe.objects("payment_intent")
    return f"/v1/payment_intents/{intent['id']}/cancel"


def told(market: Market) -> set[tuple[str, bool]]:
    """The topics of messages, and whether they are to the buyer."""
    market.shop.drain()
    return {(row["topic"], row["owner_id"] == INES.id) for row in market.shop.rows("Message")}


def cancelled(market: Market, order_id: str, by: Caller | str, reason: str) -> None:
    """By them, for that reason, and for no lack of money; nothing was taken, and the goods may be sold again."""
    order = market.order(order_id)
    assert state(market, order_id) == ("cancelled", "voided")
    assert (order["cancel_reason"], order["history"][-1]["by"]) == (reason, by if isinstance(by, str) else by.id)
    topics = told(market)
    assert ("order_cancelled", True) in topics and not {one for one in topics if one[0] == "payment_lapsed"}
    assert (booked(market), market.stock("CUP")["reserved"]) == ([], 0)
    assert {taken for taken, _ in charges(market)} == {0}
    books.check(market.shop)


def test_a_cancellation_whose_own_webhook_is_quicker_is_the_buyers_and_is_answered_as_done(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = confirmed(market)
    before_next_write(monkeypatch, market.hear, of="Order")
    answered = market.cancel(order_id)
    assert (answered.status, answered["status"]) == (200, "cancelled")
    cancelled(market, order_id, INES, "changed my mind")


def test_what_is_cancelled_as_the_bank_promises_its_money_is_the_buyers_doing_too(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = market.checkout({"CUP": 2})
    market.pay(placed)
    stop = attempts.stop

    def stop_late(payment: Payment) -> Intent | None:
        """The webhooks of both, that it is authorised and that it is no more, are quicker than the command."""
        market.hear()
        assert market.order(payment.order_id)["status"] == "paid"
        stopped = stop(payment)
        market.hear()
        return stopped

    monkeypatch.setattr(attempts, "stop", stop_late)
    order_id = str(placed["order"]["order_id"])
    answered = market.cancel(order_id)
    assert (answered.status, answered["status"]) == (200, "cancelled")
    cancelled(market, order_id, INES, "changed my mind")


def test_a_rejection_whose_own_webhook_is_quicker_is_staffs(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    market.set_up(review_above_minor=1)
    order_id = market.buy({"CUP": 2})
    market.lay_out(order_id)
    assert state(market, order_id) == ("held", "authorised")
    before_next_write(monkeypatch, market.hear, of="Order")
    market.shop.post(f"/staff/handling/{order_id}/reject", {"reason": "fraud"}, as_=market.shop.boss).ok()
    cancelled(market, order_id, market.shop.boss, "fraud")


def test_what_is_released_before_its_rejection_was_asked_for_goes_its_way_and_after_that_it_ends(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.set_up(review_above_minor=1)

    def approve(order_id: str) -> None:
        market.shop.post(f"/staff/handling/{order_id}/approve", as_=market.shop.boss).ok()

    def reject(order_id: str) -> Answer:
        return market.shop.post(f"/staff/handling/{order_id}/reject", {"reason": "fraud"}, as_=market.shop.boss)

    first, second = market.buy({"CUP": 1}), market.buy({"CUP": 2})
    for order_id in (first, second):
        market.lay_out(order_id)
    before_next_write(monkeypatch, lambda: approve(first), of="Order")
    refused = reject(first)
    assert (refused.status, refused["code"]) == (409, "not_in_that_state")
    market.hear()
    assert state(market, first) == ("confirmed", "authorised")
    market.ship(first).ok()
    monkeypatch.setattr(attempts, "stop", _then(attempts.stop, lambda: approve(second)))
    reject(second).ok()
    order = market.order(second)
    assert (state(market, second), order["cancel_reason"]) == (("cancelled", "voided"), "fraud")


def _then(act: Callable[..., Any], meanwhile: Callable[[], None]) -> Callable[..., Any]:
    def acted(*args: Any) -> Any:
        answer = act(*args)
        if once:
            once.pop()()
        return answer

    once = [meanwhile]
    return acted


def test_what_is_not_fetched_in_time_is_cancelled_for_that_though_its_own_webhook_is_quicker(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.set_up(pickup_seconds=86_400)
    (store,) = market.shop.get("/staff/stores", as_=market.shop.boss).ok()["items"]
    order_id = market.pickup({"CUP": 2}, store["store_id"])
    market.shop.post(f"/staff/pickups/{order_id}/ready", as_=market.shop.boss).ok()
    market.shop.drain()
    market.shop.pass_time(hours=23)
    before_next_write(monkeypatch, market.hear, of="Order")
    market.shop.pass_time(hours=2)
    cancelled(market, order_id, "system:chase_pickup", "not fetched in time")


@pytest.mark.parametrize("finder", ["webhook", "poller", "shipping", "buyer"])
def test_a_cancellation_that_broke_off_once_it_was_asked_for_is_finished_by_whoever_hears_of_it(
    market: Market, finder: str
) -> None:
    order_id = confirmed(market)
    market.stripe.fail_next("timeout_after", 2, cancelling(market))
    assert market.cancel(order_id).status == 503
    assert state(market, order_id) == ("confirmed", "authorised")
    if finder == "webhook":
        market.hear()
    elif finder == "poller":
        market.shop.pass_time(days=6, hours=1)
        market.shop.invoke("PollPayments", {})
    elif finder == "shipping":
        assert market.ship(order_id)["code"] == "payment_lapsed"
    else:
        market.cancel(order_id).ok()
    cancelled(market, order_id, INES, "changed my mind")


def test_a_cancellation_that_was_in_vain_changes_nothing_about_what_is_shipped(market: Market) -> None:
    order_id = confirmed(market)
    market.stripe.fail_next("timeout_before", 2, cancelling(market))
    assert market.cancel(order_id).status == 503
    market.stripe.control("config", faults=[])
    market.ship(order_id).ok()
    market.hear()
    assert (state(market, order_id), charges(market)) == (("shipped", "captured"), [(2000, 0)])
    refused = market.cancel(order_id)
    assert (refused.status, refused["code"]) == (409, "not_in_that_state")


def test_only_the_same_cancellation_is_answered_as_done_before(market: Market) -> None:
    order_id = confirmed(market)
    first = market.cancel(order_id).ok()
    assert market.cancel(order_id).ok() == first
    path = f"/me/orders/{order_id}/cancel"
    other = market.shop.post(path, {"reason": "too late"}, as_=INES)
    assert (other.status, other["code"]) == (409, "not_in_that_state")
