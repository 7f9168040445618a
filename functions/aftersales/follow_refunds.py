"""Refunds of a case: what the provider did brings the case to where its money is."""

from souk.domains.payments.events import RefundFailed, RefundMadeUp, RefundOwed, RefundPosted
from souk.edge.task import on
from souk.flows import refund
from souk.table.unit import Unit


def follow_refunds(fact: RefundOwed | RefundPosted | RefundFailed | RefundMadeUp, unit: Unit) -> None:
    if fact.case_id:
        refund.follow(unit, fact.order_id, fact.case_id)


handler = on(
    (RefundOwed, follow_refunds),
    (RefundPosted, follow_refunds),
    (RefundFailed, follow_refunds),
    (RefundMadeUp, follow_refunds),
)
