"""Reading: one item, many by their keys, and pages without gap or repeat."""

from collections.abc import Sequence

import pytest

from souk.kernel.errors import Missing, Unavailable
from souk.table import ask, current
from souk.table.actions import Put
from souk.table.patterns import Pattern
from souk.table.port import At, Row, TryAgain
from souk.table.record import row_of
from tests.support.memory import MemoryTable
from tests.support.table import calls
from tests.table.boxes import BOX, BOXES, LAST_BOXES, LAST_PARTS, PARTS, Box


def keep(*ids: str, shelf: str = "a") -> None:
    for number, box_id in enumerate(ids):
        current.table().write([Put(row_of(BOX, Box(box_id=box_id, shelf=shelf)))], f"token-{shelf}-{number}")


def pages(pattern: Pattern, limit: int, **more: str) -> list[list[str]]:
    found, position = [], None
    while True:
        rows = ask.ask(pattern, limit=limit, position=position, shelf="a", **more)
        found.append([box.box_id for box in rows.all(BOX, Box)])
        position = rows.position
        if position is None:
            return found


@pytest.mark.parametrize("pattern", [BOXES, LAST_BOXES, PARTS, LAST_PARTS], ids=lambda pattern: pattern.title)
def test_pages_of_any_size_hold_every_item_once_and_in_order(pattern: Pattern) -> None:
    ids = [f"b{n:02d}" for n in range(13)]
    keep(*ids[::2], *ids[1::2])
    keep("b05x", "b99x", shelf="other")
    expected = ids[::-1] if pattern.newest_first else ids
    for limit in (1, 2, 3, 12, 13, 14):
        found = pages(pattern, limit)
        assert [one for page in found for one in page] == expected
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert 0 < len(found[-1]) <= limit, "no page is empty"


@pytest.mark.parametrize("pattern", [BOXES, PARTS], ids=lambda pattern: pattern.title)
def test_what_comes_and_goes_between_two_pages_moves_nothing_else(pattern: Pattern) -> None:
    ids = [f"b{n:02d}" for n in range(0, 20, 2)]
    keep(*ids)
    first = ask.ask(pattern, limit=4, shelf="a")
    keep("b01", "b19")
    current.table().write([Put(row_of(BOX, Box(box_id="b06", shelf=None)))], "off-the-shelf")
    rest = ask.ask(pattern, position=first.position, shelf="a")
    assert [box.box_id for box in rest.all(BOX, Box)] == [*ids[4:], "b19"]


def test_nothing_is_one_empty_page_without_another() -> None:
    assert pages(BOXES, 3) == pages(PARTS, 3) == [[]]


@pytest.mark.parametrize("pattern", [BOXES, PARTS], ids=lambda pattern: pattern.title)
def test_since_and_until_bound_a_list_and_its_pages(pattern: Pattern) -> None:
    keep(*(f"b{n}" for n in range(8)))
    assert pages(pattern, 2, since="b2", until="b6") == [["b2", "b3"], ["b4", "b5"], ["b6"]]
    assert pages(pattern, 2, since="b7", until="b1") == [[]]


def test_a_page_is_one_query_and_one_of_each_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(*(f"b{n}" for n in range(8)))
    made = calls(monkeypatch)
    ask.ask(BOXES, limit=3, shelf="a")
    assert made == ["query"]
    ask.ask(PARTS, limit=3, shelf="a")
    assert made == ["query"] * 5


def test_any_number_of_keys_is_read_in_batches_of_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"b{n:03d}" for n in range(250)]
    keep(*ids)
    made = calls(monkeypatch)
    ats = [ask.key(BOX, box_id=box_id) for box_id in [*ids, *ids[:30], "absent"]]
    assert sorted(box.box_id for box in ask.many(ats).all(BOX, Box)) == ids
    assert made == ["read_many"] * 3
    with pytest.raises(ValueError, match="501 keys"):
        ask.many(ask.key(BOX, box_id=str(n)) for n in range(501))
    assert ask.many([]).rows == []


@pytest.mark.parametrize("box_id", ["absent", "", "a#b", "a\nb", "x" * 513])
def test_what_is_not_there_or_could_never_be_is_missing(box_id: str) -> None:
    with pytest.raises(Missing):
        ask.get(BOX, Box, box_id=box_id)


class Throttled(MemoryTable):
    """Answers every so many calls."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self.every, self.asked = every, 0

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        self.asked += 1
        if self.asked % self.every:
            raise TryAgain
        return super().read_many(ats)


def test_a_throttled_read_is_tried_again_and_given_up_with_a_word() -> None:
    current.use(table := Throttled(every=5))
    keep("x")
    assert len(ask.many([ask.key(BOX, box_id="x")]).rows) == 1
    assert table.asked == 5
    current.use(Throttled(every=6))
    with pytest.raises(Unavailable):
        ask.many([ask.key(BOX, box_id="x")])
