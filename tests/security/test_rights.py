"""Each function may do what it did in a run of all tests, is told what it read there, and not one thing more."""

from pathlib import Path

import pytest

from tests.house import rights, transformed
from tests.support import usage
from tests.support.usage import Call, Read

# A setting that nearly all functions read stands in Globals, and so is told to these too. It is a name, not a right.
TOLD_TO_ALL = {Read(function, "TABLE_NAME") for function in ("TellFacts", "StartRefundCase")}
# Read by libraries when they are imported, and given by Lambda itself.
NOT_OURS = ("POWERTOOLS_", "PYDANTIC_", "AWS_", "_X_AMZN_")


@pytest.fixture(scope="module")
def used(pytestconfig: pytest.Config) -> tuple[set[Call], set[Read]]:
    folder: Path | None = pytestconfig.getoption("--usage")
    if folder is None:
        pytest.skip("`make test` writes down what all tests use and hands it to this one by --usage")
    return usage.load(folder)


def test_every_function_may_do_what_it_does_and_nothing_else(used: tuple[set[Call], set[Read]]) -> None:
    calls, _ = used
    found = rights.differences(rights.granted(transformed.whole()), rights.used(calls) | rights.delivered())
    assert not found, f"\n{found}"


def test_every_function_is_told_what_it_reads_and_nothing_else(used: tuple[set[Call], set[Read]]) -> None:
    _, reads = used
    told = {read for read in rights.told() - TOLD_TO_ALL if not read.setting.startswith(NOT_OURS)}
    found = rights.differences(told, {read for read in reads if not read.setting.startswith(NOT_OURS)})
    assert not found, f"\n{found}"
