"""Money that is owed is sent: the provider is asked under the refund's own id, so that a repetition sends nothing."""

from souk.domains.payments.actions import refunds
from souk.domains.payments.events import RefundOwed
from souk.edge.task import on
from souk.edge.watch import count
from souk.table.unit import Unit


def send_refund(fact: RefundOwed, unit: Unit) -> None:
    count(refunds.send(unit, fact.order_id, fact.refund_id))


handler = on((RefundOwed, send_refund))
