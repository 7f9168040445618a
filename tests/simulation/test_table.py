"""What goes wrong at the simulated table; tests/table holds the one below it to moto, where nothing does."""

import pytest

from souk.table.actions import Change, ConditionFailed, Put
from souk.table.conditions import Absent, at_least
from souk.table.port import At, Range, Row, TryAgain
from tests.simulation.faults import Dealt
from tests.simulation.schedule import Schedule
from tests.simulation.table import LATEST_TTL, TOKEN_SECONDS, Mismatch, SimulatedTable
from tests.simulation.wire import LATENCY, Wire

BOX = At("BOX#1", "BOX")
NEW = [Put({"PK": BOX.pk, "SK": BOX.sk, "kind": "Box", "available": 5, "gsi1pk": "a", "gsi1sk": "1"}, (Absent(),))]
TAKE = [Change(BOX, {"available": -1}, only_if=(at_least("available", 1),))]


def made(**faults: str) -> SimulatedTable:
    """A table whose only task meets these faults: `at3="lag"` is the fourth time that something may go wrong."""
    plan = Dealt({("test.1", int(name.removeprefix("at"))): kind for name, kind in faults.items()})
    return SimulatedTable(Wire(Schedule(1), plan), 0.0, lambda changed: None)


def later(table: SimulatedTable, seconds: float = LATENCY) -> SimulatedTable:
    table._wire.schedule.now += seconds
    return table


def test_a_token_is_the_same_write_for_ten_minutes_and_no_longer() -> None:
    table = made()
    table.write(NEW, "new")
    later(table).write(TAKE, "take")
    later(table).write(TAKE, "take")
    assert table.rows[BOX]["available"] == 4
    later(table, TOKEN_SECONDS).write(TAKE, "take")
    assert table.rows[BOX]["available"] == 3
    with pytest.raises(Mismatch):
        later(table).write(NEW, "take")


def test_transactions_on_one_item_collide_while_the_first_is_at_work() -> None:
    table = made()
    table.write(NEW, "new")
    table._busy_until[BOX] = table._wire.schedule.now + LATENCY
    with pytest.raises(TryAgain):
        table.write(TAKE, "take")
    with pytest.raises(TryAgain):
        table.read_at_once([BOX])
    later(table, 2 * LATENCY).write(TAKE, "take")
    assert later(table).read_at_once([BOX]) == [table.rows[BOX]]


@pytest.mark.parametrize("kind", ["timeout_after", "error_after", "timeout_before", "throttle"])
def test_a_lost_answer_says_nothing_of_what_was_written(kind: str) -> None:
    table, found = made(at2=kind), list[Row | None]()

    def take() -> None:
        with table._wire.running(pytest, 60.0):
            table.write(NEW, "new")
            table._wire.pause(1.0)
            with pytest.raises(TryAgain):
                table.write(TAKE, "take")
            found.append(dict(table.rows[BOX]))

    table._wire.schedule.spawn("test", take)
    table._wire.schedule.run()
    assert [row and row["available"] for row in found] == [4 if kind.endswith("after") else 5]


def test_an_index_shows_what_was_a_moment_ago() -> None:
    table, seen = made(at3="lag"), list[int]()

    def look() -> None:
        with table._wire.running(pytest, 60.0):
            table.write(NEW, "new")
            seen.append(len(table.query(Range("a", " ", "~", "gsi1"), 9)))
            seen.append(len(table.query(Range("BOX#1", " ", "~"), 9)))

    table._wire.schedule.spawn("test", look)
    table._wire.schedule.run()
    assert seen == [0, 1]


def test_what_is_over_is_still_there_until_it_is_deleted() -> None:
    table = made()
    over = [Put({"PK": "CART#1", "SK": "CART", "kind": "Cart", "expires_at": 100})]
    table.write(over, "over")
    assert later(table, 101.0).read(At("CART#1", "CART")) is not None
    assert later(table, LATEST_TTL).read(At("CART#1", "CART")) is None


def test_a_refused_transaction_leaves_nothing_behind() -> None:
    table = made()
    table.write(NEW, "new")
    other = Put({"PK": "BOX#2", "SK": "BOX", "kind": "Box"})
    with pytest.raises(ConditionFailed):
        later(table).write([other, *NEW], "again")
    assert At("BOX#2", "BOX") not in table.rows and table.commits == 1
