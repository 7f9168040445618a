"""Goods for the tests: a category, a teapot in two colours and three sizes, and the shelf they stand on."""

from typing import Any

from tests.support.shop import Shop


def text(name: str) -> dict[str, str]:
    return {"en": name, "zh": f"{name}（中文）"}


def option(code: str, *values: str) -> dict[str, Any]:
    named = [{"code": value, "name": text(value.title())} for value in values]
    return {"code": code, "name": text(code.title()), "values": named}


COLOURS, SIZES = option("colour", "black", "indigo"), option("size", "s", "m", "l")


def category(shop: Shop, name: str = "Tea", parent_id: str | None = None, **more: Any) -> str:
    draft = {"name": text(name), "parent_id": parent_id, **more}
    return str(shop.post("/staff/categories", draft, as_=shop.boss).ok()["category_id"])


def draft(category_id: str, name: str = "Teapot", **more: Any) -> dict[str, Any]:
    return {
        "name": text(name),
        "category_id": category_id,
        "origin": "JP",
        "price_minor": 5900,
        "description": text("Cast iron"),
        **more,
    }


def product(shop: Shop, category_id: str, name: str = "Teapot", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = shop.post("/staff/products", draft(category_id, name, **more), as_=shop.boss).ok()
    return made


def put_on_shelf(shop: Shop, product_id: str) -> None:
    shop.post(f"/staff/listings/{product_id}/list", as_=shop.boss).ok()


def listed(shop: Shop, category_id: str, name: str = "Teapot", **more: Any) -> dict[str, Any]:
    made = product(shop, category_id, name, **more)
    put_on_shelf(shop, made["product_id"])
    return made
