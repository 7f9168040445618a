"""Spreadsheets, as CSV (RFC 4180) and as Excel's XLSX: rows of texts out of a file, whatever the file is full of."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from souk.kernel.errors import Refused

LONGEST_CELL = 20_000
MOST_COLUMNS = 60
UNPACKED_MOST = 120_000_000  # bytes of a workbook
_EMPTY_MOST = 5_000  # empty rows in a row, after which nothing is looked for
_SEPARATORS = ",;\t"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)


class UnreadableFile(Refused):
    title = "The file cannot be read"


@dataclass(frozen=True)
class SheetRow:
    """`number` is as the spreadsheet shows it; `fault` is why its cells cannot be trusted."""

    number: int
    cells: tuple[str, ...]
    fault: str | None = None

    @property
    def is_empty(self) -> bool:
        return not any(self.cells) and not self.fault


def rows(file: BinaryIO, kind: str) -> Iterator[SheetRow]:
    """Those that are not empty, the header first; UnreadableFile as soon as the file turns out to be something else."""
    file.seek(0)
    found = _of_workbook(file) if kind == "xlsx" else _of_csv(file)
    return (row for row in found if not row.is_empty)


def as_workbook(sheets: dict[str, Sequence[Sequence[str]]]) -> bytes:
    """Every cell a text, so that Excel makes no dates of sizes and no numbers of barcodes."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        for row in table:
            cells = [WriteOnlyCell(sheet, value) for value in row]
            for cell in cells:
                cell.number_format, cell.data_type = "@", "s"
            sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _of_csv(file: BinaryIO) -> Iterator[SheetRow]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from _of_text(text)
    except UnicodeDecodeError:
        raise UnreadableFile("The file is not UTF-8: save it as CSV UTF-8") from None
    finally:
        # The file is read again, or gone by now; its reader is not to close it.
        if not file.closed:
            text.detach()


def _of_text(text: io.TextIOWrapper) -> Iterator[SheetRow]:
    header = text.readline(LONGEST_CELL)
    text.seek(0)
    csv.field_size_limit(LONGEST_CELL)
    separator = max(_SEPARATORS, key=header.count)
    # A strict reader tells a quote that never ends from a row that has one too many.
    reader, number, width = csv.reader(text, delimiter=separator, strict=True), 0, None
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                raise UnreadableFile(f"Row {number} begins a quote that does not end") from None
            yield SheetRow(number, (), "its quotes are not closed as they are opened")
            continue
        if cells is None:
            return
        if cells:
            width = width or len(cells)
            yield SheetRow(number, tuple(cells), None if len(cells) == width else _ragged(len(cells), width))


def _ragged(cells: int, width: int) -> str:
    return f"it has {cells} cells, and the header {width}"


def _of_workbook(file: BinaryIO) -> Iterator[SheetRow]:
    # Imported here, for whoever reads a CSV pays nothing for it.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _need_small(file)
        book = load_workbook(file, read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size may be anything
        width, empty = None, 0
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
            row = _row(number, cells, width)
            empty = empty + 1 if row.is_empty else 0
            if empty > _EMPTY_MOST:
                return
            width = width or len(row.cells) or None
            yield row
    except (InvalidFileException, *_BROKEN):
        raise UnreadableFile("The file is not an Excel workbook (.xlsx), or is damaged") from None


def _need_small(file: BinaryIO) -> None:
    """Before anything is unpacked; zipfile itself stops at the size that is said here."""
    unpacked = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
    if unpacked > UNPACKED_MOST:
        raise UnreadableFile(f"Unpacked it would be {unpacked} bytes, more than {UNPACKED_MOST}")
    file.seek(0)


def _row(number: int, cells: Sequence[Any], width: int | None) -> SheetRow:
    texts = [_text(cell.value) for cell in cells]
    while texts and not texts[-1] and len(texts) > (width or 0):
        texts.pop()
    if width and len(texts) > width:
        return SheetRow(number, tuple(texts), _ragged(len(texts), width))
    texts += [""] * ((width or 0) - len(texts))
    return SheetRow(number, tuple(texts), next(filter(None, map(_fault, cells)), None))


def _fault(cell: Any) -> str | None:
    place = getattr(cell, "coordinate", "a cell")
    if cell.data_type == "f":
        return f"{place} is a formula: paste its value"
    if cell.data_type == "e":
        return f"{place} is an error"
    if isinstance(cell.value, date | datetime | time | timedelta):
        return f"{place} is a date or a time: make it a text"
    return None


def _text(value: Any) -> str:
    """A whole number has no point, whatever Excel keeps it as; others are as they are written."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[: LONGEST_CELL + 1]
