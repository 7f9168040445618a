"""Read a CSV file record by record, each cell by its column and kind, refusing what is not exact."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeVar

# ISO 4217 minor-unit exponents that differ from 2. The shop has the same table; what judges its arithmetic shares none
# of it, and a test holds the two equal.
DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
# What the shop takes: it would refuse more only in the middle of a replay, and without the place in the files.
LONGEST_TEXT = 200
MOST_MINOR = 10**12
EARLIEST = date(1970, 1, 1)
UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

Found = TypeVar("Found")


class BadData(Exception):
    """One sentence that names the file, the line and the column to mend."""


def decimals(currency: str) -> int:
    return DECIMALS.get(currency, 2)


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
        if len(cell) > LONGEST_TEXT:
            raise self.bad(column, f"is longer than {LONGEST_TEXT} characters")
        if UNSHOWABLE.search(cell):
            raise self.bad(column, "has characters that cannot be shown")
        return "" if cell == "NULL" else cell

    def text(self, column: str) -> str:
        found = self.get(column)
        if not found:
            raise self.bad(column, "is empty, and the shop needs it")
        return found

    def identifier(self, column: str, longest: int = 30) -> str:
        found = self.text(column)
        if len(found) > longest or not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", found):
            raise self.bad(column, f"is not an id of at most {longest} letters, digits and inner hyphens")
        return found

    def known(self, column: str, found: Mapping[str, Found]) -> Found:
        key = self.text(column)
        if key not in found:
            raise self.bad(column, "is not among the ids of its file")
        return found[key]

    def whole(self, column: str, least: int, most: int) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", self.text(column)) or not least <= int(self.text(column)) <= most:
            raise self.bad(column, f"is not a whole number from {least} to {most}")
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
        places = decimals(currency)
        found = int(self.decimal(column, places).scaleb(places))
        if found > MOST_MINOR:
            raise self.bad(column, "is more than the shop reckons with")
        return found

    def day(self, column: str) -> date:
        """The day alone: the shop's figures know no hour. It is over, for what is replayed has happened."""
        try:
            found = datetime.fromisoformat(self.text(column)).date()
        except ValueError:
            raise self.bad(column, "is not a date like 1996-07-04") from None
        if not EARLIEST <= found < datetime.now(UTC).date():
            raise self.bad(column, f"is not between {EARLIEST} and yesterday")
        return found

    def phone(self, column: str) -> str:
        """The digits, and the + before them: people write the rest in too many ways."""
        found = re.sub(r"[^0-9+]", "", self.get(column))
        if found and not re.fullmatch(r"\+?[0-9]{5,31}", found):
            raise self.bad(column, "is not a telephone number of 5 to 31 digits")
        return found

    def postal_code(self, column: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9 -]{0,12}", self.get(column)):
            raise self.bad(column, "is not a postal code of at most 12 letters, digits, spaces and hyphens")
        return self.get(column)

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
