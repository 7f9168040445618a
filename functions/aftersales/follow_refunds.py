"""Refunds of a case: what the provider did brings the case to where its money is."""

from souk.domains.aftersales import actions
from souk.domains.payments import store as payments
from souk.domains.payments.events import RefundFailed, RefundOwed, RefundPosted
from souk.edge.task import on
from souk.table.unit import Unit


def follow_refunds(fact: RefundOwed | RefundPosted | RefundFailed, unit: Unit) -> None:
    if fact.case_id:
        refunds = payments.refunds_of_case(fact.order_id, fact.case_id)
        actions.follow_refunds(unit, fact.case_id, [refund.status for refund in refunds])


handler = on((RefundOwed, follow_refunds), (RefundPosted, follow_refunds), (RefundFailed, follow_refunds))
