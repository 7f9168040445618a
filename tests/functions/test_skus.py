"""The SKUs of a product: expanded from its options, priced one by one, taken off with an option's value."""

from itertools import product as combinations
from typing import Any

import pytest

from tests.support.market import COLOURS, INES, SIZES, Market, draft, option
from tests.support.shop import Answer, Shop


def teapot(market: Market) -> dict[str, Any]:
    return market.product(market.category(), code="POT", options=[COLOURS, SIZES])


def sheet(shop: Shop, made: dict[str, Any]) -> Any:
    return shop.get(f"/staff/products/{made['product_id']}", as_=shop.boss).ok()


def patch(shop: Shop, of: dict[str, Any], **fields: Any) -> Answer:
    path = f"/staff/products/{of['product_id']}/skus/{of['sku']}"
    return shop.call("PATCH", path, {"version": of["version"], **fields}, as_=shop.boss)


def drop(shop: Shop, made: dict[str, Any], option: str, value: str, version: int) -> Answer:
    path = f"/staff/products/{made['product_id']}/options/{option}/values/{value}"
    return shop.delete(path, as_=shop.boss, version=version)


def add(shop: Shop, made: dict[str, Any], value: str, version: int, **more: Any) -> Answer:
    body = {"version": version, "value": option("x", value)["values"][0], **more}
    return shop.post(f"/staff/products/{made['product_id']}/options/colour/values", body, as_=shop.boss)


def codes(made: dict[str, Any], active: bool = True) -> list[str]:
    return [sku["sku"] for sku in made["skus"] if sku["active"] == active]


@pytest.mark.capability("PRD-04")
def test_two_colours_and_three_sizes_make_six_skus(shop: Shop, market: Market) -> None:
    made = teapot(market)
    choices = [tuple(sku["options"].values()) for sku in made["skus"]]
    assert choices == list(combinations(("black", "indigo"), ("s", "m", "l")))
    assert codes(made) == [f"POT-{colour}-{size}".upper() for colour, size in choices]
    assert sheet(shop, made) == made


@pytest.mark.capability("PRD-04")
def test_staff_name_and_price_single_choices_themselves(market: Market) -> None:
    own = {"options": {"colour": "black", "size": "m"}, "sku": "KETTLE-7", "price_minor": 7000, "weight_g": 1250}
    made = market.product(market.category(), code="POT", options=[COLOURS, SIZES], skus=[own])
    assert len(made["skus"]) == 6
    named = next(sku for sku in made["skus"] if sku["sku"] == "KETTLE-7")
    assert own.items() <= named.items()
    assert [sku["price_minor"] for sku in made["skus"] if sku is not named] == [5900] * 5


@pytest.mark.capability("PRD-04")
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"skus": [{"options": {"colour": "black", "size": "m"}}] * 2}, "duplicate_choice"),
        ({"options": [option("size", "s", "s")]}, "duplicate_choice"),
        ({"options": [option("size", "s"), option("size", "m")]}, "duplicate_choice"),
        ({"skus": [{"options": {"colour": c, "size": "m"}, "sku": "SAME"} for c in ("black", "indigo")]}, "sku_taken"),
    ],
)
def test_one_choice_is_one_sku_and_one_sku_one_choice(
    shop: Shop, market: Market, more: dict[str, Any], code: str
) -> None:
    answer = shop.post("/staff/products", draft(market.category(), options=[COLOURS, SIZES]) | more, as_=shop.boss)
    assert (answer.status, answer["code"]) == (409, code)
    assert shop.rows("Sku") == []


def test_a_product_has_room_for_forty_skus(shop: Shop, market: Market) -> None:
    wide = [option("size", *(f"s{n}" for n in range(10))), option("colour", "a", "b", "c", "d")]
    made = market.product(market.category(), code="POT", options=wide)
    assert len(made["skus"]) == 40
    assert add(shop, made, "e", version=1)["code"] == "too_many_skus"


