"""The table in memory answers as DynamoDB does, so that what is proved on it holds."""

from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from souk.table import current
from souk.table.port import At, Range
from tests.support.memory import MemoryTable
from tests.support.transactions import ATS, Place, Write, action, outcome, queries, transactions

_example = count()


@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate],  # to shrink what fails takes minutes on moto
)
@given(history=st.lists(transactions, max_size=8), asked=st.lists(queries, max_size=6))
def test_whatever_is_written_and_asked_both_tables_answer_the_same(
    history: list[dict[Place, Write]], asked: list[tuple[str, list[str], bool, int]]
) -> None:
    prefix = f"{next(_example)}-"
    dynamo, memory = current.table(), MemoryTable()
    ats = [At(f"{prefix}{pk}", sk) for pk, sk in ATS]
    for number, transaction in enumerate(history):
        actions = [action(prefix, where, write) for where, write in transaction.items()]
        assert outcome(memory, actions, "") == outcome(dynamo, actions, f"{prefix}{number}")
        for at in ats:
            assert memory.read(at) == dynamo.read(at)
    by_place = [sorted(table.read_many(ats), key=lambda row: (row["PK"], row["SK"])) for table in (memory, dynamo)]
    assert by_place[0] == by_place[1]
    assert memory.read_at_once(ats) == dynamo.read_at_once(ats)
    for pk, (first, last), backwards, limit in asked:
        within = Range(f"{prefix}{pk}", first, last, "gsi1" if pk in "xy" else None, backwards)
        assert memory.query(within, limit) == dynamo.query(within, limit)
