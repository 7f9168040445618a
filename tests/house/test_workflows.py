"""Workflows: named like their tasks, never waiting for ever, retrying what passes by itself, undoing what was done."""

import json
import re
from pathlib import Path

import pytest

from souk.flows import returns
from souk.flows.order_lifecycle import UNDO
from tests.house.code import FUNCTIONS, camel
from tests.support import template
from tests.support.template import ROOT
from tests.support.workflows import ORDER_LIFE, WAIT, function_of, machine, read, tasks, walk

TRANSIENT = {
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "Unavailable",
    "Contended",
    "ChangedMeanwhile",
}
TIMEOUT, ANY = "States.Timeout", "States.ALL"
FILES = sorted(FUNCTIONS.rglob("*.asl.json"))
TASKS = {function.logical_id: function for function in template.functions()}


def test_every_workflow_file_is_deployed_under_its_name() -> None:
    machines = dict(template.resources("AWS::Serverless::StateMachine"))
    assert sorted(machines) == sorted(camel(file.name.removesuffix(".asl.json")) for file in FILES)
    for file in FILES:
        name = file.name.removesuffix(".asl.json")
        machine = machines[camel(name)]
        assert machine["DefinitionUri"] == str(file.relative_to(ROOT))
        assert machine["Name"] == {"Fn::Sub": f"souk-${{Stage}}-{name.replace('_', '-')}"}
        assert machine["Tracing"] == {"Enabled": True}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_step_is_called_like_its_file_its_resource_and_its_substitution(file: Path) -> None:
    given = machine(file)["DefinitionSubstitutions"]
    assert set(given) == set(re.findall(r"\$\{(\w+)\}", file.read_text()))
    for name, state in tasks(file):
        assert function_of(state) == name and given[name] == {"Fn::GetAtt": [name, "Arn"]}
        assert TASKS[name].path.parent == file.parent and camel(TASKS[name].path.stem) == name
    [[statement]] = (policy["Statement"] for policy in machine(file)["Policies"])
    assert statement["Action"] == "lambda:InvokeFunction"
    assert {arn["Fn::GetAtt"][0] for arn in statement["Resource"]} == {name for name, _ in tasks(file)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_wait_ends_and_leads_somewhere(file: Path) -> None:
    parameters = template.read()["Parameters"]
    for name, state in tasks(file):
        assert state["TimeoutSeconds"] > 0, name
        if state["Resource"] == WAIT:
            caught = [error for catch in state["Catch"] for error in catch["ErrorEquals"]]
            assert TIMEOUT in caught, name
            retried = [error for retry in state.get("Retry", []) for error in retry["ErrorEquals"]]
            assert TIMEOUT not in retried, f"{name} would wait all over again"
    for limit in re.findall(r'"TimeoutSeconds": \$\{(\w+)\}', file.read_text()):
        assert int(parameters[limit]["Default"]) > 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_passes_by_itself_is_tried_again_and_nothing_else(file: Path) -> None:
    for name, state in tasks(file):
        (retry,) = state["Retry"]
        assert {*retry["ErrorEquals"]} == (TRANSIENT if state["Resource"] == WAIT else TRANSIENT | {TIMEOUT}), name
        assert retry["MaxAttempts"] <= 10 and retry["JitterStrategy"] == "FULL"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_step_is_reached(file: Path) -> None:
    text, definition = json.dumps(read(file)), read(file)
    for name in definition["States"]:
        assert name == definition["StartAt"] or f'"Next": "{name}"' in text


def test_what_ends_an_order_undoes_every_step_so_far_in_reverse() -> None:
    states = read(ORDER_LIFE)["States"]
    happy = walk(ORDER_LIFE, read(ORDER_LIFE)["StartAt"])
    ended = 0
    for place, name in enumerate(happy):
        for catch in states[name].get("Catch", []):
            after = walk(ORDER_LIFE, catch["Next"])
            undone = [step for step in after if step in UNDO.values()]
            if catch["ErrorEquals"] in ([TIMEOUT], [ANY]):
                assert undone == [], f"{name} is late or has failed, and is not over"
            else:
                assert after == [UNDO[step] for step in reversed(happy[: place + 1]) if step in UNDO], name
                ended += 1
    assert ended


def test_what_was_set_aside_for_goods_that_never_come_is_undone_before_the_wait_goes_on() -> None:
    (file,) = (one for one in FILES if one.name == "return_case.asl.json")
    late = {name: catch["Next"] for name, state in tasks(file) for catch in state.get("Catch", [])}
    assert {step: next_step for step, next_step in late.items() if next_step in returns.UNDO.values()} == returns.UNDO
    assert all(walk(file, undo)[1] == read(file)["StartAt"] for undo in returns.UNDO.values())


def test_every_undo_is_a_step_and_what_it_undoes_too() -> None:
    named = {name for file in FILES for name, _ in tasks(file)}
    assert named >= {*UNDO, *UNDO.values()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_goes_well_costs_two_transitions_or_one_for_each_who_is_waited_for(file: Path) -> None:
    """A Standard workflow is billed by the state it enters; each of ours does something."""
    assert machine(file)["Type"] == "STANDARD"
    assert len(walk(file, read(file)["StartAt"])) == (5 if file.name == "return_case.asl.json" else 2)
    assert {state["Type"] for state in read(file)["States"].values()} <= {"Task", "Fail"}


def test_a_step_of_an_order_that_fails_for_good_parks_it_and_fails_the_workflow() -> None:
    """That is what raises the alarm; but parking itself has nothing to fall back upon."""
    for name, state in tasks(ORDER_LIFE):
        if name != "ParkOrder":
            last = state["Catch"][-1]
            assert (last["ErrorEquals"], walk(ORDER_LIFE, last["Next"])) == ([ANY], ["ParkOrder", "Parked"]), name
    assert read(ORDER_LIFE)["States"]["Parked"]["Type"] == "Fail"
