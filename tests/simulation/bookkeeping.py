"""What head office sees to when a month is over: the books are closed, and each merchant is settled with."""

from souk.domains.ledger.model.period import CLOSING_GRACE
from tests.simulation.accounting import DAY, LAST_DAY
from tests.simulation.delivery import Letter
from tests.simulation.people import People
from tests.simulation.steps import placed


def month_closed(people: People) -> None:
    """With a voucher that was dated there late, and another that was taken back."""
    people.then(people.clerk.post_voucher, "1", LAST_DAY)
    people.then(people.clerk.void_voucher, people.then(people.clerk.post_voucher, "2", LAST_DAY)["voucher_id"])
    people.world.schedule.pause(CLOSING_GRACE.total_seconds())
    closed = people.then(people.clerk.close_month)
    people.world.checker.need(closed.status == 200, "I25", closed.body)


def settled(people: People) -> None:
    """A merchant's sale, taken back, and what was given beside it: closed and paid out; what was taken comes late."""
    order_id, secret = placed(people, {"POT": 1})
    people.go_on()
    people.then(people.pay, order_id, secret)
    merchant_id = str(people.world.checker.orders[order_id].merchant_id)
    people.then(people.buyer.cancel, order_id)
    people.then(people.clerk.adjust_merchant, merchant_id, 500, "1")
    people.world.schedule.pause(32 * DAY)
    people.then(people.world.delivery.send, Letter("CloseSettlements", {}))
    people.then(people.clerk.adjust_merchant, merchant_id, -200, "2")
    paid_out = people.then(people.clerk.pay_merchant, merchant_id, "2026-11")
    people.world.checker.need(paid_out.status == 200, "I25", paid_out.body)
