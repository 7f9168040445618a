"""The shop under simulated faults: nothing oversold, lost or stuck, whatever the seed."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.simulation.faults import KINDS
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
    assert met.keys() == {*KINDS} and ends["completed"] > 20 and ends["cancelled"] > 20


def test_the_same_seed_is_the_same_history() -> None:
    """In another process too, whatever order sets have there."""
    here = play(16).world.hash()
    for order in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": order, "PYTHONPATH": os.pathsep.join(sys.path)}
        asked = [sys.executable, "-m", "tests.simulation", "--seed", "16"]
        told = subprocess.run(asked, env=env, capture_output=True, check=True, text=True)
        assert told.stdout.splitlines()[-1] == f"hash {here}"
    assert here != play(17).world.hash()
