"""What the template grants and tells its functions, in the words of what was recorded: the two can be compared."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from tests.support import template
from tests.support.usage import PHONES, TOKEN, Call, Read

_ROLE_OF = {"AWS::Lambda::Function": "Role", "AWS::StepFunctions::StateMachine": "RoleArn"}
_ARN = re.compile(r"arn:[^:]*:[a-z0-9-]+:[^:]*:[^:]*:((function|stateMachine):|schedule/)?")


def granted(whole: Mapping[str, Any]) -> set[Call]:
    """Every action that somebody may do by the expanded template, each with its resource."""
    return {
        Call(owner, action, name(resource))
        for owner, role in roles(whole).items()
        for policy in role.get("Policies", [])
        for statement in several(policy["PolicyDocument"]["Statement"])
        for action in several(statement["Action"])
        for resource in several(statement.get("Resource", PHONES))  # all but topics, which are not named
    }


def roles(whole: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every role, by the function or workflow it is of; one of neither by its own name."""
    resources: Mapping[str, Any] = whole["Resources"]
    owners = {
        one["Properties"][_ROLE_OF[one["Type"]]]["Fn::GetAtt"][0]: owner
        for owner, one in resources.items()
        if one["Type"] in _ROLE_OF
    }
    found = {role: one["Properties"] for role, one in resources.items() if one["Type"] == "AWS::IAM::Role"}
    return {owners.get(role, role): properties for role, properties in found.items()}


def used(calls: Iterable[Call]) -> set[Call]:
    """The recorded calls, in the template's names."""
    return {Call(_meant(call.by), call.action, resource) for call in calls for resource in _resources(call)}


def delivered() -> set[Call]:
    """What AWS does in a function's or a workflow's name, before and after it runs."""
    found = set()
    for one in template.functions():
        for source in (one.properties.get("EventInvokeConfig", {}), *one.events("DynamoDB")):
            if "DestinationConfig" in source:
                kept = source["DestinationConfig"]["OnFailure"]["Destination"]
                found.add(Call(one.logical_id, "sqs:SendMessage", name(kept)))
        for event, properties in one.properties.get("Events", {}).items():
            if properties["Type"] == "ScheduleV2":
                found.add(Call(f"{one.logical_id}{event}Role", "lambda:InvokeFunction", one.logical_id))
    for workflow, properties in template.resources("AWS::Serverless::StateMachine"):
        steps = [given for given in properties["DefinitionSubstitutions"].values() if "Fn::GetAtt" in given]
        found |= {Call(workflow, "lambda:InvokeFunction", name(step)) for step in steps}
    return found


def told() -> set[Read]:
    """Every setting that the template gives to a function."""
    return {Read(one.logical_id, setting) for one in template.functions() for setting in one.variables}


def differences(given: Iterable[tuple[str, ...]], wanted: Iterable[tuple[str, ...]]) -> str:
    """A table with a line for each thing too many or too few, by whom it concerns."""
    given, wanted = set(given), set(wanted)
    lines = [(*one, "given, never used") for one in given - wanted]
    lines += [(*one, "used, not given") for one in wanted - given]
    return "\n".join(" | ".join(line) for line in sorted(lines))


def name(expression: Any) -> str:
    """`{"Fn::GetAtt": ["Data", "Outputs.TableArn"]}` is Table; an ARN spelled out is the resource of that name."""
    match expression:
        case str():
            return _bearer_of(expression)
        case {"Ref": "Stage"}:
            return str(template.read()["Parameters"]["Stage"]["Default"])
        case {"Ref": logical_id}:
            return str(logical_id)
        case {"Fn::Sub": text}:
            return _bearer_of(re.sub(r"\$\{([^}]+)\}", lambda found: _inserted(found[1]), text))
        case {"Fn::If": [_, usual, _]}:  # a restored table may be named anything
            return name(usual)
        case {"Fn::GetAtt": [stack, attribute]} if attribute.startswith("Outputs."):
            location = template.read()["Resources"][stack]["Properties"]["Location"]
            return name(template.read(location)["Outputs"][attribute.removeprefix("Outputs.")]["Value"])
        case {"Fn::GetAtt": [logical_id, _]}:
            return str(logical_id)
    raise ValueError(f"{expression} has no name")


def several(one: Any) -> list[Any]:
    return one if isinstance(one, list) else [one]


def _inserted(variable: str) -> str:
    if variable.startswith("AWS::"):
        return ""
    logical_id, *attribute = variable.split(".", 1)
    return name({"Fn::GetAtt": [logical_id, *attribute]} if attribute else {"Ref": logical_id})


def _bearer_of(text: str) -> str:
    plain = _ARN.sub("", text)
    return _names().get(plain, plain)


@cache
def _names() -> dict[str, str]:
    """Functions and workflows by what they are called in AWS."""
    return dict(_named())


def _named() -> Iterator[tuple[str, str]]:
    for kind, key in (("AWS::Serverless::Function", "FunctionName"), ("AWS::Serverless::StateMachine", "Name")):
        for logical_id, properties in template.resources(kind):
            yield properties[key]["Fn::Sub"].replace("${Stage}", name({"Ref": "Stage"})), logical_id


def _resources(call: Call) -> list[str]:
    if call.resource == TOKEN:
        return _workflows_of(call.by)
    setting, slash, below = call.resource.partition("/")
    return [_meant(setting) + slash + below]


@cache
def _meant(setting: str) -> str:
    """What the setting of that name holds, the same in every function; any other word means itself."""
    held = [one.variables[setting] for one in template.functions() if setting in one.variables]
    return name(held[0]) if held else setting


def _workflows_of(function: str) -> list[str]:
    """A token is that of the workflows that the function is a step of, or else of any in its own domain."""
    domain = next(one.path.parent.name for one in template.functions() if one.logical_id == function)
    steps = {
        logical_id: properties["DefinitionSubstitutions"]
        for logical_id, properties in template.resources("AWS::Serverless::StateMachine")
        if properties["DefinitionUri"].startswith(f"functions/{domain}/")
    }
    return [workflow for workflow, given in steps.items() if function in given] or [*steps]
