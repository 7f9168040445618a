"""What an order costs: docs/cost.md is printed from these counts."""

import pytest

from tests.house.pages import cost
from tests.support import life
from tests.support.market import Market
from tests.support.meter import SIZES
from tests.support.people import People


@pytest.mark.capability("PLT-11")
def test_an_order_uses_what_its_cost_is_printed_from(
    market: Market, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived, said = life.metered(market, people, monkeypatch), cost.counts()
    changed = {
        f"{step}: {unit} {said.get(step, {}).get(unit)} -> {found}"
        for step, units in lived.items()
        for unit, found in units.items()
        if (abs(found - said[step][unit]) > max(100, found / 50) if unit in SIZES else found != said[step][unit])
    }
    assert lived.keys() == said.keys() and not changed, (
        f"An order uses more or less than {cost.FILE.name} says: {sorted(changed)}. "
        f"If that is meant, these are its lines now, then `make docs`:\n{cost.written(lived)}"
    )
