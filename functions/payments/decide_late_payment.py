"""Money that came when its order was over: the order is served after all, or the money goes back."""

from souk.domains.payments.events import PaidTooLate
from souk.edge.task import on
from souk.flows import late_payment


def decide_late_payment(fact: PaidTooLate) -> None:
    late_payment.decide(fact.order_id, fact.intent_id)


handler = on((PaidTooLate, decide_late_payment))
