"""Workflows as their files define them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support import template
from tests.support.template import ROOT

WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"
ORDER_LIFE = ROOT / "functions/orders/order_life.asl.json"


def read(file: Path) -> dict[str, Any]:
    """The definition as it is deployed: texts, numbers as their parameters say, functions as their placeholders."""
    text = file.read_text()
    for name, given in machine(file)["DefinitionSubstitutions"].items():
        if "Ref" in given:
            given = str(template.read()["Parameters"][given["Ref"]]["Default"])
        text = text.replace(f"${{{name}}}", given) if isinstance(given, str) else text
    found: dict[str, Any] = json.loads(text)
    return found


def machine(file: Path) -> dict[str, Any]:
    """The resource whose definition it is."""
    (found,) = (
        one
        for _, one in template.resources("AWS::Serverless::StateMachine")
        if one["DefinitionUri"] == str(file.relative_to(ROOT))
    )
    return found


def tasks(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, state) for name, state in read(file)["States"].items() if state["Type"] == "Task")


def function_of(state: dict[str, Any]) -> str:
    named: str = state["Parameters"]["FunctionName"] if state["Resource"] == WAIT else state["Resource"]
    return named.removeprefix("${").removesuffix("}")


def walk(file: Path, start: str) -> list[str]:
    """The states from here to the end where nothing goes wrong."""
    states, found = read(file)["States"], [start]
    while (after := states[found[-1]].get("Next")) and after not in found:
        found.append(after)
    return found
