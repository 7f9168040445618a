"""A flash sale over HTTP, at the rate that this machine carries; `make rush` sends more buyers, and prints the rate."""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.client import Client, Refused
from tests.e2e.shopping import goods, stock
from tests.support.market import ADDRESS, CONTACT

BUYERS = int(os.environ.get("BUYERS", "300"))
UNITS, AT_ONCE = BUYERS // 10, 16
SOLD_OUT = "409 sale_sold_out"


def sale_of(owner: Client, sku: str) -> str:
    """Begun as soon as it is scheduled."""
    now = datetime.now(UTC)
    times = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    store_id = owner.get("/staff/stores")["items"][0]["store_id"]
    terms = {"price_minor": 300, "units": UNITS, "per_buyer": 1, **times}
    made = owner.post("/staff/flash-sales", terms | {"store_id": store_id, "reference": sku, "sku": sku})
    assert owner.post(f"/staff/flash-sales/{made['sale_id']}/schedule")["left"] == {"stock": UNITS}
    return str(made["sale_id"])


@pytest.mark.capability("PRM-06")
def test_a_crowd_buys_every_unit_of_a_sale_and_none_is_answered_with_a_fault(
    card: dict[str, Any], owner: Client
) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        buyers = list(pool.map(lambda _: Client(card["api"]).be_guest(), range(BUYERS)))
    sku = goods(owner, units=UNITS)
    sale_id = sale_of(owner, sku)
    quote = buyers[0].post(f"/me/sales/{sale_id}/quotes", {"quantity": 1, "country": "PT"})
    order = {"quantity": 1, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": CONTACT}
    seconds: list[float] = []

    def buy(buyer: Client) -> str:
        """Whom the shop asks to send it again does so."""
        outcome = "409 contended"
        while outcome == "409 contended":
            began = time.monotonic()
            try:
                outcome = str(buyer.post(f"/me/sales/{sale_id}/orders", order, key=sale_id)["order"]["status"])
            except Refused as refused:
                outcome = f"{refused.status} {refused.code}"
            seconds.append(time.monotonic() - began)
        return outcome

    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = Counter(pool.map(buy, buyers))
    took = time.monotonic() - began
    p99 = sorted(seconds)[len(seconds) * 99 // 100]
    print(f"\n{BUYERS} buyers in {took:.1f} s: {len(seconds) / took:.0f} requests a second, p99 {p99 * 1000:.0f} ms")
    assert outcomes == {"awaiting_payment": UNITS, SOLD_OUT: BUYERS - UNITS}
    assert stock(owner, sku) == (UNITS, UNITS, 0)
