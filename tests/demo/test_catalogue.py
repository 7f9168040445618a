"""The demo shop's data is whole: what one file names, another has."""

import re
from itertools import product as combinations
from typing import Any

import pytest

from infra.local.demo.seed import nouns

PRODUCTS = nouns("products")
SKUS = [sku for product in PRODUCTS for sku in product["skus"]]
STORES = {store["slug"]: store for store in nouns("stores")}


def test_the_shop_is_large_enough_to_browse() -> None:
    assert len(PRODUCTS) >= 42
    assert len(STORES) == 3
    assert {member["job"] for member in nouns("staff")} == {"owner", "service", "warehouse", "store_manager"}
    assert len(nouns("buyers")) == 2


def test_categories_form_a_tree_and_parents_come_first() -> None:
    seen: set[str | None] = {None}
    for category in nouns("categories"):
        assert category["parent"] in seen
        seen.add(category["slug"])
    assert {product["category"] for product in PRODUCTS} <= seen


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product["slug"])
def test_a_product_has_one_sku_for_each_choice(product: dict[str, Any]) -> None:
    choices = combinations(*([value["code"] for value in option["values"]] for option in product["options"]))
    codes = [option["code"] for option in product["options"]]
    assert [sku["options"] for sku in product["skus"]] == [dict(zip(codes, choice, strict=True)) for choice in choices]
    assert 2 <= len(product["skus"]) <= 6


def test_everything_people_read_is_in_english_and_chinese() -> None:
    texts = [noun[field] for noun in PRODUCTS for field in ("name", "description")]
    texts += [category["name"] for category in nouns("categories")]
    for text in texts:
        assert re.search("[A-Za-z]", text["en"])
        assert re.search("[\u4e00-\u9fff]", text["zh"])


def test_skus_and_barcodes_are_unique_and_right() -> None:
    assert len({sku["sku"] for sku in SKUS}) == len({sku["barcode"] for sku in SKUS}) == len(SKUS)
    for sku in SKUS:
        assert re.fullmatch("[A-Z0-9-]{3,32}", sku["sku"])
        # GS1 keeps the prefix 20 for a shop's own numbers: no real article can have one of these.
        assert re.fullmatch("20[0-9]{11}", sku["barcode"])
        digits = [int(digit) for digit in sku["barcode"]]
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
        assert sku["price_minor"] > 0
        assert sku["weight_g"] > 0


def test_every_sku_can_be_bought_somewhere() -> None:
    stock = {entry["store"]: entry["units"] for entry in nouns("stock")}
    assert stock.keys() == STORES.keys()
    for units in stock.values():
        assert units.keys() <= {sku["sku"] for sku in SKUS}
    for sku in SKUS:
        assert any(units.get(sku["sku"], 0) > 0 for units in stock.values())


def test_people_and_stores_fit_each_other() -> None:
    for member in nouns("staff"):
        assert STORES.keys() >= set(member["stores"])
        assert bool(member["stores"]) == (member["job"] == "store_manager")
    served = {country for store in STORES.values() for country in store["serves"]}
    for buyer in nouns("buyers"):
        assert buyer["address"]["country"] in served
    for person in nouns("staff") + nouns("buyers"):
        assert person["email"].endswith("@example.com")
