"""Every five minutes: asks the provider for what no webhook and no return page has told."""

from souk.edge.task import task
from souk.edge.watch import count
from souk.flows import settle_payment

MOST = 200


def poll_payments() -> int:
    """How many were asked for."""
    outcomes = settle_payment.poll(MOST)
    for outcome in outcomes:
        count(outcome)
    return len(outcomes)


handler = task(poll_payments)
