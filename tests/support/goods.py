"""Stores with goods in them, made through the doors that staff use."""

from typing import Any

from souk.kernel.caller import Caller
from tests.support.shop import Shop

LISBON = {
    "name": "Souk Chiado", "phone": "+351 21 000 0001", "time_zone": "Europe/Lisbon", "manager": "Rita Lopes",
    "address": {"name": "Souk Chiado", "street": "Rua Garrett 10", "city": "Lisboa", "country": "PT"},
    "point": {"latitude_micro": 38_710_600, "longitude_micro": -9_141_500},
}  # fmt: skip


def open_store(shop: Shop, name: str = "Souk Chiado") -> str:
    return str(shop.post("/staff/stores", LISBON | {"name": name}, as_=shop.boss).ok()["store_id"])


def make_product(shop: Shop, sku: str) -> str:
    """A product of one SKU, at 10.00."""
    category = shop.post("/staff/categories", {"name": {"en": f"For {sku}"}}, as_=shop.boss).ok()
    draft = {"code": sku, "name": {"en": f"A {sku}"}, "category_id": category["category_id"], "price_minor": 1000,
             "skus": [{"sku": sku}]}  # fmt: skip
    return str(shop.post("/staff/products", draft, as_=shop.boss).ok()["product_id"])


def receive(shop: Shop, store_id: str, units: dict[str, int], reference: str = "PO-1") -> Any:
    """Goods in, as head office books them; answers the document."""
    lines = [{"sku": sku, "units": count} for sku, count in units.items()]
    draft = {"kind": "receipt", "store_id": store_id, "reference": reference, "lines": lines}
    return shop.post("/staff/stock-documents", draft, as_=shop.boss).ok()


def level(shop: Shop, sku: str, store_id: str) -> tuple[int, int, int]:
    """On hand, reserved, available, as staff read it."""
    stock = shop.get(f"/staff/stock/{sku}/{store_id}", as_=shop.boss).ok()
    return stock["on_hand"], stock["reserved"], stock["available"]


def clerk(*stores: str, may: frozenset[str]) -> Caller:
    """Somebody of these stores' staff."""
    return Caller(id="clerk", kind="staff", may=may, stores=frozenset(stores))
