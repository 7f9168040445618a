"""Imports: files of products, how far each is, and what has become of its rows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Literal

from souk.kernel.errors import Missing, Refused
from souk.kernel.shapes import Input, Noun, Versioned
from souk.kernel.uploads import FileSize, Invitation, need_size

Format = Literal["csv", "xlsx"]
Outcome = Literal["created", "updated", "unchanged", "failed"]
Status = Literal["awaiting_file", "reading", "working", "done", "refused"]
CONTENT_TYPES: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LARGEST = 20_000_000
MOST_ROWS = 20_000
# A message has the rows of some products, whole ones where they are not very long.
ROWS_A_MESSAGE, MOST_ROWS_A_MESSAGE, BYTES_A_MESSAGE = 20, 60, 100_000


class NoSuchImport(Missing):
    title = "No such import"


class WrongTable(Refused):
    title = "The table is not as the template has it"


class ImportDraft(Input):
    format: Format
    bytes: FileSize

    def need_acceptable(self) -> None:
        need_importable(self.bytes)


class ImportUrl(Invitation):
    """The file is imported by itself once it is there."""

    import_id: str


class Template(Noun):
    """Where the template is fetched from, until `expires_at`."""

    name: str
    content_type: str
    url: str
    expires_at: datetime


class Import(Versioned):
    """A file of products; `rows` is known once it was read through, `sent` is the last row that was handed on.

    `etag` is that of the file that is read: another one sent to the same address is not.
    """

    import_id: str
    format: Format
    bytes: int
    by: str
    started_at: datetime
    expires_at: datetime
    etag: str | None = None
    rows: int | None = None
    sent: int = 0
    all_sent: bool = False
    refused: str | None = None

    @property
    def key(self) -> str:
        return f"imports/{self.import_id}.{self.format}"

    def reads(self, etag: str) -> bool:
        """Whether there is something left to do with the file of that tag."""
        return self.refused is None and not self.all_sent and self.etag in (None, etag)


class ImportCount(Noun):
    """What has become of the rows of one message, whose first row it is named by."""

    import_id: str
    number: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    expires_at: datetime | None = None


class RowOutcome(Noun):
    """`row` is as the spreadsheet shows it, the header being 1."""

    row: int
    outcome: Outcome
    sku: str | None = None
    product_id: str | None = None
    reason: str | None = None


class ImportedRows(Noun):
    """What has become of rows that stand below each other and are of one product, from `number` on."""

    import_id: str
    number: int
    rows: tuple[RowOutcome, ...] = ()
    failures: tuple[RowOutcome, ...] = ()
    failed_in: str | None = None
    expires_at: datetime | None = None

    @property
    def last(self) -> int:
        return max(one.row for one in (*self.rows, *self.failures))

    def with_outcome(self, outcome: Outcome) -> tuple[RowOutcome, ...]:
        return self.failures if outcome == "failed" else tuple(one for one in self.rows if one.outcome == outcome)


class MessageRow(Noun):
    """A row on its way: its cells that are not empty, or why they cannot be trusted."""

    number: int
    cells: dict[str, str] = {}
    fault: str | None = None


class RowsMessage(Noun):
    """Rows that one worker imports; `number` is the first."""

    import_id: str
    number: int
    rows: tuple[MessageRow, ...]

    def of_products(self) -> Iterator[list[MessageRow]]:
        """Rows below each other that name the same product."""
        return (list(rows) for _, rows in groupby(self.rows, key=lambda row: row.cells.get("product")))


def need_importable(size: int) -> None:
    need_size("A file to import", size, LARGEST)


def packed(import_id: str, rows: Iterable[MessageRow]) -> Iterator[RowsMessage]:
    """The same messages for the same rows, always; a product is parted only where it would make one too long."""
    part: list[MessageRow] = []
    size = 0
    for row in rows:
        length = len(row.model_dump_json().encode())
        if length > BYTES_A_MESSAGE:
            row, length = MessageRow(number=row.number, fault="it is too long"), 0
        is_full = len(part) >= MOST_ROWS_A_MESSAGE or size + length > BYTES_A_MESSAGE
        is_enough = len(part) >= ROWS_A_MESSAGE and row.cells.get("product") != part[-1].cells.get("product")
        if part and (is_full or is_enough):
            yield RowsMessage(import_id=import_id, number=part[0].number, rows=tuple(part))
            part, size = [], 0
        part.append(row)
        size += length
    if part:
        yield RowsMessage(import_id=import_id, number=part[0].number, rows=tuple(part))


class ImportProgress(Noun):
    """How far an import is; `refused` is why nothing of the file was imported."""

    import_id: str
    status: Status
    format: Format
    bytes: int
    by: str
    started_at: datetime
    rows: int | None
    created: int
    updated: int
    unchanged: int
    failed: int
    refused: str | None


def progress(job: Import, counts: list[ImportCount]) -> ImportProgress:
    sums = {
        name: sum(getattr(count, name) for count in counts) for name in ("created", "updated", "unchanged", "failed")
    }
    return ImportProgress(**dict(job), **sums, status=_status(job, sum(sums.values())))


def _status(job: Import, done: int) -> Status:
    if job.refused is not None:
        return "refused"
    if job.etag is None:
        return "awaiting_file"
    if not job.all_sent:
        return "reading"
    return "done" if done == job.rows else "working"
