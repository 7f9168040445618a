"""Rows of an import: each is judged by itself, ten thousand of them within the time and memory of the functions."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from souk.domains.catalog.model import merging
from tests.support import files, template
from tests.support.context import Context
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
    row,
    sent,
    sheets,
)
from tests.support.shop import Shop

pytestmark = pytest.mark.usefixtures("teapots")
PATHS = {"PYTHONPATH": str(template.ROOT / "layers/souk/python")}


def of_colour(colour: str, **more: Any) -> Row:
    return row(f"POT-{colour.upper()}", option1="Colour|颜色", value1=colour.title(), **more)


BAD: list[tuple[Row, str]] = [
    ({"product": ""}, "product"),
    ({"product": "pot!"}, "product"),
    ({"sku": ""}, "sku"),
    ({"sku": "a b"}, "sku"),
    ({"price": "59,00"}, "price"),
    ({"price": "1.005"}, "price"),
    ({"price": "-1"}, "price"),
    ({"price": "1e3"}, "price"),
    ({"price": "99999999999"}, "price"),
    ({"name_en": ""}, "name"),
    ({"name_en": "x" * 201}, "name_en"),
    ({"name_en": "a\u202eb"}, "name_en"),
    ({"category": ""}, "category"),
    ({"category": "Tea > Cups"}, "Tea > Cups"),
    ({"origin": "Japan"}, "origin"),
    ({"barcode": "4006381333932"}, "barcode"),
    ({"weight_g": "1.5"}, "weight_g"),
    ({"image": "http://example.com/a.jpg"}, "image"),
    ({"option1": "Colour"}, "value1"),
    ({"option1": "Colour", "value1": "a", "option2": "colour", "value2": "b"}, "twice"),
    ({"option1": "颜色", "value1": "黑"}, "Latin"),
    ({"name_en": '=HYPERLINK("http://x")'}, "formula"),
    ({"name_zh": "@SUM(1)"}, "formula"),
    ({"description_en": "+1"}, "formula"),
]


@pytest.mark.capability("PRD-06")
def test_a_bad_row_fails_with_its_number_and_reason_and_stops_no_other(shop: Shop) -> None:
    rows = []
    for number, (wrong, _) in enumerate(BAD):
        rows += [lead(f"BAD-{number}", f"BAD-{number}") | wrong, lead(f"GOOD-{number}", f"GOOD-{number}")]
    found = imported(shop, as_csv(*rows))
    assert counts(found) == (len(BAD), 0, 0, len(BAD))
    told = reasons(shop, found)
    assert list(told) == list(range(2, 2 + 2 * len(BAD), 2))
    for (wrong, word), reason in zip(BAD, told.values(), strict=True):
        assert word in reason, (wrong, reason)
    assert set(sheets(shop)) == {f"GOOD-{number}" for number in range(len(BAD))}


def test_rows_of_one_product_fail_each_by_itself(shop: Shop) -> None:
    taken = lead("CUP", "CUP")
    rows = [
        lead("POT-BLACK", option1="Colour", value1="black"),
        of_colour("indigo"),
        of_colour("black") | {"price": "1"},
        of_colour("red", barcode="1"),
        of_colour("indigo") | {"sku": "POT-BLUE"},
        row("POT-S", option1="Size", value1="s"),
        row("POT-NONE"),
        of_colour("green", name_en="Kettle"),
        of_colour("grey") | {"sku": "CUP"},
        of_colour("white"),
    ]
    found = imported(shop, as_csv(taken, *rows))
    assert counts(found) == (4, 0, 0, 7)
    words = {5: "Row 3", 6: "barcode", 7: "same choice", 8: "colour", 9: "colour", 10: "name_en", 11: "another product"}
    told = reasons(shop, found)
    assert told.keys() == words.keys()
    assert all(word in told[number] for number, word in words.items()), told
    assert [sku["sku"] for sku in sheets(shop)["POT"]["skus"]] == ["POT-BLACK", "POT-INDIGO", "POT-WHITE"]
    mended = imported(shop, as_csv(*rows[:2], of_colour("red", barcode="4006381333931")))
    assert counts(mended) == (1, 0, 2, 0)


def test_a_product_whose_rows_lie_apart_or_are_too_many_for_one_message_is_one_product(shop: Shop) -> None:
    values = [f"v{number}" for number in range(42)]
    rows = [row(f"BIG-{one}".upper(), "BIG", option1="Size", value1=one) for one in values]
    rows[0] |= lead("BIG-V0", "BIG")
    rows.insert(30, lead("CUP", "CUP"))
    found = imported(shop, as_csv(*rows))
    assert counts(found) == (41, 0, 0, 2)
    assert all("at most 40 SKUs" in reason for reason in reasons(shop, found).values())
    assert len(sheets(shop)["BIG"]["skus"]) == 40


def test_rows_whose_options_would_offer_too_many_choices_fail_and_the_product_is_read(shop: Shop) -> None:
    rows = [row(f"BIG-{n}", "BIG", option1="Colour", value1=f"c{n}", option2="Size", value2=f"s{n}") for n in range(7)]
    rows[0] |= lead("BIG-0", "BIG")
    found = imported(shop, as_csv(*rows))
    assert counts(found) == (6, 0, 0, 1)
    assert "offer 49" in reasons(shop, found)[8]
    assert [sku["sku"] for sku in sheets(shop)["BIG"]["skus"]] == [f"BIG-{n}" for n in range(6)]


def test_a_stored_product_that_offers_too_many_choices_is_still_read_in_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(f"BIG-{n}", "BIG", option1="Colour", value1=f"c{n}", option2="Size", value2=f"s{n}") for n in range(7)]
    rows[0] |= lead("BIG-0", "BIG")
    with monkeypatch.context() as patch:
        patch.setattr(merging, "MOST_SKUS", 49)  # as it was imported before
        assert counts(imported(shop, as_csv(*rows))) == (7, 0, 0, 0)
    assert [sku["sku"] for sku in sheets(shop)["BIG"]["skus"]] == [f"BIG-{n}" for n in range(7)]
    assert counts(imported(shop, as_csv(*rows))) == (0, 0, 7, 0)


def test_a_sku_of_a_removed_value_comes_back_only_by_the_name_of_its_options(shop: Shop) -> None:
    black, indigo = lead("POT-BLACK", option1="Colour", value1="black"), of_colour("indigo")
    imported(shop, as_csv(black, indigo))
    pot = sheets(shop)["POT"]
    path = f"/staff/products/{pot['product_id']}/options/colour/values/indigo"
    shop.delete(path, as_=shop.boss, version=pot["version"]).ok()
    found = imported(shop, as_csv(row("POT-INDIGO")))
    assert counts(found) == (0, 0, 0, 1)
    assert "name its options" in reasons(shop, found)[2]
    assert [sku["active"] for sku in sheets(shop)["POT"]["skus"]] == [True, False]
    assert counts(imported(shop, as_csv(indigo))) == (0, 1, 0, 0)
    pot = sheets(shop)["POT"]
    assert [sku["active"] for sku in pot["skus"]] == [True, True]
    assert [value["code"] for value in pot["options"][0]["values"]] == ["black", "indigo"]


FAULTS: dict[int, tuple[Row, str]] = {
    2: ({"price": "free"}, "price"),
    777: ({"barcode": "12345678"}, "barcode"),
    4_001: ({"category": "Nowhere"}, "Nowhere"),
    6_666: ({"name_en": "=1+1"}, "formula"),
    10_001: ({"sku": "not a sku"}, "sku"),
}


def ten_thousand() -> list[Row]:
    """Products of up to eight SKUs, with faults planted in rows of their own products."""
    rows: list[Row] = []
    while len(rows) < 10_000:
        number = len(rows) + 2
        code = f"P{number:05d}"
        if number in FAULTS:
            rows.append(lead(code, code) | FAULTS[number][0])
            continue
        until = next((fault for fault in sorted(FAULTS) if fault > number), 10_002)
        for size in range(min(1 + number % 8, until - number, 10_000 - len(rows))):
            start = lead if size == 0 else row
            rows.append(start(f"{code}-{size}", code, option1="Size", value1=f"s{size}"))
    return rows


@pytest.mark.capability("PRD-06")
def test_ten_thousand_rows_are_imported_and_the_same_ten_thousand_again_change_nothing(shop: Shop) -> None:
    content = as_csv(*ten_thousand())
    import_id = sent(shop, content)
    longest = worked_off(shop)
    found = progress(shop, import_id)
    assert counts(found) == (10_000 - len(FAULTS), 0, 0, len(FAULTS))
    told = reasons(shop, found)
    assert list(told) == list(FAULTS)
    assert all(word in told[number] for number, (_, word) in FAULTS.items()), told
    for function, seconds in longest.items():
        print(f"{function}: at most {seconds:.2f} s")
        assert seconds < limits(function)["Timeout"] / 3, function

    again = imported(shop, content)
    assert counts(again) == (0, 0, 10_000 - len(FAULTS), len(FAULTS))


def worked_off(shop: Shop, *only: str) -> dict[str, float]:
    """The messages of these functions, or of both, and the seconds that each one's longest call works."""
    longest: dict[str, float] = {}
    for function, queue, size in (("ReadImport", "Uploads", 1), ("ImportRows", "Rows", 5)):
        while (not only or function in only) and (batch := list(files.messages(queue, size))):
            begun = time.process_time()
            assert shop.invoke(function, {"Records": batch}) == {"batchItemFailures": []}
            longest[function] = max(longest.get(function, 0), time.process_time() - begun)
    return longest


