"""The run-time packages are those that the code imports, neither more nor fewer."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.house.code import sources
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