@pytest.mark.capability("PRD-04")
def test_a_value_with_stock_cannot_be_removed_until_the_goods_are_gone(shop: Shop, market: Market) -> None:
    made, store = teapot(market), market.store()
    receipt = market.receive(store, {"POT-INDIGO-M": 1})
    held = drop(shop, made, "colour", "indigo", version=1)
    assert (held.status, held["code"], held["units"]) == (409, "value_in_use", {"POT-INDIGO-M": 1})
    assert sheet(shop, made) == made
    shop.post(f"/staff/stock-documents/{receipt['document_id']}/void", as_=shop.boss).ok()

    left = drop(shop, made, "colour", "indigo", version=1).ok()
    assert codes(left) == ["POT-BLACK-S", "POT-BLACK-M", "POT-BLACK-L"]
    assert codes(left, active=False) == ["POT-INDIGO-S", "POT-INDIGO-M", "POT-INDIGO-L"]
    assert drop(shop, made, "colour", "black", version=2)["code"] == "last_value"
    assert drop(shop, made, "colour", "indigo", version=2).status == 404
    assert drop(shop, made, "size", "s", version=1)["code"] == "edited_meanwhile"


@pytest.mark.capability("PRD-04")
def test_a_value_of_which_everything_is_promised_to_an_unpaid_order_cannot_be_removed(
    shop: Shop, market: Market
) -> None:
    made = teapot(market)
    market.put_on_shelf(made["product_id"])
    market.receive(market.store(), {"POT-INDIGO-M": 1})
    order_id = market.place({"POT-INDIGO-M": 1})
    assert market.stock("POT-INDIGO-M") == {"on_hand": 1, "reserved": 1, "available": 0}
    held = drop(shop, made, "colour", "indigo", version=2)
    assert (held.status, held["code"]) == (409, "value_in_use")
    assert market.order(order_id)["status"] == "awaiting_payment"


def test_a_removed_sku_is_not_for_sale_and_comes_back_with_its_value(shop: Shop, market: Market) -> None:
    made = teapot(market)
    shop.post(f"/staff/listings/{made['product_id']}/list", as_=shop.boss).ok()
    drop(shop, made, "colour", "indigo", version=2).ok()
    shown = shop.get(f"/shop/products/{made['product_id']}").ok()
    assert [sku["sku"] for sku in shown["skus"]] == ["POT-BLACK-S", "POT-BLACK-M", "POT-BLACK-L"]
    assert shop.post("/me/cart/lines", {"sku": "POT-INDIGO-S", "quantity": 1}, as_=INES)["code"] == "not_for_sale"

    back = add(shop, made, "indigo", version=3).ok()
    assert codes(back) == codes(made)
    shop.post("/me/cart/lines", {"sku": "POT-INDIGO-S", "quantity": 1}, as_=INES).ok()


def test_the_price_of_a_removed_sku_counts_no_more(shop: Shop, market: Market) -> None:
    cheap = {"options": {"colour": "indigo"}, "price_minor": 100}
    made = market.listed(market.category(), options=[COLOURS], skus=[cheap])
    page = f"/shop/products/{made['product_id']}"
    assert shop.get(page).ok()["price_from_minor"] == 100
    drop(shop, made, "colour", "indigo", version=2).ok()
    assert shop.get(page).ok()["price_from_minor"] == 5900
    [black] = (sku for sku in made["skus"] if sku["options"] == {"colour": "black"})
    priced = patch(shop, black, price_minor=6000).ok()
    assert shop.get(page).ok()["price_from_minor"] == 6000
    patch(shop, priced, price_minor=None).ok()
    assert shop.get(page).status == 404


def test_a_new_value_brings_its_skus(shop: Shop, market: Market) -> None:
    made = teapot(market)
    own = {"options": {"colour": "red", "size": "s"}, "sku": "RED-ONE", "price_minor": 6100}
    more = add(shop, made, "red", version=1, skus=[own], price_minor=6000)
    assert more.status == 201
    assert codes(more.body)[6:] == ["RED-ONE", "POT-RED-M", "POT-RED-L"]
    assert [sku["price_minor"] for sku in more["skus"]] == [5900] * 6 + [6100, 6000, 6000]
    assert sheet(shop, made) == more.body
    assert add(shop, made, "red", version=2)["code"] == "duplicate_choice"
    assert add(shop, made, "green", version=1)["code"] == "edited_meanwhile"


