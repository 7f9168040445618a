"""Stock, sales and turnover of products over a span of days."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.market import COLOURS, Market
from tests.support.shop import Answer, Shop

SPAN = {"from": "2026-11-03", "to": "2026-11-30"}


def _report(shop: Shop, as_: Any = None, **more: Any) -> Answer:
    return shop.call("GET", "/staff/reports/stock", as_=as_ or shop.boss, query={**SPAN, **more})


def _sell(market: Market, wanted: dict[str, int]) -> None:
    order_id = market.buy(wanted)
    market.prepare(order_id)
    market.ship(order_id).ok()


@pytest.fixture
def stores(market: Market) -> tuple[str, str]:
    """Two stores with lamps in two colours that cost 4.00 and 9.00, and cups of no known cost; a month goes by.

    The first store has 10 black and 4 indigo lamps when November 3 begins, receives 20 black ones on the 5th, sells 12
    black and 1 indigo on the 10th and has 18 and 3 when the month ends; the second store has 2 black ones all the time.
    """
    chiado, baixa = market.store(), market.store("Souk Baixa", serves=["DE"])
    skus = [{"options": {"colour": name}, "cost_minor": cost} for name, cost in (("black", 400), ("indigo", 900))]
    market.listed(market.category(), "Lamp", code="LAMP", options=[COLOURS], skus=skus)
    market.goods({"CUP": 500}, {chiado: 5})
    market.receive(chiado, {"LAMP-BLACK": 10, "LAMP-INDIGO": 4})
    market.receive(baixa, {"LAMP-BLACK": 2})
    market.shop.pass_time(days=3)
    market.receive(chiado, {"LAMP-BLACK": 20})
    market.shop.pass_time(days=5)
    _sell(market, {"LAMP-BLACK": 12, "LAMP-INDIGO": 1})
    market.shop.pass_time(days=21)
    market.receive(chiado, {"LAMP-BLACK": 50})
    return chiado, baixa


@pytest.mark.capability("INV-02")
def test_turnover_is_the_cost_of_what_was_sold_by_the_mean_stock_at_cost(shop: Shop, stores: tuple[str, str]) -> None:
    lamp = next(one for one in _report(shop).ok()["items"] if one["code"] == "LAMP")
    assert {name: lamp[name] for name in ("on_hand", "opening", "closing", "sold")} == {
        "on_hand": 73,
        "opening": 12 + 4,
        "closing": 20 + 3,
        "sold": 13,
    }
    cogs = 12 * 400 + 1 * 900
    average = ((12 + 20) * 400 + (4 + 3) * 900) // 2
    assert (lamp["cogs_minor"], lamp["average_stock_minor"]) == (cogs, average)
    assert lamp["turnover_basis_points"] == 5969 == round(10_000 * cogs / average)


@pytest.mark.capability("INV-02")
def test_a_store_sees_its_own_and_costs_are_seen_by_who_may(shop: Shop, stores: tuple[str, str]) -> None:
    clerk = shop.staff("reports.read", stores=(stores[1],))
    for answer in (_report(shop, clerk), _report(shop, clerk, store_id=stores[1])):
        lamp = next(one for one in answer.ok()["items"] if one["code"] == "LAMP")
        assert (lamp["on_hand"], lamp["opening"], lamp["closing"], lamp["sold"]) == (2, 2, 2, 0)
        assert [lamp[name] for name in ("cogs_minor", "average_stock_minor", "turnover_basis_points")] == [None] * 3
    assert _report(shop, clerk, store_id=stores[0]).status == 404
    whole = next(one for one in _report(shop, store_id=stores[0]).ok()["items"] if one["code"] == "LAMP")
    assert (whole["on_hand"], whole["opening"]) == (71, 14)


def test_what_has_no_cost_has_no_turnover_and_pages_go_on(shop: Shop, stores: tuple[str, str]) -> None:
    first = _report(shop, limit="1").ok()
    rest = _report(shop, limit="1", cursor=first["next_cursor"]).ok()
    (cup,) = (one for one in first["items"] + rest["items"] if one["name"]["en"] == "Cup")
    assert (cup["on_hand"], cup["cogs_minor"], cup["turnover_basis_points"]) == (5, None, None)
    assert rest["next_cursor"] is None


def test_a_year_is_the_most(shop: Shop, stores: tuple[str, str]) -> None:
    assert _report(shop, **{"from": "2025-12-01"}).status == 200
    assert _report(shop, **{"from": "2025-11-30"})["code"] == "wrong_span"
    assert _report(shop, limit="21").status == 422


@pytest.mark.capability("INV-02")
def test_what_was_on_hand_on_a_day_is_what_its_ledger_says(shop: Shop, market: Market) -> None:
    """Found by halving: held against the whole ledger, read from its beginning."""
    store_id = market.store()
    market.goods({"CUP": 500})
    on_hand = {date(2026, 11, 2): 0}
    for number in range(23):
        if number % 3:
            market.receive(store_id, {"CUP": number})
        on_hand[shop.clock.at.date()] = sum(one for one in range(number + 1) if one % 3)
        shop.pass_time(hours=17)
    for day in (date(2026, 11, 1) + timedelta(days=number) for number in range(25)):
        (cup,) = _report(shop, **{"from": str(day), "to": str(day)}).ok()["items"]
        expected = [
            max((units for at, units in on_hand.items() if at < day + timedelta(days=n)), default=0) for n in (0, 1)
        ]
        assert [cup["opening"], cup["closing"]] == expected, day
