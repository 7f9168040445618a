"""The simulation's table against a DynamoDB that somebody else has written, over HTTP as the functions speak to it.

By default that of the local cloud. `SOUK_DYNAMODB=http://127.0.0.1:8000` names DynamoDB Local besides, if somebody
runs one: Amazon's own, which is no package.

Errors of the local cloud's that are known lie beside what `table/` sends, so nothing is left out here: it takes a put
without its sort key, a number added to a text, and two changes of one attribute in one update.
"""

import json
import os
from collections.abc import Iterator, Sequence
from itertools import count

import boto3
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pynamodb.exceptions import TransactWriteError

from infra.local.aws import local_cloud
from infra.local.processes import free_ports
from souk.table.actions import Change, Put
from souk.table.conditions import Absent
from souk.table.dynamo import DynamoTable
from souk.table.port import At, Range, Row, Table
from tests.simulation.schedule import Schedule
from tests.simulation.table import SimulatedTable
from tests.simulation.wire import LATENCY, Wire
from tests.support import template
from tests.support.shop import environment
from tests.support.transactions import ATS, Place, Write, action, outcome, queries, transactions

AMAZONS = "SOUK_DYNAMODB"
NAME = "second-opinion"
Query = tuple[str, list[str], bool, int]
_example = count()


@pytest.fixture(scope="module", params=["the local cloud", "DynamoDB Local"])
def dynamo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    if request.param == "the local cloud":
        with local_cloud(tmp_path_factory.mktemp("cloud"), free_ports(1)) as aws:
            yield from _table_at(aws.endpoint)
    elif AMAZONS in os.environ:
        yield from _table_at(os.environ[AMAZONS])
    else:
        pytest.skip(f"{AMAZONS} names no DynamoDB Local")


def _table_at(endpoint: str) -> Iterator[Table]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (environment() | {"AWS_ENDPOINT_URL": endpoint, "TABLE_NAME": NAME}).items():
            patch.setenv(name, value)
        ground = template.read("infra/data.yaml")["Resources"]["Table"]["Properties"]
        wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        client = boto3.client("dynamodb")
        client.create_table(TableName=NAME, **{name: json.loads(json.dumps(ground[name])) for name in wanted})
        try:
            yield DynamoTable()
        finally:
            client.delete_table(TableName=NAME)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.generate])
@given(
    history=st.lists(st.tuples(transactions, st.sampled_from((1, 1, 2))), max_size=8),
    asked=st.lists(queries, max_size=6),
)
def test_it_answers_as_the_simulation_does(
    dynamo: Table, history: list[tuple[dict[Place, Write], int]], asked: list[Query]
) -> None:
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


def test_a_token_is_one_transaction_and_no_other(dynamo: Table) -> None:
    """As the simulation has it: sent again it does nothing, and for another transaction it is refused."""
    box = At("BOX#token", "BOX")
    dynamo.write([Put({"PK": box.pk, "SK": box.sk, "kind": "Box", "available": 5}, (Absent(),))], "made")
    for _ in range(3):
        dynamo.write([Change(box, {"available": -1})], "taken")
    assert (dynamo.read(box) or {})["available"] == 4
    with pytest.raises(TransactWriteError) as refused:
        dynamo.write([Change(box, {"available": -2})], "taken")
    assert refused.value.cause_response_code == "IdempotentParameterMismatchException"
