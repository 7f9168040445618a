"""Rates of exchange: prices are shown in the buyer's currency, by a rate of which source and time are told."""

import math
import re
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.exchange.model import RateSheet, conversion, newest
from souk.gateways.ecb import RatesUnreadable, read
from souk.kernel import kept
from souk.kernel.money import exponent
from tests.support.market import Market
from tests.support.shop import START, Shop

DAILY = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" \
xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube><Cube time="2026-10-30">
    <Cube currency="USD" rate="1.1571"/><Cube currency="JPY" rate="178.46"/><Cube currency="GBP" rate="0.8780"/>
  </Cube></Cube>
</gesmes:Envelope>
"""
# As the bank published it, on a day when the euro was worth about a dollar.
PUBLISHED = Path(__file__).parents[1] / "data/ecb/eurofxref-daily-2022-07-08.xml"
CURRENCIES = ["EUR", "USD", "JPY", "KWD"]


@pytest.fixture
def market(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Market:
    """A shop in euros that shows its prices in others; the bank's file lies on this machine."""
    file = tmp_path / "eurofxref-daily.xml"
    file.write_text(DAILY, encoding="utf-8")
    monkeypatch.setenv("RATES_URL", file.as_uri())
    market.set_up(shown_currencies=["JPY", "KWD", "USD"])
    market.goods({"CUP": 1099}, {market.store(): 9})
    return market


def shown(market: Market, currency: str = "JPY") -> dict[str, Any]:
    product_id = market.shop.rows("Product")[0]["product_id"]
    page = market.shop.get(f"/shop/products/{product_id}", shown_currency=currency).ok()
    (sku,) = page["skus"]
    shelf = market.shop.get(f"/shop/categories/{market.category_id}/products", shown_currency=currency).ok()
    assert sku["shown"] == page["shown_from"] == shelf["items"][0]["shown_from"]
    assert (sku["price_minor"], page["currency"]) == (1099, "EUR")
    return dict(sku["shown"])


@pytest.mark.capability("FX-01")
def test_prices_are_shown_by_the_banks_rate_of_the_day_with_its_source_and_time(market: Market) -> None:
    market.shop.invoke("FetchRates", {})
    expected = {"currency": "JPY", "minor": 1961, "source": "ecb", "at": "2026-10-30T15:00:00Z", "stale": False}
    assert shown(market) == expected  # 10.99 EUR at 178.46 is 1961.28 JPY
    with market.shop.unchanged():
        market.shop.invoke("FetchRates", {})


@pytest.mark.capability("FX-01")
def test_a_file_as_the_bank_published_it_is_taken_whole(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATES_URL", PUBLISHED.as_uri())
    market.shop.invoke("FetchRates", {})
    (sheet,) = market.shop.get("/staff/rates", as_=market.shop.boss).ok()["items"]
    assert (sheet["source"], sheet["at"]) == ("ecb", "2022-07-08T15:00:00Z")
    said = dict(re.findall("currency='([A-Z]+)' rate='([0-9.]+)'", PUBLISHED.read_text(encoding="utf-8")))
    assert len(said) == 31
    assert {name: Fraction(micro, 10**6) for name, micro in sheet["micro"].items()} == {
        name: Fraction(rate) for name, rate in said.items()
    }
    # 10.99 EUR are 1517.17 JPY; years later that is old, and said to be.
    assert (shown(market)["minor"], shown(market)["stale"]) == (1517, True)


@pytest.mark.capability("FX-01")
def test_staff_set_a_rate_that_holds_until_the_bank_has_a_newer_one(market: Market) -> None:
    market.shop.invoke("FetchRates", {})
    market.set_rates(JPY="200", KWD="0.3555")
    assert (shown(market)["minor"], shown(market)["source"]) == (2198, "staff")
    assert shown(market, "KWD")["minor"] == 3907  # 3.90694 KWD
    assert shown(market, "USD")["source"] == "ecb"
    known = market.shop.get("/staff/rates", as_=market.shop.boss).ok()["items"]
    assert [one["source"] for one in known] == ["staff", "ecb"]


@pytest.mark.capability("FX-01")
def test_a_rate_that_is_too_old_is_still_shown_and_said_to_be_old(market: Market) -> None:
    market.set_rates(JPY="180")
    market.shop.pass_time(days=5, minutes=-1)  # one has passed since
    kept.forget_all()
    assert shown(market)["stale"] is False
    market.shop.pass_time(seconds=1)
    kept.forget_all()
    assert (shown(market)["stale"], shown(market)["minor"]) == (True, 1978)


@pytest.mark.capability("FX-01")
def test_a_total_is_converted_once_and_not_line_by_line(market: Market) -> None:
    market.set_rates(JPY="178.46")
    quote = market.quote({"CUP": 3}, shown_currency="JPY").ok()
    assert (quote["total_minor"], quote["shown"]["minor"]) == (3297, 5884)  # and not 3 times 1961


@pytest.mark.capability("FX-01")
def test_a_currency_that_the_shop_does_not_show_is_refused_and_without_a_rate_its_own_price_is_all(
    market: Market,
) -> None:
    path = f"/shop/products/{market.shop.rows('Product')[0]['product_id']}"
    refused = market.shop.get(path, shown_currency="CHF")
    assert (refused.status, refused["code"]) == (422, "currency_not_shown")
    assert refused["shown"] == ["EUR", "JPY", "KWD", "USD"]
    for currency in ("EUR", "USD"):
        assert market.shop.get(path, shown_currency=currency).ok()["shown_from"] is None


@pytest.mark.capability("FX-01")
@given(
    minor=st.integers(0, 10**12),
    pair=st.permutations(CURRENCIES),
    rates=st.lists(st.integers(1, 10**12), min_size=3, max_size=3),
)
def test_an_amount_is_converted_exactly_and_rounded_once(minor: int, pair: list[str], rates: list[int]) -> None:
    known = dict(zip(("USD", "JPY", "KWD"), rates, strict=True))
    sheet = RateSheet(at=START, source="staff", by="boss", micro=known)
    by = conversion(newest([sheet]), pair[0], pair[1], START, timedelta(days=1))
    assert by
    exact = Fraction(minor * known.get(pair[1], 10**6), known.get(pair[0], 10**6))
    exact *= Fraction(10) ** (exponent(pair[1]) - exponent(pair[0]))
    assert by.of(minor) == math.floor(exact + Fraction(1, 2))


def test_a_rate_that_is_none_is_refused(shop: Shop) -> None:
    with shop.unchanged():
        for rate in ("0", "0.0", "-1", "1e3", "1.1234567", "01.5", "", "1,5", "NaN", 1.5):
            assert shop.post("/staff/rates", {"rates": {"JPY": rate}}, as_=shop.boss).status == 422, rate
        assert shop.post("/staff/rates", {"rates": {"EUR": "1"}}, as_=shop.boss).status == 422
        assert shop.post("/staff/rates", {"rates": {}}, as_=shop.boss).status == 422


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html/>",
        DAILY[:-40],
        DAILY.replace("178.46", "NaN"),
        DAILY.replace("178.46", "0.00"),
        DAILY.replace("2026-10-30", "today"),
        DAILY.replace("JPY", "yen"),
        DAILY.replace(' rate="0.8780"', ""),
        DAILY.replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>'),
        DAILY + " " * 100_000,
    ],
)
def test_a_file_that_is_not_the_banks_sets_no_rate(content: str) -> None:
    with pytest.raises(RatesUnreadable):
        read(content.encode())
