"""What the first answer of a function imports of ours: a start is paid for before anybody is answered.

What is missing here is imported by whoever needs it, where it is needed: see "What a request does not use is not
imported for it" in docs/decisions.md.
"""

from typing import Any

import pytest

from tests.support import template
from tests.support.market import Market
from tests.support.memory import MemoryTable
from tests.support.shop import Shop, environment
from tests.support.start import first_answer

PRODUCT_PAGE = """
domains.catalog.model: page product shelf shop sku
domains.catalog.store: pages
edge: body caller http language paging watch
flows: shop_window shown_prices
gateways: aws metrics secrets
kernel: audit caller clock correlation errors ids kept masking owner page settings shapes states
table: ask audit current entity keys patterns port record
"""
CHECKOUT = """
domains.access.model: rights
domains.catalog.model: product sku
domains.catalog.store: offers
domains.inventory.actions: reservations
domains.inventory.model: stock
domains.inventory.store: stock
domains.merchants.store: sellers
domains.merchants.model: seller
domains.orders.actions: placing saving
domains.orders.events: placing
domains.orders.model: buyer_view corrections delivery goods lifecycle order quote refusals requests shortage
domains.orders.store: orders
domains.payments.actions: attempts awaiting draws velocity
domains.payments.model: attempt draw fund outcome payment references start
domains.payments.store: payments
domains.stores.model: allocation hours policy reach settings store
domains.stores.store: settings stores
edge: body caller http watch
flows: charging checkout commission goods paying serving
gateways: aws keyed metrics payments providers secrets stripe
kernel: address audit caller charging clock correlation errors fact geo ids kept masking money one_time_code
kernel: owner paying settings shapes states
table: actions again ask audit conditions current entity keys limits patterns port record unit
"""


def listed(text: str) -> list[str]:
    lines = [line.split(": ") for line in text.strip().splitlines()]
    return sorted(f"{folder}.{name}" for folder, names in lines for name in names.split())


@pytest.fixture
def imported(shop: Shop, market: Market, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on each function is started anew for what it is asked; the modules that the last one has imported."""
    names: list[str] = []

    def invoke(logical_id: str, event: Any) -> Any:
        assert isinstance(shop.table, MemoryTable)
        function = next(one for one in template.functions() if one.logical_id == logical_id)
        answer, found = first_answer(function.module, event, shop.table.rows, environment())
        names[:] = sorted(found)
        return answer

    monkeypatch.setattr(shop, "invoke", invoke)
    return names


@pytest.fixture
def goods(market: Market) -> dict[str, str]:
    """Three products of the retailer's own on sale in a store."""
    return market.goods({"TEA": 500, "CUP": 900, "POT": 5900}, {market.store("Souk Baixa"): 50})


def test_a_product_page_imports_what_it_shows_and_no_more(
    goods: dict[str, str], shop: Shop, imported: list[str]
) -> None:
    assert shop.get(f"/shop/products/{goods['TEA']}").ok()["skus"][0]["price_minor"] == 500
    assert imported == listed(PRODUCT_PAGE)


def test_a_checkout_imports_what_it_agrees_to_and_no_more(
    goods: dict[str, str], market: Market, request: pytest.FixtureRequest
) -> None:
    """By card, from home: none of other providers, kept methods, balances, merchants' fees, currencies or staff."""
    wanted = dict.fromkeys(goods, 2)
    quote_id = market.quote(wanted).ok()["quote_id"]
    imported = request.getfixturevalue("imported")
    assert market.checkout(wanted, quote_id=quote_id).ok()["order"]["total_minor"] == 14600
    assert imported == listed(CHECKOUT)
