"""The templates, read as tests need them: functions with their events, the gateway's paths, and the ground below.

The outermost template and the domains' are read as the one that they make together: what a domain's stack is given
stands in the place of its parameters, so it can be compared and followed wherever a resource lies.
"""

import json
import os.path
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cfnlint.decode.cfn_yaml import load

ROOT = Path(__file__).parents[2]
MAIN, API = "template.yaml", "infra/api.yaml"
ANY_METHOD = "x-amazon-apigateway-any-method"


@cache
def read(name: str = MAIN) -> dict[str, Any]:
    """The parsed file; intrinsic functions in their long form (`{"Fn::Sub": ...}`)."""
    return load(str(ROOT / name))


@dataclass(frozen=True)
class Way:
    """A path of the gateway by one of its methods, and the function that answers there."""

    path: str
    method: str
    function: str
    is_public: bool


@dataclass(frozen=True)
class FunctionResource:
    """`everyones` are the Globals of its template."""

    logical_id: str
    properties: dict[str, Any]
    everyones: dict[str, Any]

    @property
    def module(self) -> str:
        return str(self.properties["Handler"]).removesuffix(".handler")

    @property
    def path(self) -> Path:
        return ROOT / "functions" / (self.module.replace(".", "/") + ".py")

    @property
    def variables(self) -> dict[str, Any]:
        """Its environment: what every function is told and what it alone is."""
        own = self.properties.get("Environment", {}).get("Variables", {})
        return {**self.everyones["Environment"]["Variables"], **own}

    def events(self, kind: str) -> Iterator[dict[str, Any]]:
        for event in self.properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield event["Properties"]

    def ways(self) -> Iterator[Way]:
        return (way for way in ways() if way.function == self.logical_id)

    def scheduled(self, at: datetime) -> Any:
        """What its schedule hands it, whenever that is."""
        (event,) = self.events("ScheduleV2")
        return json.loads(event["Input"].replace("<aws.scheduler.scheduled-time>", f"{at:%Y-%m-%dT%H:%M:%SZ}"))


def ground() -> list[str]:
    """The files of nested stacks that are plain CloudFormation."""
    return [file for file in _given() if "Transform" not in read(file)]


@cache
def stacks() -> dict[str, dict[str, Any]]:
    """By their files the outermost template, the gateway's and the domains', each filled in with what it is given."""
    return {MAIN: read()} | {
        file: _filled(read(file), parameters) | {"Parameters": read()["Parameters"]}
        for file, parameters in _given().items()
        if "Transform" in read(file)
    }


def _given() -> dict[str, dict[str, Any]]:
    """The file of each nested stack, and its parameters."""
    nested = (one for one in read()["Resources"].values() if one["Type"] == "AWS::Serverless::Application")
    return {one["Properties"]["Location"]: one["Properties"].get("Parameters", {}) for one in nested}


def _filled(node: Any, given: Mapping[str, Any]) -> Any:
    match node:
        case {"Ref": name} if name in given:
            return given[name]
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": re.sub(r"\$\{(\w+)\}", lambda found: _within(found[0], given.get(found[1])), text)}
        case dict():
            return {name: _filled(below, given) for name, below in node.items()}
        case list():
            return [_filled(below, given) for below in node]
    return node


def _within(plain: str, given: Any) -> str:
    """An expression as it is spelled within a text."""
    match given:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [stack, attribute]}:
            return f"${{{stack}.{attribute}}}"
        case {"Fn::Sub": text}:
            return str(text)
    return plain


def resources(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for file, stack in stacks().items():
        for logical_id, resource in stack["Resources"].items():
            if resource["Type"] == kind:
                yield logical_id, _at_home(resource.get("Properties", {}), file)


def _at_home(properties: dict[str, Any], file: str) -> dict[str, Any]:
    """A workflow's file, seen from the root."""
    if "DefinitionUri" not in properties:
        return properties
    return properties | {"DefinitionUri": os.path.normpath(Path(file).parent / properties["DefinitionUri"])}


@cache
def functions() -> tuple[FunctionResource, ...]:
    return tuple(
        FunctionResource(logical_id, resource["Properties"], stack["Globals"]["Function"])
        for stack in stacks().values()
        for logical_id, resource in stack["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    )


@cache
def ways() -> tuple[Way, ...]:
    """Everything that the gateway leads to a function."""
    named = {one.properties["FunctionName"]["Fn::Sub"]: one.logical_id for one in functions()}
    paths = stacks()[API]["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
    return tuple(
        Way(
            path,
            "ANY" if method == ANY_METHOD else method.upper(),
            named[_called(defined["x-amazon-apigateway-integration"]["uri"])],
            defined.get("security") == [{"NONE": []}],
        )
        for path, methods in paths.items()
        for method, defined in methods.items()
    )


def _called(uri: Mapping[str, str]) -> str:
    return uri["Fn::Sub"].split(":function:")[1].removesuffix("/invocations")
