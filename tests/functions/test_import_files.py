"""Files of an import: CSV and workbooks as programs write them, and files that are something else."""

import io
import json
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from souk.domains.catalog.model.sku_row import COLUMNS
from tests.support import files
from tests.support.imports import (
    Row,
    as_csv,
    as_workbook,
    counts,
    imported,
    lead,
    notice,
    progress,
    reasons,
    sent,
    sheets,
)
from tests.support.shop import Shop

pytestmark = pytest.mark.usefixtures("teapots")


def swollen(*parts: tuple[str, bytes]) -> bytes:
    """A workbook with these parts in the place of its own."""
    plain = zipfile.ZipFile(io.BytesIO(as_workbook(lead("POT"))))
    content, others = io.BytesIO(), dict(parts)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        for name in [*plain.namelist(), *(others.keys() - plain.namelist())]:
            book.writestr(name, others.get(name) or plain.read(name))
    return content.getvalue()


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE x [<!ENTITY e0 "haha">{ENTITIES}]><worksheet>&e9;</worksheet>'.encode()
ONE = as_csv(lead("POT"))
HEADER = ",".join(COLUMNS).encode()
STRANGE: dict[str, tuple[str, bytes, str]] = {
    "no header that is known": ("csv", b"sku,price\nA,1\n", "product"),
    "a column too many": ("csv", ONE.replace(b"origin", b"colour"), "colour"),
    "a column twice": ("csv", ONE.replace(b"name_zh", b"name_en"), "name_en"),
    "nothing": ("csv", b"\n\n", "empty"),
    "no rows": ("csv", HEADER, "no rows"),
    "Latin-1": ("csv", as_csv(lead("POT") | {"name_en": "Théière"}, encoding="latin-1"), "UTF-8"),
    "UTF-16": ("csv", as_csv(lead("POT"), encoding="utf-16"), "UTF-8"),
    "a workbook": ("csv", as_workbook(lead("POT")), "UTF-8"),
    "a quote that does not end": ("csv", ONE + b'POT,"' + b"x\n" * 100, "Row 3"),
    "a cell without end": ("csv", ONE + b'POT,"' + b"x" * 30_000 + b'"\n', "Row 3"),
    "too many rows": ("csv", HEADER + b"\nPOT" * 20_002, "too many"),
    "a CSV": ("xlsx", ONE, "workbook"),
    "half a workbook": ("xlsx", as_workbook(lead("POT"))[:-200], "workbook"),
    "a zip of something else": ("xlsx", swollen(("[Content_Types].xml", b"<x/>")), "workbook"),
    "broken XML": ("xlsx", swollen(("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>")), "workbook"),
    "a zip bomb": ("xlsx", swollen(("xl/media/a.png", bytes(130_000_000))), "130"),
    "a billion laughs": ("xlsx", swollen(("xl/worksheets/sheet1.xml", LAUGHS)), "workbook"),
}


@pytest.mark.capability("PRD-06")
def test_a_file_that_is_wrong_as_a_whole_imports_nothing_and_says_why(shop: Shop) -> None:
    for what, (kind, content, word) in STRANGE.items():
        found = imported(shop, content, kind)
        assert (found["status"], found["created"]) == ("refused", 0), what
        assert word in found["refused"], (what, found["refused"])
    assert shop.rows("Product") == []


def test_a_file_that_is_larger_than_was_announced_imports_nothing(shop: Shop) -> None:
    import_id, told = sent(shop, ONE), notice()
    body = json.loads(told["body"])
    body["Records"][0]["s3"]["object"]["size"] = 20_000_001
    assert shop.invoke("ReadImport", {"Records": [told | {"body": json.dumps(body)}]}) == {"batchItemFailures": []}
    found = progress(shop, import_id)
    assert (found["status"], "20000000" in found["refused"]) == ("refused", True)


