"""Many buyers at once for the last units, over HTTP: `make race` does it twenty times over."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.client import Client, Refused
from tests.e2e.shopping import goods, stock
from tests.support.market import ADDRESS, CONTACT

RUNS, BUYERS, UNITS = int(os.environ.get("RUNS", "1")), 200, 10


@pytest.fixture(scope="module")
def buyers(card: dict[str, Any]) -> list[Client]:
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda _: Client(card["api"]).be_guest(), range(BUYERS)))


@pytest.mark.capability("INV-03")
@pytest.mark.parametrize("run", range(1, RUNS + 1))
def test_200_buyers_at_once_buy_the_last_10_units_and_no_more(buyers: list[Client], owner: Client, run: int) -> None:
    sku = goods(owner, units=UNITS)
    lines = [{"sku": sku, "quantity": 1}]
    quote = buyers[0].post("/me/quotes", {"lines": lines, "country": "PT"})
    request = {"lines": lines, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": CONTACT}

    def buy(buyer: Client) -> str:
        try:
            return str(buyer.post("/me/checkout", request, key=sku)["order"]["status"])
        except Refused as refused:
            return f"{refused.status} {refused.code}"

    with ThreadPoolExecutor(BUYERS) as pool:
        outcomes = Counter(pool.map(buy, buyers))
    assert outcomes == {"awaiting_payment": UNITS, "409 insufficient_stock": BUYERS - UNITS}
    assert stock(owner, sku) == (UNITS, UNITS, 0)
