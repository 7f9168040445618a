"""Imports: a file of products is sent up and imported by itself, once, whatever is delivered twice."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from souk.domains.catalog.model.sku_row import COLUMNS, EXAMPLE
from tests.support import files
from tests.support.imports import (
    SIX,
    as_csv,
    as_workbook,
    begin,
    counts,
    imported,
    lead,
    outcomes,
    progress,
    reasons,
    row,
    sent,
    sheets,
)
from tests.support.market import Market
from tests.support.shop import Shop

pytestmark = pytest.mark.usefixtures("teapots")
ONE = as_csv(lead("POT"))


@pytest.mark.capability("PRD-06")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_that_is_fetched_is_filled_in_and_imported(shop: Shop, kind: str) -> None:
    template = shop.get("/staff/imports/template", as_=shop.boss, format=kind).ok()
    content = files.fetched(template["url"])
    if kind == "csv":
        assert content == b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n"
        filled = content + b"".join(as_csv(*EXAMPLE).splitlines(keepends=True)[1:])
    else:
        book = load_workbook(io.BytesIO(content))
        assert [sheet.title for sheet in book.worksheets] == ["Products", "Example", "Categories"]
        assert [cell.value for cell in book["Products"][1]] == list(COLUMNS)
        assert "Tea > Teapots" in [cell.value for cell in book["Categories"]["A"]]
        del book["Products"]
        changed = io.BytesIO()
        book.save(changed)
        filled = changed.getvalue()
    found = imported(shop, filled, kind)
    assert counts(found) == (2, 0, 0, 0), reasons(shop, found)
    pot = sheets(shop)["POT"]
    assert (pot["name"], pot["origin"]) == ({"en": "Iron teapot", "zh": "铁壶"}, "JP")
    assert pot["options"][0]["name"] == {"en": "Colour", "zh": "颜色"}
    assert [(sku["sku"], sku["price_minor"], sku["options"], sku["barcode"]) for sku in pot["skus"]] == [
        ("POT-BLACK", 5900, {"colour": "black"}, "4006381333931"),
        ("POT-INDIGO", 6250, {"colour": "indigo"}, None),
    ]


@pytest.mark.capability("PRD-06")
@pytest.mark.parametrize(("kind", "write"), [("csv", as_csv), ("xlsx", as_workbook)])
def test_the_same_file_again_changes_nothing(shop: Shop, kind: str, write: Any) -> None:
    content = write(*SIX, lead("CUP", "CUP"))
    assert counts(imported(shop, content, kind)) == (7, 0, 0, 0)
    before = sheets(shop)
    assert [sku["sku"] for sku in before["POT"]["skus"]] == [one["sku"] for one in SIX]
    again = imported(shop, content, kind)
    assert counts(again) == (0, 0, 7, 0)
    assert sheets(shop) == before
    assert [one["row"] for one in outcomes(shop, again, "unchanged", limit=3)] == list(range(2, 9))


def test_rows_that_lie_far_apart_in_the_file_are_all_told(shop: Shop) -> None:
    header, *rows = as_csv(*SIX).splitlines(keepends=True)
    found = imported(shop, header + (b"," * 17 + b"\n").join([b"", *rows]).replace(rows[2], b"\n" * 90 + rows[2]))
    assert counts(found) == (6, 0, 0, 0)
    for limit in (1, 2, 4, 100):
        assert [one["sku"] for one in outcomes(shop, found, "created", limit)] == [one["sku"] for one in SIX], limit


@pytest.mark.capability("PRD-06")
def test_only_what_a_file_says_otherwise_is_updated(shop: Shop, market: Market, teapots: str) -> None:
    imported(shop, as_csv(*SIX))
    product_id = sheets(shop)["POT"]["product_id"]
    market.put_on_shelf(product_id)
    changed = SIX[3] | {"price": "61.5", "weight_g": "900"}
    new = row("POT-RED-S", option1="Colour", value1="red", option2="Size", value2="s")
    found = imported(shop, as_csv(*SIX[1:3], changed, new))
    assert counts(found) == (1, 1, 2, 0)
    (updated,) = outcomes(shop, found, "updated")
    assert (updated["row"], updated["sku"], updated["product_id"]) == (4, changed["sku"], product_id)
    assert [fact["new_minor"] for fact in shop.facts("PriceChanged")] == [6150]
    page = shop.get(f"/shop/products/{product_id}").ok()
    shown = {sku["sku"]: (sku["price_minor"], sku["weight_g"]) for sku in page["skus"]}
    assert shown == {one["sku"]: (5900, 0) for one in SIX} | {changed["sku"]: (6150, 900), "POT-RED-S": (5900, 0)}

    other = market.category("Iron")
    moved = imported(shop, as_csv(SIX[0] | {"name_en": "Kettle", "category": other, "price": ""}))
    assert counts(moved) == (0, 1, 0, 0)
    cards = shop.get(f"/shop/categories/{other}/products").ok()["items"]
    assert [(one["name"], one["price_from_minor"]) for one in cards] == [("Kettle", 5900)]
    assert {one["name"]["en"]: one["products"] for one in shop.rows("Category")} == {"Tea": 0, "Teapots": 0, "Iron": 1}


def test_a_product_that_staff_made_is_found_by_its_code_and_a_deleted_one_is_left_alone(
    shop: Shop, market: Market, teapots: str
) -> None:
    made = market.product(teapots, code="POT", skus=[{"sku": "POT-1"}])
    gone = market.product(teapots, code="GONE")
    shop.delete(f"/staff/products/{gone['product_id']}", as_=shop.boss).ok()
    found = imported(shop, as_csv(row("POT-1", price="10"), lead("GONE-1", "GONE"), row("CUP-1", "POT-1")))
    assert counts(found) == (0, 1, 0, 2)
    sheet = shop.get(f"/staff/products/{made['product_id']}", as_=shop.boss).ok()
    assert [(sku["sku"], sku["price_minor"]) for sku in sheet["skus"]] == [("POT-1", 1000)]
    draft = {"name": {"en": "Pot"}, "category_id": teapots, "code": "POT", "skus": [{"sku": "POT-2"}]}
    doubled = shop.post("/staff/products", draft, as_=shop.boss)
    assert (doubled.status, doubled["code"]) == (409, "product_code_taken")


def test_imports_need_their_permission_and_are_head_offices(shop: Shop) -> None:
    import_id = sent(shop, ONE)
    manager = shop.staff("catalog.import", stores=("sto_1",))
    for path in (f"/staff/imports/{import_id}", f"/staff/imports/{import_id}/rows"):
        assert shop.get(path, as_=shop.staff("catalog.write")).status == 403
        absent = shop.get(path.replace(import_id, "imp_0"), as_=manager)
        assert (shop.get(path, as_=manager).status, shop.get(path, as_=manager).body) == (404, absent.body)
        assert shop.get(path.replace(import_id, "imp_0"), as_=shop.boss).status == 404
    assert shop.post("/staff/imports", {"format": "csv", "bytes": 1}, as_=manager).status == 404


def test_who_imported_what_by_which_file_is_written_down(shop: Shop) -> None:
    import_id = imported(shop, ONE)["import_id"]
    product_id = sheets(shop)["POT"]["product_id"]
    (entry,) = shop.get("/staff/audit", as_=shop.boss, subject=product_id).ok()["items"]
    assert (entry["by"], entry["action"], entry["details"]) == ("boss", "import_rows", {"import_id": import_id})


@pytest.mark.capability("PRD-06")
def test_everything_delivered_twice_is_imported_once(shop: Shop) -> None:
    import_id = sent(shop, as_csv(*SIX, lead("BAD", "BAD", price="x"), lead("CUP", "CUP")))
    shop.drain(times=2)
    assert counts(progress(shop, import_id)) == (7, 0, 0, 1)
    assert len(outcomes(shop, progress(shop, import_id), "created")) == 7
    assert [one["sku"] for one in outcomes(shop, progress(shop, import_id), "failed")] == ["BAD"]


def test_another_file_sent_to_the_same_address_is_not_imported(shop: Shop) -> None:
    ticket = begin(shop, len(ONE)).ok()
    files.send_up(ticket, ONE)
    shop.drain()
    files.send_up(ticket, ONE.replace(b"59.00", b"61.00"))
    shop.drain()
    assert counts(progress(shop, ticket["import_id"])) == (1, 0, 0, 0)
    assert [sku["price_minor"] for sku in sheets(shop)["POT"]["skus"]] == [5900]


@pytest.mark.capability("PRD-06")
def test_progress_is_seen_on_the_way(shop: Shop) -> None:
    ticket = begin(shop, len(ONE)).ok()
    assert progress(shop, ticket["import_id"])["status"] == "awaiting_file"
    files.send_up(ticket, ONE)
    for message in files.messages("Uploads", 10):
        shop.invoke("ReadImport", {"Records": [message]})
    working = progress(shop, ticket["import_id"])
    assert (working["status"], working["rows"], working["created"]) == ("working", 1, 0)
    shop.drain()
    assert progress(shop, ticket["import_id"])["status"] == "done"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_too_large_is_refused_before_it_is_sent(shop: Shop, kind: str) -> None:
    for size, status in ((20_000_000, 201), (20_000_001, 413), (10**9, 413), (0, 422), (-1, 422), (True, 422)):
        assert begin(shop, size, kind).status == status, size
    assert shop.post("/staff/imports", {"format": "ods", "bytes": 1}, as_=shop.boss).status == 422
