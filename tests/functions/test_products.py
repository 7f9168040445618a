"""Products as staff keep them."""

from typing import Any

import pytest

from tests.support.market import Market, draft, option, text
from tests.support.shop import Shop


def edit(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {name: of[name] for name in ("version", "name", "description", "origin", "category_id", "images")}
    return said | more


def statuses(shop: Shop, status: str) -> list[str]:
    page = shop.get("/staff/products", as_=shop.boss, status=status).ok()
    return [one["product_id"] for one in page["items"]]


@pytest.mark.capability("PRD-01")
def test_a_product_is_made_and_edited_by_those_who_have_seen_it_as_it_is(shop: Shop, market: Market) -> None:
    made = shop.post("/staff/products", draft(market.category()), as_=shop.boss)
    assert (made.status, made["version"], made["status"], made["currency"]) == (201, 1, "draft", "EUR")
    assert [(sku["price_minor"], sku["options"]) for sku in made["skus"]] == [(5900, {})]
    path = f"/staff/products/{made['product_id']}"
    assert shop.get(path, as_=shop.boss).ok() == made.body

    assert shop.put(path, edit(made.body, origin="CN"), as_=shop.boss).ok()["version"] == 2
    late = shop.put(path, edit(made.body, origin="KR"), as_=shop.boss)
    assert (late.status, late["code"], late["version"]) == (409, "edited_meanwhile", 2)
    assert shop.get(path, as_=shop.boss)["origin"] == "CN"


@pytest.mark.capability("PRD-01")
def test_a_deleted_product_is_gone_from_the_shop_and_stays_with_staff(shop: Shop, market: Market) -> None:
    tea = market.category()
    gone, kept = market.listed(tea), market.listed(tea)
    path = f"/staff/products/{gone['product_id']}"
    shop.delete(path, as_=shop.boss).ok()

    assert shop.get(f"/shop/products/{gone['product_id']}").status == 404
    items = shop.get(f"/shop/categories/{tea}/products").ok()["items"]
    assert [one["product_id"] for one in items] == [kept["product_id"]]
    assert statuses(shop, "deleted") == [gone["product_id"]]
    assert statuses(shop, "listed") == [kept["product_id"]]

    deleted = shop.get(path, as_=shop.boss).ok()
    assert shop.delete(path, as_=shop.boss).ok() == deleted
    assert shop.put(path, edit(deleted), as_=shop.boss)["code"] == "product_deleted"
    assert shop.post(f"/staff/listings/{gone['product_id']}/list", as_=shop.boss).status == 409
    assert [fact["reason"] for fact in shop.facts("ProductDelisted")] == ["deleted"]


def test_a_sku_code_belongs_to_one_product_for_ever(shop: Shop, market: Market) -> None:
    tea = market.category()
    first = market.product(tea, code="POT")
    shop.delete(f"/staff/products/{first['product_id']}", as_=shop.boss).ok()
    second = shop.post("/staff/products", draft(tea, code="POT"), as_=shop.boss)
    assert (second.status, second["code"], second["sku"]) == (409, "sku_taken", "POT")
    assert len(shop.rows("Product")) == 1
    assert [row["products"] for row in shop.rows("Category")] == [0]


def test_a_product_needs_a_category_that_exists(shop: Shop, market: Market) -> None:
    assert shop.post("/staff/products", draft("cat_0"), as_=shop.boss)["code"] == "unknown_category"
    made = market.product(market.category())
    path = f"/staff/products/{made['product_id']}"
    assert shop.put(path, edit(made, category_id="cat_0"), as_=shop.boss).status == 422
    assert shop.get(path, as_=shop.boss).ok() == made


WRONG: list[dict[str, Any]] = [
    {"name": {}},
    {"name": {"en": "x" * 201}},
    {"name": {"fr": "Théière"}},
    {"origin": "Japan"},
    {"price_minor": "5900"},
    {"price_minor": 59.0},
    {"price_minor": -1},
    {"price_minor": 10**13},
    {"currency": "USD"},
    {"status": "listed"},
    {"code": "pot"},
    {"category_id": "a#b"},
    {"images": ["http://example.com/a.jpg"]},
    {"images": ["../secret"]},
    {"images": ["javascript:alert(1)"]},
    {"skus": [{"barcode": "4006381333932"}]},
    {"skus": [{"options": {"colour": "red"}}]},
    {"options": [option("Colour", "red")]},
    {"options": [option("colour")]},
    {"options": [option(code, "x") for code in "abcd"]},
    {"options": [option("size", *map(str, range(41)))]},
    {"code": "P" * 30, "options": [option("size", "large")]},
]


def test_a_product_with_a_wrong_field_is_refused_and_nothing_is_kept(shop: Shop, market: Market) -> None:
    right = draft(market.category())
    for wrong in WRONG:
        assert shop.post("/staff/products", right | wrong, as_=shop.boss).status == 422, wrong
    assert shop.rows("Product") == [] == shop.rows("Sku")
    shop.post("/staff/products", right, as_=shop.boss).ok()


def test_the_barcode_and_the_pictures_of_a_real_product_are_taken(market: Market) -> None:
    images = ["https://cdn.example.com/tea/pot.jpg?w=800", "products/pot-1.jpg"]
    made = market.product(market.category(), images=images, skus=[{"barcode": "4006381333931", "image": "pot.png"}])
    assert (made["images"], made["image"]) == (images, images[0])
    assert made["skus"][0]["barcode"] == "4006381333931"


def test_staff_read_products_by_status_the_last_changed_first_page_by_page(shop: Shop, market: Market) -> None:
    tea, made = market.category(), []
    for _ in range(5):
        shop.pass_time(seconds=1)
        made.append(market.product(tea)["product_id"])
    first = shop.get("/staff/products", as_=shop.boss, status="draft", limit=3).ok()
    second = shop.get("/staff/products", as_=shop.boss, status="draft", limit=3, cursor=first["next_cursor"]).ok()
    assert [one["product_id"] for one in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    assert shop.get("/staff/products", as_=shop.boss, cursor=first["next_cursor"]).status == 400


def test_products_are_head_offices_and_need_the_permission(shop: Shop, market: Market) -> None:
    tea = market.category()
    reader = shop.staff("catalog.read")
    manager = shop.staff("catalog.write", stores=("sto_1",))
    assert shop.post("/staff/products", draft(tea), as_=reader).status == 403
    assert shop.post("/staff/products", draft(tea), as_=manager).status == 404
    assert shop.get("/staff/products/prd_0", as_=reader)["code"] == "no_such_product"
    assert shop.get("/staff/products/a%23b", as_=reader).status == 404
    assert shop.rows("Product") == []


def test_names_may_be_in_either_language(market: Market) -> None:
    made = market.product(market.category(), name="x", description={"zh": "铸铁茶壶"})
    assert (made["name"], made["description"]) == (text("x"), {"en": None, "zh": "铸铁茶壶"})
