"""Who serves an order, and why: the decision as a table of cases, and what holds of every case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.stores.model.allocation import Allocation, allocate, candidates
from souk.domains.stores.model.settings import MOST_PARTS
from souk.domains.stores.model.store import Store
from tests.support.market import STORE

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SATURDAY = MONDAY + timedelta(days=5)
WEEKDAYS = [{"day": day, "opens": "09:00", "closes": "18:00"} for day in ("mon", "tue", "wed", "thu", "fri")]
Goods = Mapping[str, int]


@dataclass(frozen=True)
class Place:
    """A store with its goods; `terms` are what differs from one that is open, serves everywhere and has no hours."""

    name: str
    goods: Goods
    country: str = "PT"
    terms: Mapping[str, Any] = field(default_factory=dict)

    def store(self, rank: int) -> Store:
        address = STORE["address"] | {"country": self.country}  # type: ignore[operator]
        return Store.model_validate(
            STORE | {"store_id": self.name, "name": self.name, "address": address, "rank": rank} | dict(self.terms)
        )


@dataclass(frozen=True)
class Case:
    """`places` stand by rank. `served` is what each store sends, or nothing; `why` is the whole explanation."""

    about: str
    wanted: Goods
    places: tuple[Place, ...]
    served: Mapping[str, Goods]
    why: tuple[str, ...]
    country: str = "PT"
    at: datetime = MONDAY
    most_parts: int = 3

    def decide(self) -> Allocation:
        stores = [place.store(rank) for rank, place in enumerate(self.places)]
        chosen = candidates(stores, self.country, self.at)
        chosen.need_some(self.country)
        found = allocate(chosen.asked, self.wanted, available(self.places), self.most_parts)
        return found._replace(explanation=[*chosen.explanation, *found.explanation])


def available(places: Iterable[Place]) -> dict[tuple[str, str], int]:
    return {(sku, place.name): units for place in places for sku, units in place.goods.items()}


NEAR, FAR, ABROAD = Place("Near", {"TEA": 5, "CUP": 1}), Place("Far", {"TEA": 5, "CUP": 5}), {"country": "ES"}
CASES = (
    Case(
        "the first store that has it",
        wanted={"TEA": 5, "CUP": 1},
        places=(NEAR, FAR),
        served={"Near": {"TEA": 5, "CUP": 1}},
        why=("Near has all of it",),
    ),
    Case(
        "the next one, where the first is short of something",
        wanted={"TEA": 1, "CUP": 2},
        places=(NEAR, FAR),
        served={"Far": {"TEA": 1, "CUP": 2}},
        why=("Near is short of CUP", "Far has all of it"),
    ),
    Case(
        "a store of the buyer's country before one of a better rank",
        wanted={"TEA": 1},
        places=(Place("Abroad", {"TEA": 5}, **ABROAD), NEAR),  # type: ignore[arg-type]
        served={"Near": {"TEA": 1}},
        why=("Near has all of it",),
    ),
    Case(
        "the same order to where the other store stands",
        wanted={"TEA": 1},
        places=(Place("Abroad", {"TEA": 5}, **ABROAD), NEAR),  # type: ignore[arg-type]
        served={"Abroad": {"TEA": 1}},
        why=("Abroad has all of it",),
        country="ES",
    ),
    Case(
        "a store that works that day before one that does not",
        wanted={"TEA": 1},
        places=(Place("Office", {"TEA": 5}, terms={"hours": WEEKDAYS}), NEAR),
        served={"Near": {"TEA": 1}},
        why=("Office does not work that day and comes later", "Near has all of it"),
        at=SATURDAY,
    ),
    Case(
        "on its days it comes first",
        wanted={"TEA": 1},
        places=(Place("Office", {"TEA": 5}, terms={"hours": WEEKDAYS}), NEAR),
        served={"Office": {"TEA": 1}},
        why=("Office has all of it",),
    ),
    Case(
        "no store on its holiday, if another works",
        wanted={"TEA": 1},
        places=(Place("Resting", {"TEA": 5}, terms={"holidays": ["2026-11-02"]}), FAR),
        served={"Far": {"TEA": 1}},
        why=("Resting does not work that day and comes later", "Far has all of it"),
    ),
    Case(
        "a closed store is not asked",
        wanted={"TEA": 1},
        places=(Place("Closed", {"TEA": 5}, terms={"open": False}), FAR),
        served={"Far": {"TEA": 1}},
        why=("Closed is closed", "Far has all of it"),
    ),
    Case(
        "a store that does not deliver there is not asked",
        wanted={"TEA": 1},
        places=(Place("Local", {"TEA": 5}, terms={"serves": ["PT"]}), FAR),
        served={"Far": {"TEA": 1}},
        why=("Local does not deliver to DE", "Far has all of it"),
        country="DE",
    ),
    Case(
        "one store has all of it, though an earlier pair could share it",
        wanted={"TEA": 6},
        places=(NEAR, FAR, Place("Depot", {"TEA": 9})),
        served={"Depot": {"TEA": 6}},
        why=("Near is short of TEA", "Far is short of TEA", "Depot has all of it"),
    ),
    Case(
        "split, where no store has all of it: the first ones first",
        wanted={"TEA": 6, "CUP": 4},
        places=(NEAR, FAR),
        served={"Near": {"TEA": 5}, "Far": {"TEA": 1, "CUP": 4}},
        why=(
            "Near is short of TEA, CUP",
            "Far is short of TEA",
            "Together they have it: 5 TEA from Near; 1 TEA, 4 CUP from Far",
        ),
    ),
    Case(
        "a line is not divided where one of them has all of it",
        wanted={"TEA": 5, "CUP": 2, "POT": 1},
        places=(NEAR, Place("Kiln", {"POT": 1}), Place("Far", {"CUP": 5})),
        served={"Near": {"TEA": 5}, "Kiln": {"POT": 1}, "Far": {"CUP": 2}},
        why=(
            "Near is short of CUP, POT",
            "Kiln is short of TEA, CUP",
            "Far is short of TEA, POT",
            "Together they have it: 5 TEA from Near; 1 POT from Kiln; 2 CUP from Far",
        ),
    ),
    Case(
        "two later ones rather than three early ones",
        wanted={"TEA": 9},
        places=(Place("A", {"TEA": 3}), Place("B", {"TEA": 3}), Place("C", {"TEA": 3}), Place("D", {"TEA": 6})),
        served={"A": {"TEA": 3}, "D": {"TEA": 6}},
        why=(*(f"{name} is short of TEA" for name in "ABCD"), "Together they have it: 3 TEA from A; 6 TEA from D"),
    ),
    Case(
        "nobody, where it would take more stores than the shop wants",
        wanted={"TEA": 9},
        places=(Place("A", {"TEA": 3}), Place("B", {"TEA": 3}), Place("C", {"TEA": 3})),
        served={},
        why=(*(f"{name} is short of TEA" for name in "ABC"), "No 2 of them have all of it together"),
        most_parts=2,
    ),
    Case(
        "nobody, where the shop splits nothing",
        wanted={"TEA": 6},
        places=(NEAR, FAR),
        served={},
        why=("Near is short of TEA", "Far is short of TEA"),
        most_parts=1,
    ),
    Case(
        "nobody, where all of them have too little",
        wanted={"TEA": 11},
        places=(NEAR, FAR),
        served={},
        why=("Near is short of TEA", "Far is short of TEA", "No 3 of them have all of it together"),
    ),
)


@pytest.mark.capability("STO-03")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_the_table_of_decisions(case: Case) -> None:
    found = case.decide()
    assert {part.store_id: part.units for part in found.parts} == case.served
    assert tuple(found.explanation) == case.why
    assert (found.shortage is None) == bool(case.served)


SKUS = ("TEA", "CUP", "POT")
goods = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 6), min_size=1)


@pytest.mark.capability("STO-03")
@pytest.mark.capability("INV-03")
@given(goods, st.lists(goods, min_size=1, max_size=6), st.integers(1, MOST_PARTS))
def test_it_is_served_by_the_fewest_stores_that_have_it_and_again_by_the_same(
    wanted: Goods, stocks: list[Goods], most_parts: int
) -> None:
    places = tuple(Place(f"S{number}", there) for number, there in enumerate(stocks))
    case = Case("", wanted, places, {}, (), most_parts=most_parts)
    found, there = case.decide(), available(places)
    assert found == case.decide()

    enough = [
        number
        for number in range(1, most_parts + 1)
        for chosen in combinations([place.name for place in places], number)
        if all(sum(there.get((sku, name), 0) for name in chosen) >= units for sku, units in wanted.items())
    ]
    assert len(found.parts) == (min(enough) if enough else 0)
    for part in found.parts:
        assert part.units and all(units <= there[sku, part.store_id] for sku, units in part.units.items())
    if found.parts:
        sent = {sku: sum(part.units.get(sku, 0) for part in found.parts) for sku in wanted}
        assert sent == wanted and found.store and found.store.store_id == found.parts[0].store_id
    assert len(found.explanation) >= min(len(places), 1)
