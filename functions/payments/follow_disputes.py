"""Every six hours: finds the disputes that no webhook told of, and asks daily about those that are not decided."""

from souk.edge.task import task
from souk.edge.watch import count
from souk.flows import disputes

MOST = 200


def follow_disputes() -> int:
    """How many were asked for."""
    outcomes = list(disputes.find(MOST))
    for outcome in outcomes:
        count(outcome)
    return len(outcomes)


handler = task(follow_disputes)
