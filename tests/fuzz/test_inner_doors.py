"""Garbage at the doors that no client sees: facts, workflow steps, timers, queues, the stream, the authorizer."""

import inspect
import json
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from moto.scheduler.models import scheduler_backends

from souk.edge.http import Api
from tests.fuzz.trade import Trade, trading
from tests.house.code import handlers
from tests.house.pages import facts
from tests.support.context import ACCOUNT, REGION
from tests.support.template import FunctionResource

# Nothing that could be read as a number, a time or a yes.
GARBAGE: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.text("x#/%\u202e\ud83d é", max_size=70),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.sampled_from(("order_id", "#")), st.none(), max_size=2),
)
INNER = [(function, module) for function, module in handlers() if not isinstance(getattr(module, "app", None), Api)]
FACTS = {fact.name(): fact for fact in facts.facts()}
TOLD = [(function, fact) for function, module in INNER for fact in getattr(module.handler, "facts", ())]
STEPS = {
    function.logical_id: list(inspect.signature(getattr(module, function.path.stem)).parameters)
    for function, module in INNER
    if not function.properties.get("Events") and function.logical_id != "Authorize"
}
# Of a fact that says little, most of what may take its place is right too.
few = settings(max_examples=12, suppress_health_check=[HealthCheck.filter_too_much])


@pytest.fixture(scope="module")
def trade() -> Iterator[Trade]:
    with trading(1) as made:
        yield made


@cache
def schema(fact: str) -> Draft202012Validator:
    return Draft202012Validator(facts.schema_of(FACTS[fact]))


def fails(trade: Trade, function: str, event: Any) -> bool:
    """Whether the function does; either way nothing is written and nothing is set to happen later."""
    group = scheduler_backends[ACCOUNT][REGION].schedule_groups[os.environ["TIMER_GROUP"]]
    before, timers = trade.shop.everything(), set(group.schedules)
    try:
        trade.shop.invoke(function, event)
        failed = False
    except Exception:
        failed = True
    assert trade.shop.everything() == before
    assert set(group.schedules) == timers
    return failed


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in below:
        yield (*place, name)
        yield from places(value, (*place, name))


@pytest.mark.parametrize(("function", "fact"), TOLD, ids=lambda one: getattr(one, "logical_id", one))
@few
@given(data=st.data())
def test_a_fact_that_is_none_is_refused_whole(
    trade: Trade, function: FunctionResource, fact: str, data: st.DataObject
) -> None:
    event = facts.example_of(FACTS[fact])
    place = data.draw(st.sampled_from(list(places(event["detail"]["data"]))))
    node = event["detail"]["data"]
    for step in place[:-1]:
        node = node[step]
    if data.draw(st.booleans()):
        node[place[-1]] = data.draw(GARBAGE)
    else:
        del node[place[-1]]
    assume(not schema(fact).is_valid(event["detail"]["data"]))
    assert fails(trade, function.logical_id, event)


@pytest.mark.parametrize("step", STEPS)
@few
@given(data=st.data())
def test_a_step_or_a_timer_of_what_is_not_there_changes_nothing(trade: Trade, step: str, data: st.DataObject) -> None:
    event = {
        name: data.draw(st.one_of(GARBAGE, st.sampled_from(trade.known.get(name, [None])))) for name in STEPS[step]
    }
    spoiled = data.draw(st.sampled_from([*STEPS[step], "stray"]))
    # A token is any text.
    event[spoiled] = data.draw(GARBAGE.filter(lambda one: spoiled != "token" or not isinstance(one, str)))
    fails(trade, step, event)


@few
@given(body=st.one_of(GARBAGE, st.dictionaries(st.sampled_from(("Records", "import_id", "rows")), GARBAGE)))
@pytest.mark.parametrize("function", [one.logical_id for one, _ in INNER if list(one.events("SQS"))])
def test_a_message_that_is_none_changes_nothing(trade: Trade, function: str, body: Any) -> None:
    fails(trade, function, {"Records": [{"messageId": "1", "body": json.dumps(body)}]})


@few
@given(image=st.one_of(GARBAGE, st.dictionaries(st.sampled_from(("kind", "body", "PK")), GARBAGE)))
def test_a_record_of_the_stream_that_is_no_fact_is_not_told(trade: Trade, image: Any) -> None:
    assert fails(trade, "TellFacts", {"Records": [{"dynamodb": {"NewImage": image}}]})


@few
@given(headers=st.one_of(GARBAGE, st.dictionaries(st.sampled_from(("Authorization", "authorization")), GARBAGE)))
def test_the_authorizer_lets_no_garbage_in(trade: Trade, headers: Any) -> None:
    event = {"type": "REQUEST", "methodArn": "arn:aws:execute-api:eu-west-1:1:api/v1/GET/me/cart", "headers": headers}
    assert fails(trade, "Authorize", event)
