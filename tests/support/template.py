"""The template, read as tests need it: functions with their handlers and events, and the ground they stand on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cfnlint.decode.cfn_yaml import load

ROOT = Path(__file__).parents[2]


@cache
def read(name: str = "template.yaml") -> dict[str, Any]:
    """The parsed file; intrinsic functions in their long form (`{"Fn::Sub": ...}`)."""
    return load(str(ROOT / name))


@dataclass(frozen=True)
class FunctionResource:
    logical_id: str
    properties: dict[str, Any]

    @property
    def module(self) -> str:
        return str(self.properties["Handler"]).removesuffix(".handler")

    @property
    def path(self) -> Path:
        return ROOT / "functions" / (self.module.replace(".", "/") + ".py")

    @property
    def variables(self) -> dict[str, Any]:
        """Its environment: what every function is told and what it alone is."""
        everyones = read()["Globals"]["Function"]["Environment"]["Variables"]
        return {**everyones, **self.properties.get("Environment", {}).get("Variables", {})}

    def events(self, kind: str) -> Iterator[dict[str, Any]]:
        for event in self.properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield event["Properties"]

    def scheduled(self, at: datetime) -> Any:
        """What its schedule hands it, whenever that is."""
        (event,) = self.events("ScheduleV2")
        return json.loads(event["Input"].replace("<aws.scheduler.scheduled-time>", f"{at:%Y-%m-%dT%H:%M:%SZ}"))


def resources(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in read()["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id, resource.get("Properties", {})


@cache
def functions() -> tuple[FunctionResource, ...]:
    return tuple(FunctionResource(name, props) for name, props in resources("AWS::Serverless::Function"))
