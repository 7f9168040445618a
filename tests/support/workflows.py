"""Workflows as their files define them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.template import ROOT

WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"
ORDER_LIFE = ROOT / "functions/orders/order_life.asl.json"


def read(file: Path) -> dict[str, Any]:
    """The definition; a number that is substituted at deployment reads as 1."""
    found: dict[str, Any] = json.loads(re.sub(r":\s*\$\{\w+\}", ": 1", file.read_text()))
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