@pytest.mark.capability("PRD-05")
def test_each_sku_has_its_own_price_picture_barcode_and_stock(shop: Shop, market: Market) -> None:
    made = teapot(market)
    first, *siblings = made["skus"]
    priced = patch(shop, first, price_minor=4900).ok()
    assert priced == first | {"price_minor": 4900, "version": 2}
    pictured = patch(shop, priced, image="black/s.jpg", barcode="4006381333931").ok()
    assert pictured == priced | {"image": "black/s.jpg", "barcode": "4006381333931", "version": 3}
    assert patch(shop, first, price_minor=1)["code"] == "edited_meanwhile"
    market.receive(market.store(), {first["sku"]: 3})
    stock = {sku["sku"]: market.stock(sku["sku"])["on_hand"] for sku in made["skus"]}
    assert stock == dict.fromkeys(stock, 0) | {first["sku"]: 3}
    assert sheet(shop, made)["skus"] == [pictured, *siblings]
    assert sheet(shop, made)["version"] == made["version"]


@pytest.mark.capability("PRD-05")
def test_the_cart_takes_the_price_of_the_sku(shop: Shop, market: Market) -> None:
    made = market.listed(market.category(), code="POT", options=[COLOURS, SIZES])
    patch(shop, made["skus"][0], price_minor=4900).ok()
    shop.post("/me/cart/lines", {"sku": "POT-BLACK-M", "quantity": 2}, as_=INES).ok()
    cart = shop.post("/me/cart/lines", {"sku": "POT-BLACK-S", "quantity": 1}, as_=INES).ok()
    assert {line["sku"]: line["price_minor"] for line in cart["lines"]} == {"POT-BLACK-S": 4900, "POT-BLACK-M": 5900}
    assert cart["goods_minor"] == 4900 + 2 * 5900


@pytest.mark.capability("PRD-07")
def test_a_new_price_holds_at_the_very_next_read(shop: Shop, market: Market) -> None:
    tea = market.category()
    made = market.listed(tea, code="POT")
    shop.post("/me/cart/lines", {"sku": "POT", "quantity": 1}, as_=INES).ok()
    patch(shop, made["skus"][0], price_minor=6500).ok()

    page = shop.get(f"/shop/products/{made['product_id']}").ok()
    assert [sku["price_minor"] for sku in page["skus"]] == [page["price_from_minor"]] == [6500]
    assert shop.get(f"/shop/categories/{tea}/products").ok()["items"][0]["price_from_minor"] == 6500
    [line] = shop.get("/me/cart", as_=INES).ok()["lines"]
    assert (line["price_minor"], line["price_changed"]) == (6500, True)
    assert shop.facts("PriceChanged") == [
        {"sku": "POT", "product_id": made["product_id"], "old_minor": 5900, "new_minor": 6500, "currency": "EUR"}
    ]


def test_a_product_without_any_price_leaves_the_shelf_and_returns_with_one(shop: Shop, market: Market) -> None:
    tea = market.category()
    made = market.listed(tea)
    unpriced = patch(shop, made["skus"][0], price_minor=None).ok()
    assert shop.get(f"/shop/products/{made['product_id']}").status == 404
    assert shop.get(f"/shop/categories/{tea}/products")["items"] == []
    patch(shop, unpriced, price_minor=100).ok()
    assert shop.get(f"/shop/products/{made['product_id']}").ok()["price_from_minor"] == 100


def test_a_wrong_edit_of_a_sku_is_refused(shop: Shop, market: Market) -> None:
    made = market.product(market.category())
    [sku] = made["skus"]
    wrong: list[dict[str, Any]] = [
        {"price_minor": -1},
        {"price_minor": "1"},
        {"weight_g": None},
        {"barcode": "123"},
        {"sku": "OTHER"},
        {"active": False},
        {"version": 0},
    ]
    for fields in wrong:
        assert patch(shop, sku, **fields).status == 422, fields
    assert patch(shop, sku | {"sku": "NOPE"}, price_minor=1)["code"] == "no_such_sku"
    assert sheet(shop, made) == made
