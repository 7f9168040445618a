"""Imports of products, as they are asked for."""

from collections.abc import Iterable

from souk.domains.catalog.model.imports import (
    Import,
    ImportCount,
    ImportedRows,
    ImportProgress,
    NoSuchImport,
    Outcome,
    RowOutcome,
    progress,
)
from souk.domains.catalog.model.product import ProductClaim
from souk.domains.catalog.model.sku import SkuClaim
from souk.table import ask, keys, patterns

_LOOKED_THROUGH = 200  # parts of a file that one page looks through for rows of the outcome asked for


def find_import(import_id: str) -> Import | None:
    return ask.find(keys.IMPORT, Import, import_id=import_id)


def get_import(import_id: str) -> Import:
    return ask.get(keys.IMPORT, Import, NoSuchImport, import_id=import_id)


def import_progress(import_id: str) -> ImportProgress:
    job = get_import(import_id)
    return progress(job, ask.ask(patterns.IMPORT_COUNTS, import_id=import_id).all(keys.IMPORT_COUNT, ImportCount))


def imported_rows(
    import_id: str, outcome: Outcome, limit: int, position: str | None
) -> tuple[list[RowOutcome], str | None]:
    """In the order of the file; `position` is the part that the page before ended in, and its last row.

    Only those that failed have an index.
    """
    part, last = map(int, (position or "0.0").split("."))
    pattern = patterns.IMPORT_FAILURES if outcome == "failed" else patterns.IMPORTED_ROWS
    parts = ask.ask(pattern, import_id=import_id, since=f"{part:07d}", limit=_LOOKED_THROUGH)
    found = parts.all(keys.IMPORTED_ROWS, ImportedRows)
    rows = [(one.number, row) for one in found for row in one.with_outcome(outcome) if row.row > last]
    page = [row for _, row in rows[:limit]]
    if len(rows) > limit:
        return page, f"{rows[limit - 1][0]}.{page[-1].row}"
    return page, f"{found[-1].number}.{found[-1].last}" if parts.position else None


def claims(code: str, skus: Iterable[str]) -> tuple[str | None, dict[str, str]]:
    """The product with that code, and the products that own these SKUs; what nobody has claimed is left out."""
    wanted = [ask.key(keys.PRODUCT_CLAIM, code=code), *(ask.key(keys.SKU_CLAIM, sku=sku) for sku in skus)]
    rows = ask.many(wanted)
    product = rows.one(keys.PRODUCT_CLAIM, ProductClaim)
    owners = {one.sku: one.product_id for one in rows.all(keys.SKU_CLAIM, SkuClaim)}
    return (product.product_id if product else None), owners


def has_imported(import_id: str, number: int) -> bool:
    return ask.find(keys.IMPORTED_ROWS, ImportedRows, import_id=import_id, number=number) is not None
