"""Tables that are taken away as files: CSV (RFC 4180)."""

import csv
import io
import re
from collections.abc import Sequence

from souk.kernel.sheet import Sheet

# https://owasp.org/www-community/attacks/CSV_Injection; a Chinese or Japanese Excel takes the wide signs too.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BELOW_ZERO = re.compile(r"-\d+(\.\d+)?", re.ASCII)


def as_csv(table: Sequence[Sequence[str]]) -> bytes:
    """With the mark by which Excel knows UTF-8. What would be taken for a formula is set apart as a text."""
    text = io.StringIO()
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")


def sheet(name: str, table: Sequence[Sequence[str]]) -> Sheet:
    return Sheet(name=f"{name}.csv", content=as_csv(table).decode())


def _plain(cell: str) -> str:
    """A number below zero is none: it is to be added up."""
    is_formula = cell.startswith(_FORMULAS) and not _BELOW_ZERO.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
