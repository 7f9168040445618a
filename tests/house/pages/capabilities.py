"""docs/capabilities.md: every capability of the scope, and which test says that it works."""

import ast
import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.house.pages.markdown import table
from tests.support.template import ROOT

INTRODUCTION = """# Capabilities

Printed by `make docs` from the marks of the tests (`@pytest.mark.capability("ORD-12")`) and from `parts.tsv`, which
names what a row still lacks. The acceptance sentence of each row stands in `capabilities.tsv`.
"""


@cache
def rows() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in _read("docs/capabilities.tsv")}


@cache
def lacking() -> dict[str, str]:
    """Rows of which only a part works, with what is missing."""
    return {row["id"]: row["lacks"] for row in _read("docs/parts.tsv")}


def _read(name: str) -> list[dict[str, str]]:
    with (ROOT / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def marked() -> dict[str, list[str]]:
    """For each row the tests that carry its mark, on the test itself or on the whole file."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        whole = [
            code
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
            for code in _marks(node.value)
        ]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                for code in dict.fromkeys([*whole, *(code for one in node.decorator_list for code in _marks(one))]):
                    found[code].append(_name(path, node.name))
    return dict(found)


def _marks(node: ast.expr) -> list[str]:
    return [
        str(call.args[0].value)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "pytest.mark.capability"
        and isinstance(call.args[0], ast.Constant)
    ]


def _name(path: Path, test: str) -> str:
    return f"{path.relative_to(ROOT / 'tests')}: {test.removeprefix('test_').replace('_', ' ')}"


def state(code: str) -> str:
    if code not in marked():
        return "absent"
    return "part" if code in lacking() else "works"


def page() -> str:
    counted = [state(code) for code in rows()]
    whole = ", ".join(f"{counted.count(name)} {name}" for name in ("works", "part", "absent"))
    parts = [INTRODUCTION, f"Of {len(counted)}: {whole}.\n"]
    for area in dict.fromkeys(row["area"] for row in rows().values()):
        mine = {code: row for code, row in rows().items() if row["area"] == area}
        shown = [
            [code, row["capability"], _state(code), "<br>".join(marked()[code])]
            for code, row in mine.items()
            if state(code) != "absent"
        ]
        absent = ", ".join(code for code in mine if state(code) == "absent")
        parts.append(f"## {area}\n")
        if shown:
            parts.append(table(["Row", "Capability", "State", "Tests"], shown))
        if absent:
            parts.append(f"Absent: {absent}.\n")
    return "\n".join(parts)


def _state(code: str) -> str:
    return f"part; lacks: {lacking()[code]}" if code in lacking() else "works"
