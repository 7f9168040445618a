"""A forced fault raises its alarm, and no other, until it is mended.

In CloudWatch's place stands tests/support/cloudwatch.py, over the metric lines that functions print and the templates'
definitions. Dead letters of a deployed shop are in tests/e2e.
"""

import pytest

from tests.support.cloudwatch import alarms
from tests.support.faults import COMES_WITH, FAULTS, Fault, Scene
from tests.support.market import Market
from tests.support.people import People


@pytest.mark.capability("PLT-13")
@pytest.mark.capability("PAY-16")
@pytest.mark.capability("SYS-06")
@pytest.mark.parametrize(("fault", "alarm"), FAULTS.items(), ids=lambda one: getattr(one, "__name__", one))
def test_a_forced_fault_raises_its_alarm_and_no_other_until_it_is_mended(
    market: Market, people: People, capsys: pytest.CaptureFixture[str], fault: Fault, alarm: str
) -> None:
    scene = Scene(market, people, capsys)
    assert scene.raised() == set()
    with fault(scene):
        assert scene.raised() == {alarm} | COMES_WITH.get(alarm, set())
    scene.over(alarms()[alarm])
    assert scene.raised() == set()
