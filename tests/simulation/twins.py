"""The simulation's table beside another one: both are written and asked the same."""

from collections.abc import Sequence
from itertools import count

from souk.table.port import At, Range, Row, Table
from tests.simulation.schedule import Schedule
from tests.simulation.table import SimulatedTable
from tests.simulation.wire import LATENCY, Wire
from tests.table.test_memory import ATS, Place, Write, action, outcome

Query = tuple[str, list[str], bool, int]
_example = count()


def need_same_answers(dynamo: Table, history: Sequence[tuple[dict[Place, Write], int]], asked: Sequence[Query]) -> None:
    """Each transaction is sent so many times under its one token; what both hold is compared after every one."""
    prefix = f"{next(_example)}="
    simulated = SimulatedTable(Wire(Schedule(1)), 0.0, lambda changed: None)
    ats = [At(f"{prefix}{pk}", sk) for pk, sk in ATS]
    for number, (transaction, times) in enumerate(history):
        actions = [action(prefix, where, write) for where, write in transaction.items()]
        for _ in range(times):
            simulated._wire.schedule.now += LATENCY
            assert outcome(simulated, actions, f"{prefix}{number}") == outcome(dynamo, actions, f"{prefix}{number}")
        assert [simulated.read(at) for at in ats] == [dynamo.read(at) for at in ats]
    assert _in_order(simulated, ats) == _in_order(dynamo, ats)
    for pk, (first, last), backwards, limit in asked:
        within = Range(f"{prefix}{pk}", first, last, "gsi1" if pk in "xy" else None, backwards)
        assert simulated.query(within, limit) == dynamo.query(within, limit)


def _in_order(table: Table, ats: Sequence[At]) -> list[Row]:
    return sorted(table.read_many(ats), key=lambda row: (str(row["PK"]), str(row["SK"])))
