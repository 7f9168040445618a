"""Every five minutes: asks the provider for what nobody has told, and decides about late money that is held still."""

from souk.edge.task import task
from souk.edge.watch import count, logger
from souk.flows import late_payment, settle_payment

MOST = 200


def poll_payments() -> int:
    """How many were asked for or held."""
    outcomes = settle_payment.poll(MOST)
    for outcome in outcomes:
        count(outcome)
    held = list(late_payment.decide_held(MOST))
    if undecided := [code for code in held if code]:
        logger.warning("still held", extra={"codes": undecided})
    return len(outcomes) + len(held)


handler = task(poll_payments)
