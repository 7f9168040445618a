"""What is done with rows of a file: they become products, each product in one transaction with what is told of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from souk.domains.catalog.actions.saving import claim, count_category, save, save_skus, tell_price
from souk.domains.catalog.model.imports import Import, ImportedRows, MessageRow, RowOutcome, RowsMessage
from souk.domains.catalog.model.merging import Merged, NumberedRow, Terms, failed, merged
from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import ProductCodeTaken
from souk.domains.catalog.model.shelf import ShelfEntry
from souk.domains.catalog.model.sku import SkuTaken
from souk.domains.catalog.model.sku_row import BadRow, categories_by_name, read_row
from souk.domains.catalog.store import categories as category_store
from souk.domains.catalog.store import imports as store
from souk.domains.catalog.store import pages as page_store
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.table import audit, keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def import_rows(message: RowsMessage, currency: str, has_time: Callable[[], bool]) -> bool:
    """Done twice, it is done once; answers whether it is done with, otherwise the rest is done the next time."""
    job = store.find_import(message.import_id)
    if job is None:
        return True
    by = Caller(id=job.by, kind="staff")
    categories = categories_by_name(category_store.tree())
    for rows in message.of_products():
        if not has_time():
            return False
        with audit.command(by, "import_rows"):
            _import_product(job, message.number, rows, currency, categories)
    return True


def _import_product(
    job: Import, message: int, rows: Sequence[MessageRow], currency: str, categories: Mapping[str, str]
) -> None:
    good, bad = _read(rows)
    product_id = ids.new("prd")

    def put() -> None:
        if store.has_imported(job.import_id, rows[0].number):
            return
        result, page = Merged(None, {}), None
        if good:
            found, owners = store.claims(good[0][1].product, (row.sku for _, row in good))
            page = page_store.page(found) if found else None
            terms = Terms(currency=currency, categories=categories, owners=owners, now=clock.now())
            result = merged(page, found or product_id, good, terms)
        with Unit() as unit:
            unit.because(None, import_id=job.import_id)
            _note(unit, job, message, rows[0].number, sorted([*bad, *result.outcomes], key=lambda one: one.row))
            _save(unit, page, result)

    again(lambda: _anew(put))


def _anew(put: Callable[[], None]) -> None:
    """Whoever was quicker with the same code has made the product that this one now adds to."""
    try:
        put()
    except (ProductCodeTaken, SkuTaken):
        raise ChangedMeanwhile() from None


def _read(rows: Sequence[MessageRow]) -> tuple[list[NumberedRow], list[RowOutcome]]:
    good, bad = [], []
    for row in rows:
        try:
            if row.fault:
                raise BadRow(row.fault)
            good.append((row.number, read_row(row.cells)))
        except BadRow as refusal:
            bad.append(failed(row.number, refusal.detail, row.cells.get("sku")))
    return good, bad


def _note(unit: Unit, job: Import, message: int, number: int, outcomes: Sequence[RowOutcome]) -> None:
    """What has become of the rows, and how many more the import has done with."""
    failures = tuple(one for one in outcomes if one.outcome == "failed")
    told = ImportedRows(
        import_id=job.import_id,
        number=number,
        rows=tuple(one for one in outcomes if one.outcome != "failed"),
        failures=failures,
        failed_in=job.import_id if failures else None,
        expires_at=job.expires_at,
    )
    unit.add(keys.IMPORTED_ROWS, told, otherwise=ChangedMeanwhile())
    counted = Counter(str(one.outcome) for one in outcomes)
    unit.change(keys.IMPORT_COUNT, import_id=job.import_id, number=message, add=counted, expires_at=job.expires_at)


def _save(unit: Unit, page: ProductPage | None, result: Merged) -> None:
    product = result.product
    if product is None:
        return
    skus = list(result.skus.values())
    count_category(unit, page.product.category_id if page else None, product.category_id)
    if page is None:
        claim(unit, product)
    save(unit, product, page.shelved(product, skus) if page else ShelfEntry.of(product, skus))
    before = {sku.sku: sku for sku in page.skus} if page else {}
    save_skus(unit, product, result.changed)
    for sku in result.changed:
        if old := before.get(sku.sku):
            tell_price(unit, product, old, sku)