def test_csv_is_read_as_spreadsheets_write_it(shop: Shop) -> None:
    for number, (separator, encoding) in enumerate([(";", "utf-8-sig"), ("\t", "utf-8"), (",", "utf-8-sig")]):
        code = f"P{number}"
        one = lead(code, code, description_en='Says "hello", in\ntwo lines')
        found = imported(shop, as_csv(one, separator=separator, encoding=encoding) + b"\r\n")
        assert counts(found) == (1, 0, 0, 0), (separator, reasons(shop, found))
    assert sheets(shop)["P0"]["description"]["en"] == 'Says "hello", in\ntwo lines'


def test_a_row_with_more_or_fewer_cells_than_the_header_fails_alone(shop: Shop) -> None:
    lines = as_csv(lead("A", "A"), lead("B", "B"), lead("C", "C"), lead("D", "D")).splitlines()
    lines[1] += b",x"
    lines[2] = lines[2].rsplit(b",", 1)[0]
    lines[3] = b'C,"x"y' + lines[3][1:]
    found = imported(shop, b"\n".join(lines))
    assert counts(found) == (1, 0, 0, 3)
    told = reasons(shop, found)
    assert "19 cells" in told[2] and "17 cells" in told[3] and "quotes" in told[4]


def test_a_row_that_is_too_long_for_a_message_fails_alone(shop: Shop) -> None:
    cells = dict.fromkeys(("description_en", "description_zh", "image", "value1", "value2", "value3"), "茶" * 19_000)
    found = imported(shop, as_csv(lead("A", "A") | cells, lead("B", "B")))
    assert counts(found) == (1, 0, 0, 1)
    assert reasons(shop, found) == {2: "it is too long"}


def test_what_a_queue_refuses_in_a_text_hinders_no_import(shop: Shop) -> None:
    import_id = sent(shop, as_csv(lead("A", "A", description_en="a\ufffeb\uffff茶"), lead("B", "B")))
    told = notice()
    assert shop.invoke("ReadImport", {"Records": [told]}) == {"batchItemFailures": []}
    (message,) = files.messages("Rows", 10)
    assert not {"\ufffe", "\uffff"} & set(message["body"])
    assert json.loads(message["body"])["rows"][0]["cells"]["description_en"] == "a\ufffeb\uffff茶"
    assert shop.invoke("ImportRows", {"Records": [message]}) == {"batchItemFailures": []}
    assert sum(counts(progress(shop, import_id))) == 2


def test_numbers_of_a_workbook_are_read_as_they_are_written_and_what_is_no_text_fails(shop: Shop) -> None:
    right = lead("POT", "POT") | {"price": 59.9, "barcode": 4006381333931, "weight_g": 1250.0}
    wrong: list[tuple[Row, str]] = [
        ({"name_en": date(2026, 1, 2)}, "date"),
        ({"price": "=1+1"}, "formula"),
        ({"name_en": True}, ""),
        ({"price": 59.999}, "price"),
        ({"weight_g": 12.5}, "weight_g"),
    ]
    rows = [lead(f"W{n}", f"W{n}") | one for n, (one, _) in enumerate(wrong)]
    found = imported(shop, as_workbook(right, *rows), "xlsx")
    told = reasons(shop, found)
    assert set(told) == {3, 4, 6, 7}, told
    assert all(word in told.get(number, word) for number, (_, word) in enumerate(wrong, 3))
    (sku,) = sheets(shop)["POT"]["skus"]
    assert (sku["price_minor"], sku["barcode"], sku["weight_g"]) == (5990, "4006381333931", 1250)


def test_cells_that_lie_far_away_cost_nothing(shop: Shop) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for column, name in enumerate(COLUMNS, 1):
        sheet.cell(1, column, name)
        sheet.cell(2, column, lead("POT").get(name))
    sheet["XFD1048576"] = "far"
    content = io.BytesIO()
    book.save(content)
    assert counts(imported(shop, content.getvalue(), "xlsx")) == (1, 0, 0, 0)