def limits(function: str) -> Any:
    return next(one.properties for one in template.functions() if one.logical_id == function)


@pytest.mark.capability("PRD-06")
def test_a_reader_whose_time_runs_out_goes_on_where_it_stopped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = sent(shop, as_csv(*(lead(f"P{number}", f"P{number}") for number in range(450))))
    told = notice()
    for is_left in (True, True, False):
        # Time to begin, and to hand on one part of ten messages.
        left = iter([15_000, 15_000, 0] if is_left else [15_000] * 9)
        with monkeypatch.context() as patch:
            patch.setattr(Context, "get_remaining_time_in_millis", lambda self, left=left: next(left))
            answer = shop.invoke("ReadImport", {"Records": [told]})
        assert bool(answer["batchItemFailures"]) == is_left
        assert progress(shop, import_id)["status"] == ("reading" if is_left else "working")
    assert sum(len(json.loads(one["body"])["rows"]) for one in files.messages("Rows", 100)) == 450


@pytest.mark.capability("PRD-06")
def test_a_worker_whose_time_runs_out_leaves_the_rest_for_the_next(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = sent(shop, as_csv(*(lead(f"P{number}", f"P{number}") for number in range(12))))
    with monkeypatch.context() as patch:
        steps = itertools.cycle([15_000] * 5 + [0])
        patch.setattr(Context, "get_remaining_time_in_millis", lambda self: next(steps))
        shop.drain()
    shop.drain()
    assert counts(progress(shop, import_id)) == (12, 0, 0, 0)


READER = """
import resource, sys
from souk.domains.catalog.actions import imports
from souk.gateways import spreadsheets
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
with open(sys.argv[1], "rb") as file:
    print(sum(1 for _ in spreadsheets.rows(file, "xlsx")))
"""


@pytest.mark.capability("PRD-06")
def test_a_workbook_of_ten_thousand_rows_is_read_within_the_limits_of_the_function(shop: Shop, tmp_path: Path) -> None:
    content = as_workbook(*ten_thousand())
    import_id = sent(shop, content, "xlsx")
    longest = worked_off(shop, "ReadImport")
    assert (progress(shop, import_id)["status"], progress(shop, import_id)["rows"]) == ("working", 10_000)
    assert longest["ReadImport"] < limits("ReadImport")["Timeout"] / 2

    # In a process of its own, which may not have more than half of the function's memory.
    book, bytes_at_most = tmp_path / "products.xlsx", limits("ReadImport")["MemorySize"] * 2**20 // 2
    book.write_bytes(content)
    command = [sys.executable, "-c", READER, str(book), str(bytes_at_most)]
    assert int(subprocess.run(command, env=os.environ | PATHS, stdout=subprocess.PIPE, check=True).stdout) == 10_001
