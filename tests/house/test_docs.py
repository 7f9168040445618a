"""The printed pages are those of the code as it stands: `make docs` prints them again."""

from pathlib import Path

import pytest

from tests.house.pages.capabilities import lacking, marked, rows, state
from tests.house.print_docs import PAGES, printed
from tests.support.template import ROOT


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text() == PAGES[name](), f"{name} is out of date: make docs"


def test_every_printed_file_is_there() -> None:
    stale = [str(place.relative_to(ROOT)) for place, text in printed().items() if not _same(place, text)]
    assert not stale, f"out of date, make docs: {stale}"


def _same(place: Path, text: str) -> bool:
    return place.exists() and place.read_text() == text


def test_the_marks_of_the_tests_name_rows_of_the_scope() -> None:
    assert len(rows()) == 254
    assert sorted(set(marked()) - set(rows())) == []


def test_only_rows_that_partly_work_are_said_to_lack_something() -> None:
    for code, missing in lacking().items():
        assert state(code) == "part" and missing.strip(), code
