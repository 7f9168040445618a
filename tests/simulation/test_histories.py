"""The shop under simulated faults: nothing oversold, lost or stuck, whatever the seed."""

from collections import Counter

import pytest

from tests.simulation.history import play
from tests.simulation.run import explain

HISTORIES, PARTS = 500, 10


@pytest.mark.capability("INV-04")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_holds_in_every_history(part: int) -> None:
    met: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for seed in range(part, HISTORIES, PARTS):
        outcome = play(seed)
        assert outcome.violation is None, explain(seed)
        met.update(outcome.world.wire.plan.dealt.values())
        ends.update(order.status for order in outcome.world.checker.orders.values())
    print(dict(met), dict(ends))
    assert len(met) > 10 and ends["completed"] > 20 and ends["cancelled"] > 20


def test_the_same_seed_is_the_same_history() -> None:
    for seed in range(5):
        assert play(seed).world.hash() == play(seed).world.hash()
    assert play(0).world.hash() != play(1).world.hash()
