"""The run-time packages are those that the code imports, neither more nor fewer."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pydantic
import pytest

from tests.house.code import FUNCTIONS, LAYER, sources
from tests.support.template import ROOT


def spelled(package: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub("[-_.]+", "-", package).lower()


def test_the_dependencies_are_what_layers_and_functions_import() -> None:
    modules = {name.partition(".")[0] for source in sources() for _, name in source.imports()}
    others = modules - sys.stdlib_module_names - {"souk", "functions"}
    known = packages_distributions()
    imported = {spelled(package) for module in others for package in known[module]}
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert imported == {spelled(re.split(r"[\[<>=~!; ]", one)[0]) for one in named}


# What a start must not pay for, where nobody asked for it.
HEAVY = {"boto3", "chalice", "cryptography", "jsonschema", "jwt", "openpyxl", "PIL", "reportlab", "requests", "stripe"}


@pytest.mark.parametrize("module", ["catalog.browse", "orders.checkout", "orders.quote", "carts.cart"])
def test_what_buyers_wait_for_starts_without_what_it_does_not_need(module: str) -> None:
    asked = f"import sys, {module}; print(*(set({sorted(HEAVY)!r}) & sys.modules.keys()))"
    environment = {"PYTHONPATH": f"{LAYER}:{FUNCTIONS}", "LAMBDA_TASK_ROOT": "/var/task"}
    ended = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


def test_types_of_pydantic_are_taken_from_where_they_are_made() -> None:
    """Asked for one of them, the package binds them all: those too that the layer makes when somebody asks for them."""
    named = [(source.at(line), name.split(".")) for source in sources() for line, name in source.imports()]
    asked = [(at, getattr(pydantic, name[1])) for at, name in named if name[0] == "pydantic" and len(name) == 2]
    assert len(asked) > 100
    assert [at for at, one in asked if getattr(one, "__module__", "") == "pydantic.types"] == []
