"""Files of products, and what an import says of them."""

import csv
import io
from typing import Any

from openpyxl import Workbook

from souk.domains.catalog.model.sku_row import COLUMNS
from tests.support import files
from tests.support.shop import Answer, Shop

Row = dict[str, Any]


def row(sku: str, product: str = "POT", **more: Any) -> Row:
    return {"product": product, "sku": sku, "price": "59.00", **more}


def lead(sku: str, product: str = "POT", **more: Any) -> Row:
    """The first row of a product."""
    return row(sku, product, name_en=f"Teapot {product}", category="Tea > Teapots", **more)


SIX = [
    (lead if number == 0 else row)(
        f"POT-{colour}-{size}".upper(), option1="Colour", value1=colour, option2="Size", value2=size
    )
    for number, (colour, size) in enumerate((colour, size) for colour in ("black", "indigo") for size in "sml")
]


def as_csv(*rows: Row, separator: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_workbook(*rows: Row) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(COLUMNS))
    for one in rows:
        sheet.append([one.get(column) for column in COLUMNS])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def begin(shop: Shop, size: int, kind: str = "csv") -> Answer:
    return shop.post("/staff/imports", {"format": kind, "bytes": size}, as_=shop.boss)


def sent(shop: Shop, content: bytes, kind: str = "csv") -> str:
    """A file sent up, and not read yet; the import's id."""
    ticket = begin(shop, len(content), kind).ok()
    assert files.send_up(ticket, content) == 200
    return str(ticket["import_id"])


def imported(shop: Shop, content: bytes, kind: str = "csv") -> dict[str, Any]:
    """A file sent up and worked off; how it went."""
    import_id = sent(shop, content, kind)
    shop.drain()
    return progress(shop, import_id)


def notice() -> dict[str, Any]:
    """What the bucket has told the queue of the one file that was sent up."""
    (told,) = (one for one in files.messages("Uploads", 10) if "Records" in one["body"])
    return told


def progress(shop: Shop, import_id: str) -> dict[str, Any]:
    return {**shop.get(f"/staff/imports/{import_id}", as_=shop.boss).ok(), "import_id": import_id}


def counts(found: dict[str, Any]) -> tuple[int, int, int, int]:
    assert found["status"] == "done", found
    assert found["rows"] == sum(found[name] for name in ("created", "updated", "unchanged", "failed"))
    return found["created"], found["updated"], found["unchanged"], found["failed"]


def outcomes(shop: Shop, found: dict[str, Any], outcome: str = "failed", limit: int = 100) -> list[dict[str, Any]]:
    path, items, query = f"/staff/imports/{found['import_id']}/rows", [], {"outcome": outcome, "limit": limit}
    while True:
        page = shop.get(path, as_=shop.boss, **query).ok()
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        query["cursor"] = page["next_cursor"]


def reasons(shop: Shop, found: dict[str, Any]) -> dict[int, str]:
    return {one["row"]: one["reason"] for one in outcomes(shop, found)}


def sheets(shop: Shop) -> dict[str, dict[str, Any]]:
    """Every product by its code."""
    items = shop.get("/staff/products", as_=shop.boss, status="draft", limit=100).ok()["items"]
    found = [shop.get(f"/staff/products/{one['product_id']}", as_=shop.boss).ok() for one in items]
    return {one["code"]: one for one in found}
