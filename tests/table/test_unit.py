"""The unit of work: all of it or nothing, and why not."""

from collections.abc import Callable, Sequence
from itertools import permutations

import pytest

from souk.kernel.errors import Conflict
from souk.kernel.fact import Fact
from souk.table import ask, current, keys
from souk.table.actions import Action
from souk.table.conditions import Absent, Equals, Present, at_least
from souk.table.dynamo import DynamoTable
from souk.table.port import TryAgain
from souk.table.unit import MOST_ACTIONS, AlreadyThere, ChangedMeanwhile, Contended, ToldFact, Unit
from tests.support.shop import Shop
from tests.table.boxes import BOX, Box


class Refusal(Conflict):
    title = "Said by the test"


class BoxMoved(Fact):
    box_id: str


def keep(*boxes: Box) -> None:
    with Unit() as unit:
        for box in boxes:
            unit.save(BOX, box)


def box(box_id: str) -> Box | None:
    return ask.find(BOX, Box, box_id=box_id)


FAILING: dict[str, Callable[[Unit, str, Refusal], object]] = {
    "add": lambda unit, at, refusal: unit.add(BOX, Box(box_id=at), otherwise=refusal),
    "save": lambda unit, at, refusal: unit.save(BOX, Box(box_id=at, version=7), otherwise=refusal),
    "change": lambda unit, at, refusal: unit.change(
        BOX, box_id=at, add={"units": -9}, only_if=(at_least("units", 9),), otherwise=refusal
    ),
    "check": lambda unit, at, refusal: unit.check(BOX, Absent(), box_id=at, otherwise=refusal),
    "remove": lambda unit, at, refusal: unit.remove(BOX, Equals("version", 7), box_id=at, otherwise=refusal),
}


@pytest.mark.parametrize("how", list(permutations(FAILING, 2)), ids="-".join)
def test_the_first_condition_that_fails_names_its_refusal_in_the_order_of_the_command(how: tuple[str, str]) -> None:
    keep(Box(box_id="x", units=5), Box(box_id="y", units=5))
    unit = Unit()
    unit.add(BOX, Box(box_id="new"))
    for at, way in zip("xy", how, strict=True):
        FAILING[way](unit, at, Refusal(at=at))
    with pytest.raises(Refusal) as refused:
        unit.commit()
    assert refused.value.facts == {"at": "x"}
    assert box("new") is None
    assert [box(at) for at in "xy"] == [Box(box_id=at, units=5, version=1) for at in "xy"]


def test_what_holds_is_written_all_at_once() -> None:
    keep(Box(box_id="counted", units=5), Box(box_id="gone"), Box(box_id="edited"), Box(box_id="seen"))
    with Unit() as unit:
        unit.change(BOX, box_id="counted", add={"units": -5}, only_if=(at_least("units", 5),))
        unit.remove(BOX, Present(), box_id="gone")
        edited = unit.save(BOX, Box(box_id="edited", label="new", version=1))
        unit.check(BOX, Equals("version", 1), box_id="seen", otherwise=Refusal())
    assert (box("counted"), box("gone"), box("edited")) == (Box(box_id="counted", version=2), None, edited)


def test_without_a_word_of_its_own_a_write_says_what_came_between() -> None:
    keep(Box(box_id="x"))
    stale: dict[type[Conflict], Sequence[Callable[[Unit], object]]] = {
        AlreadyThere: [lambda unit: unit.add(BOX, Box(box_id="x")), lambda unit: unit.save(BOX, Box(box_id="x"))],
        ChangedMeanwhile: [
            lambda unit: unit.save(BOX, Box(box_id="x", version=2)),
            lambda unit: unit.change(BOX, box_id="y", only_if=(Present(),)),
            lambda unit: unit.remove(BOX, Present(), box_id="y"),
        ],
    }
    for refusal, writes in stale.items():
        for write in writes:
            with pytest.raises(refusal), Unit() as unit:
                write(unit)
    assert (box("x"), box("y")) == (Box(box_id="x", version=1), None)


def test_counting_what_is_not_there_yet_leaves_a_whole_item() -> None:
    for _ in range(2):
        with Unit() as unit:
            unit.change(BOX, box_id="x", add={"units": 3})
    assert box("x") == Box(box_id="x", units=6, version=2)


def test_a_fact_is_saved_with_the_change_it_speaks_of_or_not_at_all(shop: Shop) -> None:
    def move() -> None:
        with Unit() as unit:
            unit.add(BOX, Box(box_id="x"))
            unit.tell(BoxMoved(box_id="x"))

    move()
    with pytest.raises(AlreadyThere):
        move()
    (fact,) = shop.rows("Fact")
    told = ask.get(keys.FACT, ToldFact, fact_id=fact["fact_id"])
    assert (told.detail_type, told.detail["data"]) == ("BoxMoved", {"box_id": "x"})


def test_a_command_that_ends_badly_writes_nothing() -> None:
    def fail() -> None:
        with Unit() as unit:
            unit.add(BOX, Box(box_id="x"))
            raise Refusal

    with pytest.raises(Refusal):
        fail()
    assert box("x") is None


class Busy(DynamoTable):
    """Is in conflict so many times, then writes."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times, self.tokens = times, list[str]()

    def write(self, actions: Sequence[Action], token: str) -> None:
        self.tokens.append(token)
        if len(self.tokens) <= self.times:
            raise TryAgain
        super().write(actions, token)


def test_a_conflict_is_tried_again_as_the_same_write() -> None:
    current.use(busy := Busy(times=4))
    keep(Box(box_id="x"))
    assert box("x")
    assert (len(busy.tokens), len(set(busy.tokens))) == (5, 1)
    keep(Box(box_id="y"))
    assert len(set(busy.tokens)) == 2, "another command is another write"


def test_who_never_gets_through_is_told_so() -> None:
    current.use(busy := Busy(times=99))
    with pytest.raises(Contended):
        keep(Box(box_id="x"))
    assert (len(busy.tokens), len(set(busy.tokens))) == (10, 1)
    assert box("x") is None


def test_more_than_one_transaction_takes_is_refused_before_it_is_sent() -> None:
    keep(*(Box(box_id=str(n)) for n in range(MOST_ACTIONS)))
    with pytest.raises(ValueError, match="101 writes"):
        keep(*(Box(box_id=f"more-{n}") for n in range(MOST_ACTIONS + 1)))
    assert box("99") and not box("more-0")


@pytest.mark.parametrize("how", ["change", "check", "remove", "add"])
def test_an_item_is_written_once_in_a_transaction(how: str) -> None:
    unit = Unit()
    unit.save(BOX, Box(box_id="x"))
    FAILING[how](unit, "x", Refusal())
    with pytest.raises(ValueError, match="two writes of one item"):
        unit.commit()
    assert box("x") is None


def test_nothing_to_write_is_no_write() -> None:
    current.use(busy := Busy(times=0))
    with Unit():
        pass
    assert busy.tokens == []
