"""The tree as the house tests read it: parsed files, what they import, and everything of a kind that they declare."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from souk.domains.payments.model.outcome import Outcome
from souk.edge.http import Api
from tests.support import template
from tests.support.template import ROOT, FunctionResource

T = TypeVar("T")
LAYER, FUNCTIONS = ROOT / "layers/souk/python", ROOT / "functions"


@dataclass(frozen=True)
class Source:
    """A Python file by its dotted name: `souk.table.keys`, `functions.orders.checkout`."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def imports(self) -> Iterator[tuple[int, str]]:
        """Each imported name with its line: `from a import b` is `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = f"{self.name}." if node.level else ""
                yield from ((node.lineno, f"{base}{node.module}.{alias.name}") for alias in node.names)

    def at(self, line: int) -> str:
        return f"{self.path.relative_to(ROOT)}:{line}"


def read(path: Path, name: str) -> Source:
    text = path.read_text()
    return Source(path, name, text, ast.parse(text))


@cache
def sources() -> tuple[Source, ...]:
    """All that runs in the cloud: our package and the functions."""
    found = [(path, ".".join(path.relative_to(LAYER).with_suffix("").parts)) for path in LAYER.rglob("*.py")]
    found += [(path, ".".join(path.relative_to(ROOT).with_suffix("").parts)) for path in FUNCTIONS.rglob("*.py")]
    return tuple(read(path, name.removesuffix(".__init__")) for path, name in sorted(found))


@cache
def everything() -> tuple[Source, ...]:
    """The same, and all that runs beside it: the tests, and what developers have on their machines."""
    others = [path for place in ("tests", "infra") for path in (ROOT / place).rglob("*.py")]
    return (*sources(), *(read(path, ".".join(path.relative_to(ROOT).with_suffix("").parts)) for path in others))


@cache
def modules() -> tuple[ModuleType, ...]:
    """Our package, imported."""
    return tuple(importlib.import_module(one.name) for one in sources() if one.name.startswith("souk."))


def declared(kind: type[T]) -> list[type[T]]:
    """Every class of a kind that our package declares, without the kind itself, in the order of modules and names."""
    found = {
        value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, kind) and value is not kind
    }
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


@cache
def handlers() -> tuple[tuple[FunctionResource, ModuleType], ...]:
    """Every function of the template with its imported file."""
    return tuple((function, importlib.import_module(function.module)) for function in template.functions())


def apis() -> list[tuple[FunctionResource, Api]]:
    """Those that answer requests, by their names."""
    found = [(function, module.app) for function, module in handlers() if isinstance(getattr(module, "app", None), Api)]
    return sorted(found, key=lambda one: one[0].logical_id)


def snake(camel: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in camel).lstrip("_")


def camel(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("_"))


def docstrings(tree: ast.AST) -> set[int]:
    """Identities of the nodes that are documentation."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first: Any = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def counted() -> set[str]:
    """The metrics that our code counts: `count("Name")`, and the outcomes that are counted by their value."""
    found = {outcome.value for outcome in Outcome}
    for source in sources():
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "count"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found
