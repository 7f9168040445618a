"""Fills an empty shop with the demo catalogue and its people, over HTTP as the shop's own staff would."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from infra.local.client import Client, receipts
from infra.local.shop import Shop

CATALOGUE = Path(__file__).parent / "catalogue"
PASSWORD = "Bazaar-2026-open"
AT_ONCE = 4
# Whoever asks for it is charged in yuan, which WeChat Pay and Alipay take; a shop that is kept knows no newer rate.
SETTINGS = {
    "charged_currencies": ["CNY"],
    "payment_methods": ["card", "wechat_pay", "alipay"],
    "rate_seconds": 365 * 86_400,
}
RATES = {"CNY": "8.2417"}

User = dict[str, str]


def seed(shop: Shop) -> list[User]:
    """Everybody who can sign in, with the role that the demo knows them by."""
    people = nouns("staff")
    first = next(person for person in people if person["job"] == "owner")
    shop.run("appoint-owner", {"email": first["email"], "name": first["name"], "password": PASSWORD})
    owner = Client(shop.api).sign_in(first["email"], PASSWORD)
    owner.put("/staff/settings", owner.get("/staff/settings") | SETTINGS)
    owner.post("/staff/rates", {"rates": RATES})
    stores = {store["slug"]: _open(owner, store) for store in nouns("stores")}
    shelves = _make_categories(owner)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda product: _make_product(owner, shelves, product), nouns("products")))
    for stock in nouns("stock"):
        for receipt in receipts(stores[stock["store"]], "opening", stock["units"]):
            owner.post("/staff/stock-documents", receipt)
    for person in people:
        if person is not first:
            rights = {"roles": person["roles"], "stores": [stores[slug] for slug in person["stores"]]}
            owner.post(
                "/staff/people", {"email": person["email"], "name": person["name"], "password": PASSWORD, **rights}
            )
    buyers = nouns("buyers")
    for buyer in buyers:
        account = {"email": buyer["email"], "name": buyer["name"], "password": PASSWORD}
        Client(shop.api).post("/access/sign-up", account)
    return [_user(person["job"], person) for person in people] + [_user("buyer", buyer) for buyer in buyers]


def nouns(name: str) -> list[dict[str, Any]]:
    """One file of the catalogue."""
    found: list[dict[str, Any]] = json.loads((CATALOGUE / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _user(role: str, person: dict[str, Any]) -> User:
    return {"role": role, "username": person["email"], "password": PASSWORD}


def _open(owner: Client, store: dict[str, Any]) -> str:
    return str(owner.post("/staff/stores", _given(store, but="slug"))["store_id"])


def _make_categories(owner: Client) -> dict[str, str]:
    """Their ids by slug; parents stand before their children in the file."""
    made: dict[str, str] = {}
    for rank, category in enumerate(nouns("categories")):
        parent = {"parent_id": made[category["parent"]]} if category["parent"] else {}
        made[category["slug"]] = owner.post("/staff/categories", {"name": category["name"], "rank": rank, **parent})[
            "category_id"
        ]
    return made


def _make_product(owner: Client, shelves: dict[str, str], product: dict[str, Any]) -> None:
    draft = {**_given(product, but="slug"), "category_id": shelves[product["category"]]}
    del draft["category"]
    made = owner.post("/staff/products", draft)
    owner.post(f"/staff/listings/{made['product_id']}/list")


def _given(values: dict[str, Any], but: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != but and value is not None}
