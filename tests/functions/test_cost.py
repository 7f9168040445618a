"""What an order costs: docs/cost.md is printed from these counts."""

from decimal import Decimal

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
    changed = [
        f"{step}: {unit} {said[step][unit]} -> {found}"
        for step in lived.keys() & said.keys()
        for unit, found in lived[step].items()
        if not same(unit, found, said[step][unit])
    ]
    assert lived.keys() == said.keys() and not changed, (
        f"An order does not use what {cost.FILE.name} says: {sorted(changed)}. "
        f"If that is meant, the file is this now, and then `make docs`:\n{cost.written(lived)}"
    )


def same(unit: str, found: Decimal, said: Decimal) -> bool:
    """Texts are a few bytes longer or shorter each time."""
    return abs(found - said) <= max(Decimal(100), said / 50) if unit in SIZES else found == said
