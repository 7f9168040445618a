"""Refunds of a case: what the provider did brings the case to where its money is."""

from souk.domains.aftersales import actions, store
from souk.domains.payments import actions as payments
from souk.domains.payments import store as refunds
from souk.domains.payments.events import RefundFailed, RefundOwed, RefundPosted
from souk.edge.task import on
from souk.table.unit import Unit


def follow_refunds(fact: RefundOwed | RefundPosted | RefundFailed, unit: Unit) -> None:
    if fact.case_id:
        # The case first: who has seen older refunds has then seen an older case too, and is refused.
        case = store.get(fact.case_id)
        found = refunds.refunds_of_case(fact.order_id, fact.case_id)
        if actions.follow_refunds(unit, case, [(refund.status, refund.amount_minor) for refund in found]):
            payments.hold(unit, found)


handler = on((RefundOwed, follow_refunds), (RefundPosted, follow_refunds), (RefundFailed, follow_refunds))
