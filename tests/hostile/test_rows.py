"""rows.tsv says which test tries which row, and every row that is tried here."""

import ast
import csv
import re
from pathlib import Path

from tests.support.template import ROOT

HERE = Path(__file__).parent


def rows() -> list[dict[str, str]]:
    with (HERE / "rows.tsv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_row_is_tried_by_a_test_that_is_there() -> None:
    there = {
        f"{path.relative_to(ROOT / 'tests').as_posix()}::{node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert [row for row in rows() if row["test"] not in there] == []


def test_every_number_that_a_test_here_bears_is_a_row_of_its_file() -> None:
    borne = {
        (one[1] or one[2], f"hostile/{path.name}")
        for path in HERE.glob("test_*.py")
        for one in re.finditer(r"\"(\d+) |def test_(\d+)_", path.read_text())
    }
    assert borne == {(row["row"], row["test"].split("::")[0]) for row in rows() if row["test"].startswith("hostile")}
