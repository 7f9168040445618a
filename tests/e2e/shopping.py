"""What end-to-end tests do time and again: put goods on sale, order them, and wait for what happens by itself."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from infra.local.client import Client
from tests.support.market import ADDRESS, CONTACT


def until(what: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def goods(owner: Client, units: int) -> str:
    """A SKU of its own, on sale, with so many units in one store."""
    sku = f"E2E-{uuid4().hex[:8].upper()}"
    shelf = owner.post("/staff/categories", {"name": {"en": sku}})["category_id"]
    draft = {"name": {"en": sku}, "category_id": shelf, "skus": [{"sku": sku, "price_minor": 1250}]}
    owner.post(f"/staff/listings/{owner.post('/staff/products', draft)['product_id']}/list")
    store_id = owner.get("/staff/stores")["items"][0]["store_id"]
    lines = [{"sku": sku, "units": units}]
    owner.post("/staff/stock-documents", {"kind": "receipt", "store_id": store_id, "reference": sku, "lines": lines})
    return sku


def order_of(guest: Client, sku: str, quantity: int = 1) -> Any:
    lines = [{"sku": sku, "quantity": quantity}]
    quote = guest.post("/me/quotes", {"lines": lines, "country": "PT"})
    request = {"lines": lines, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": CONTACT}
    return guest.post("/me/checkout", request, key=str(uuid4()))


def stock(owner: Client, sku: str) -> tuple[int, int, int]:
    found = owner.get(f"/staff/stock/{sku}")
    return found["on_hand"], found["reserved"], found["available"]
