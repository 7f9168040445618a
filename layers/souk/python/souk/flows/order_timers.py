"""The timers of an order: of payment, review, its store's answer, shortages, pickup, receipt and completion."""

from datetime import datetime, timedelta

from souk.domains.orders.store import orders as store
from souk.domains.stores.store.settings import at_hand
from souk.gateways import scheduler
from souk.kernel import clock

PUT_OFF = timedelta(days=1)


def await_payment(order_id: str, until: datetime) -> None:
    _set("unpaid", order_id, until, "close_unpaid")


def await_acceptance(order_id: str) -> None:
    """The order as it stands now decides, so facts may come twice and in any order.

    By the step, so that a name is not used again: the last store's timer may just have fired, and is being deleted.
    """
    settings, order = at_hand().settings, store.get(order_id)
    until = order.accept_by(settings.accept_time) if settings.confirm_by_hand else None
    if until:
        _set(f"accept-{order.step}", order_id, until, "chase_acceptance")


def await_review(order_id: str) -> None:
    order = store.get(order_id)
    if order.status == "held":
        _set("review", order_id, order.moved_at + at_hand().settings.review_time, "chase_review")


def await_pickup(order_id: str, remind_at: datetime, until: datetime) -> None:
    """The same is called at both times, and asks the clock which of them it is."""
    _set("remind", order_id, max(remind_at, clock.now()), "chase_pickup")
    _set("uncollected", order_id, max(until, clock.now()), "chase_pickup")


def await_receipt(order_id: str) -> None:
    _set("receive", order_id, clock.now() + at_hand().settings.receipt_time, "receive_order")


def await_answer(order_id: str, shortage_id: str) -> None:
    """About a shortage, or the end of the wait for it, by a name that counts its moves: none is used again."""
    shortage = store.get(order_id).shortage(shortage_id)
    if shortage.unsettled:
        payload = {"order_id": order_id, "shortage_id": shortage_id, "moves": shortage.moves}
        scheduler.set_timer(f"short-{shortage.moves}-{shortage_id}", shortage.due, "mind_shortage", payload)


def await_completion(order_id: str, until: datetime) -> None:
    """At that time, or at once where an order of long ago was entered."""
    scheduler.drop_timer(f"receive-{order_id}")
    _set("complete", order_id, max(until, clock.now()), "complete_order")


def put_completion_off(order_id: str) -> None:
    """By a name of its own: the timer that has just fired is still being deleted."""
    until = clock.now() + PUT_OFF
    _set(f"complete-{until:%Y%m%d}", order_id, until, "complete_order")


def no_payment_awaited(order_id: str) -> None:
    scheduler.drop_timer(f"unpaid-{order_id}")


def _set(what: str, order_id: str, at: datetime, target: str) -> None:
    scheduler.set_timer(f"{what}-{order_id}", at, target, {"order_id": order_id})
