"""What is done with files of products: one is begun, read through, and handed on in parts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from tempfile import TemporaryFile
from typing import BinaryIO

from souk.domains.catalog.model.imports import (
    CONTENT_TYPES,
    MOST_ROWS,
    Format,
    Import,
    ImportDraft,
    ImportUrl,
    MessageRow,
    Template,
    WrongTable,
    need_importable,
    packed,
)
from souk.domains.catalog.model.sku_row import COLUMNS, EXAMPLE, OF_PRODUCT, categories_by_name, columns_of
from souk.domains.catalog.store import categories as category_store
from souk.domains.catalog.store import imports as store
from souk.gateways import files, queues, sheets, spreadsheets
from souk.gateways.files import FileReplaced
from souk.gateways.spreadsheets import UnreadableFile
from souk.kernel import clock, ids, settings
from souk.kernel.caller import Caller
from souk.kernel.uploads import FileTooLarge
from souk.table import keys
from souk.table.unit import Unit

FETCH_WITHIN, KEPT = timedelta(minutes=5), timedelta(days=90)
_MESSAGES_AT_ONCE = 10


def template(kind: Format) -> Template:
    """Made anew each time, for the workbook tells the categories too."""
    name = f"products.{kind}"
    if kind == "csv":
        content = sheets.as_csv([COLUMNS])
    else:
        example = [[row.get(column, "") for column in COLUMNS] for row in EXAMPLE]
        categories = sorted(categories_by_name(category_store.tree()).items(), key=lambda one: (one[1], one[0]))
        content = spreadsheets.as_workbook(
            {
                "Products": [COLUMNS],
                "Example": [COLUMNS, *example],
                "Categories": [("category", "id"), *categories],
            }
        )
    key = f"templates/{ids.new('tpl')}.{kind}"
    files.put(key, content, CONTENT_TYPES[kind])
    url = files.download_url(key, name, int(FETCH_WITHIN.total_seconds()))
    return Template(name=name, content_type=CONTENT_TYPES[kind], url=url, expires_at=clock.now() + FETCH_WITHIN)


def begin_import(draft: ImportDraft, by: Caller) -> ImportUrl:
    by.need_store(None)
    draft.need_acceptable()
    now = clock.now()
    job = Import(import_id=ids.new("imp"), by=by.id, started_at=now, expires_at=now + KEPT, **dict(draft))
    with Unit() as unit:
        unit.save(keys.IMPORT, job)
    invited = files.invitation(job.key, CONTENT_TYPES[job.format], job.bytes)
    return ImportUrl(import_id=job.import_id, **dict(invited))


def read_import(key: str, etag: str, size: int, has_time: Callable[[], bool]) -> bool:
    """A file has been sent up: first it is read to its end, for a file that is wrong as a whole imports nothing.

    Answers whether that is done; otherwise, read again, it goes on where it stopped.
    """
    job = store.find_import(key.split("/")[-1].split(".")[0])
    if job is None or not job.reads(etag):
        return True
    try:
        need_importable(size)
        with TemporaryFile() as file:
            files.fetch(job.key, etag, file)
            if job.rows is None:
                job = _keep(job.but(etag=etag, rows=_rows_in(file, job.format)))
            return _hand_on(job, file, has_time)
    except (FileReplaced, FileTooLarge, UnreadableFile, WrongTable) as refusal:
        _keep(job.but(etag=etag, refused=refusal.detail))
        return True


def _rows_in(file: BinaryIO, kind: Format) -> int:
    rows = spreadsheets.rows(file, kind)
    header = next(rows, None)
    if header is None:
        raise WrongTable("The table is empty")
    columns_of(header.cells)
    found = sum(1 for _ in islice(rows, MOST_ROWS + 1))
    if not 0 < found <= MOST_ROWS:
        raise WrongTable(f"The table has {'no' if not found else 'too many'} rows; it may have up to {MOST_ROWS}")
    return found


def _hand_on(job: Import, file: BinaryIO, has_time: Callable[[], bool]) -> bool:
    """What is sent twice, because it was not written down that it was, is imported once."""
    left = (one for one in packed(job.import_id, _rows_of(file, job.format)) if one.number > job.sent)
    while part := list(islice(left, _MESSAGES_AT_ONCE)):
        if not has_time():
            return False
        queues.send(settings.rows_queue(), (one.model_dump(exclude_defaults=True) for one in part))
        job = _keep(job.but(sent=part[-1].rows[-1].number))
    _keep(job.but(all_sent=True))
    return True


def _rows_of(file: BinaryIO, kind: Format) -> Iterator[MessageRow]:
    """What the first row of a product says of it is said for those below that leave it open."""
    rows = spreadsheets.rows(file, kind)
    columns = columns_of(next(rows).cells)
    product, said = "", dict[str, str]()
    for row in rows:
        if row.fault:
            yield MessageRow(number=row.number, fault=row.fault)
            continue
        cells = {column: cell.strip() for column, cell in zip(columns, row.cells, strict=True) if cell.strip()}
        if cells.get("product", "") != product:
            product = cells.get("product", "")
            said = {column: cells[column] for column in OF_PRODUCT if column in cells}
        yield MessageRow(number=row.number, cells=said | cells)


def _keep(job: Import) -> Import:
    with Unit() as unit:
        return unit.save(keys.IMPORT, job)
