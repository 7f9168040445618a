"""What a request may cost: calls to the table in a process that is warm."""

from typing import Any

import pytest

from infra.local.stripe.fake import Request
from tests.support.market import INES, SIZES, Market
from tests.support.table import calls, units_written


@pytest.fixture
def shelf(market: Market) -> dict[str, str]:
    """Three products on sale in one of two stores, asked for once already."""
    market.store(rank=1)
    made = market.goods({"TEA": 500, "CUP": 900, "POT": 5900}, {market.store("Souk Baixa"): 50})
    market.place({"TEA": 1})
    return made


@pytest.mark.capability("PAY-14")
def test_a_checkout_of_three_lines_is_a_batch_read_a_transaction_the_provider_once_and_the_payments_id(
    market: Market, shelf: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    quote_id = market.quote(dict.fromkeys(shelf, 2)).ok()["quote_id"]
    made, begin = calls(monkeypatch), market.stripe.fake.begin

    def asked(request: Request) -> Any:
        made.append(request.path)
        return begin(request)

    monkeypatch.setattr(market.stripe.fake, "begin", asked)
    placed = market.checkout(dict.fromkeys(shelf, 2), quote_id=quote_id).ok()
    assert placed["payment"]["client_secret"]
    assert made == ["read_many", "write", "/v1/payment_intents", "write"]


@pytest.mark.capability("PLT-07")
@pytest.mark.parametrize(
    "name", ["Tea", "Hand-thrown stoneware teapot with a bamboo handle, 1.2 litres, from Tokoname"]
)
def test_a_checkout_of_three_lines_writes_at_most_twenty_units_with_its_index_copies(
    market: Market, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_id = market.store("Souk Chiado, the corner of Rua Garrett", freight_minor=490)
    category_id = market.category()
    skus = [
        sheet["sku"]
        for code in ("TEAPOT-STONEWARE", "TEACUP-STONEWARE", "TEATRAY-BAMBOO-L")
        for sheet in [market.listed(category_id, name, code=code, options=[SIZES])["skus"][0]]
    ]
    market.receive(store_id, dict.fromkeys(skus, 50))
    market.place({skus[0]: 1})
    quote_id = market.quote(dict.fromkeys(skus, 2)).ok()["quote_id"]
    written = units_written(monkeypatch)
    market.checkout(dict.fromkeys(skus, 2), quote_id=quote_id).ok()
    assert len(written) == 2
    assert sum(written) <= 20, written


def test_a_quote_is_one_batch_read(market: Market, shelf: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    made = calls(monkeypatch)
    market.quote(dict.fromkeys(shelf, 2)).ok()
    assert made == ["read_many"]


def test_a_product_page_an_order_and_a_page_of_a_list_are_one_call(
    market: Market, shelf: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = market.place({"TEA": 1})
    cursor = market.shop.get("/me/orders", as_=INES, limit=1)["next_cursor"]
    made, boss = calls(monkeypatch), market.shop.boss
    market.shop.get(f"/shop/products/{shelf['TEA']}").ok()
    market.shop.get("/me/orders", as_=INES, limit=1).ok()
    market.shop.get("/me/orders", as_=INES, limit=1, cursor=cursor).ok()
    market.shop.get("/staff/products", as_=boss, status="listed").ok()
    market.shop.get("/staff/stock/TEA", as_=boss).ok()
    assert made == ["query"] * 5
    market.shop.get(f"/me/orders/{order_id}", as_=INES).ok()
    assert made[5:] == ["read"]
