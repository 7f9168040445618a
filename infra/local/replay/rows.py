"""Read a CSV file record by record, each cell by its column and kind, refusing what is not exact."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeVar

# ISO 4217: every other currency has two.
NO_DECIMALS = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
        *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))

Found = TypeVar("Found")


class BadData(Exception):
    """One sentence that names the file, the line and the column to mend."""


@dataclass(frozen=True)
class Row:
    """One record; every question names the column, so that every refusal can name it too."""

    file: str
    line: int
    cells: Mapping[str, str]

    def bad(self, column: str, why: str) -> BadData:
        value = self.cells.get(column, "")
        return BadData(f"{self.file}, line {self.line}, column {column}: {value!r} {why}.")

    def get(self, column: str) -> str:
        """The cell's text; "" when the cell is empty, says NULL, or the column is not there."""
        cell = self.cells.get(column, "")
        return "" if cell == "NULL" else cell

    def text(self, column: str) -> str:
        found = self.get(column)
        if not found:
            raise self.bad(column, "is empty, and the shop needs it")
        return found

    def identifier(self, column: str) -> str:
        found = self.text(column)
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,28}[A-Za-z0-9])?", found):
            raise self.bad(column, "is not an id of at most 30 letters, digits and inner hyphens")
        return found

    def known(self, column: str, found: Mapping[str, Found]) -> Found:
        key = self.text(column)
        if key not in found:
            raise self.bad(column, "is not among the ids of its file")
        return found[key]

    def whole(self, column: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", self.text(column)):
            raise self.bad(column, "is not a whole number of 0 or more")
        return int(self.text(column))

    def decimal(self, column: str, decimals: int) -> Decimal:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", self.text(column)):
            raise self.bad(column, "is not a number of 0 or more, like 32.38")
        found = Decimal(self.text(column))
        if len(self.text(column).rstrip("0").partition(".")[2]) > decimals:
            raise self.bad(column, f"has more than {decimals} decimals")
        return found

    def minor(self, column: str, currency: str) -> int:
        """The amount in minor units: 14 and 14.0000 are 1400 cents, 14.005 is refused."""
        decimals = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
        return int(self.decimal(column, decimals).scaleb(decimals))

    def day(self, column: str) -> date:
        """The day alone: the shop's figures know no hour."""
        try:
            return datetime.fromisoformat(self.text(column)).date()
        except ValueError:
            raise self.bad(column, "is not a date like 1996-07-04") from None

    def phone(self, column: str) -> str:
        """The digits, and the + before them: people write the rest in too many ways."""
        return re.sub(r"[^0-9+]", "", self.get(column))

    def country(self, column: str) -> str:
        code = _countries().get(self.text(column).casefold())
        if not code:
            raise self.bad(column, "is neither an ISO 3166 code nor a name in countries.tsv")
        return code


@cache
def _countries() -> dict[str, str]:
    """Every code and every name of countries.tsv, case folded, to its code."""
    table = Path(__file__).with_name("countries.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines()]
    return {name.casefold(): names[0] for names in rows for name in names}


def rows_of(path: Path, needed: tuple[str, ...]) -> Iterator[Row]:
    """The file's records, cells stripped; blank lines are skipped, columns may stand in any order."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    header: list[str] = []
    line = 1
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if not header:
                header = cells
                _check_header(path, header, needed)
            elif any(cells):
                if len(cells) != len(header):
                    raise BadData(f"{path.name}, line {line}: {len(cells)} cells for {len(header)} columns.")
                yield Row(path.name, line, dict(zip(header, cells, strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadData(f"{path.name}, line {line}: not CSV ({error}).") from None
    if not header:
        raise BadData(f"{path.name}, line 1: the line of column names is missing.")


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadData(f"{path.name} cannot be read in {path.parent}: {error.strerror}.") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadData(f"{path.name}, line {line}: not UTF-8.") from None


def _check_header(path: Path, header: list[str], needed: tuple[str, ...]) -> None:
    for column in needed:
        if column not in header:
            raise BadData(f"{path.name}, line 1: the column {column} is missing.")
    for column in header:
        if header.count(column) > 1:
            raise BadData(f"{path.name}, line 1: the column {column} stands twice.")
