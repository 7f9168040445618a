"""The figures a replayed shop must arrive at, against figures worked out by hand."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.processes import Trouble
from infra.local.replay.figures import Figures, differences, figures_of, units_by_sku
from infra.local.replay.judge import need_reportable, show
from infra.local.replay.layout import read

Rewrite = Callable[[str, str, str], None]
BAZAAR = Path(__file__).parents[1] / "data" / "bazaar"


def test_the_figures_of_three_orders_are_those_worked_out_by_hand(folder: Path) -> None:
    # 11: 3 x 9.80 = 29.40; 5 x 7.30 = 36.50 less 1.825 -> 1.83 = 34.67. 12: 2 x 10 = 20 less 5 = 15.
    # 13: 5 x 4.50 = 22.50 less 3.375 -> 3.38 = 19.12; 0.30 less 0.15 = 0.15.
    assert figures_of(read(folder, "EUR").orders) == Figures(
        orders=3,
        units=16,
        gross_minor=10870,
        discount_minor=1036,
        goods_minor=9834,
        freight_minor=5088,
        shipped=2,
        not_shipped=1,
        top_by_units=(("P-2", 6), ("P-1", 5), ("P-3", 5)),
        top_by_goods_minor=(("P-1", 4440), ("P-2", 3482), ("P-3", 1912)),
        goods_minor_by_country={"DE": 1927, "PT": 7907},
        goods_minor_by_month={"2025-01": 6407, "2025-02": 3427},
        goods_minor_by_day={"2025-01-31": 6407, "2025-02-01": 3427},
    )


def test_a_discount_of_half_a_cent_is_rounded_up(folder: Path) -> None:
    discounts = [figures_of([order]).discount_minor for order in read(folder, "EUR").orders]
    assert discounts == [183, 500, 338 + 15]


def test_the_figures_of_the_bazaar() -> None:
    bazaar = figures_of(read(BAZAAR, "EUR").orders)
    assert (bazaar.orders, bazaar.units, bazaar.shipped, bazaar.not_shipped) == (40, 547, 35, 5)
    assert (bazaar.gross_minor, bazaar.discount_minor) == (912655, 41040)
    assert (bazaar.goods_minor, bazaar.freight_minor) == (871615, 43159)
    assert len(bazaar.top_by_units) == len(bazaar.top_by_goods_minor) == 10


def test_every_breakdown_adds_up_to_the_goods_sold() -> None:
    orders = read(BAZAAR, "EUR").orders
    bazaar = figures_of(orders)
    for series in (bazaar.goods_minor_by_country, bazaar.goods_minor_by_month, bazaar.goods_minor_by_day):
        assert sum(series.values()) == bazaar.goods_minor
    assert sum(units_by_sku(orders).values()) == bazaar.units


def test_the_first_orders_alone_have_figures_too() -> None:
    first = figures_of(read(BAZAAR, "EUR").orders[:25])
    assert (first.orders, first.not_shipped) == (25, 2)


@pytest.mark.skipif("SOUK_REPLAY_DATA" not in os.environ, reason="SOUK_REPLAY_DATA names no Northwind folder")
def test_the_figures_of_northwind() -> None:
    northwind = figures_of(read(Path(os.environ["SOUK_REPLAY_DATA"]), "EUR").orders)
    assert (northwind.orders, northwind.units, northwind.not_shipped) == (830, 51317, 21)
    assert (northwind.gross_minor, northwind.goods_minor) == (135445859, 126579276)
    assert northwind.freight_minor == 6494269
    assert northwind.top_by_goods_minor[0] == ("P-38", 14139673)


def test_a_report_that_agrees_has_no_differences() -> None:
    expected = figures_of(read(BAZAAR, "EUR").orders)
    assert differences(expected, figures_of(read(BAZAAR, "EUR").orders)) == []


def test_a_day_on_which_nothing_was_sold_may_be_reported_or_left_out() -> None:
    expected = figures_of(read(BAZAAR, "EUR").orders)
    by_day = expected.goods_minor_by_day | {"2025-01-07": 0}
    assert differences(expected, replace(expected, goods_minor_by_day=by_day)) == []


def test_each_figure_that_differs_is_named_with_both_values(folder: Path) -> None:
    expected = figures_of(read(folder, "EUR").orders)
    reported = replace(
        expected,
        freight_minor=5087,
        top_by_units=(("P-2", 6), ("P-3", 5)),
        goods_minor_by_country={"PT": 7907, "ES": 1927},
    )
    assert differences(expected, reported) == [
        "freight_minor: 5088 by the files, 5087 by the report",
        "top_by_units #2: ('P-1', 5) by the files, ('P-3', 5) by the report",
        "top_by_units #3: ('P-3', 5) by the files, None by the report",
        "goods_minor_by_country DE: 1927 by the files, 0 by the report",
        "goods_minor_by_country ES: 0 by the files, 1927 by the report",
    ]


def test_both_sides_are_shown_in_the_currency_s_own_decimals(capsys: pytest.CaptureFixture[str]) -> None:
    figures = figures_of(read(BAZAAR, "EUR").orders)
    for currency, goods in (("EUR", "8,716.15"), ("JPY", "871,615"), ("KWD", "871.615")):
        show(figures, replace(figures, goods_minor=0), currency)
        (line,) = (line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("goods  "))
        assert line.split()[1] == goods
        assert line.endswith("<- differs")


def test_orders_of_more_than_ten_years_fit_no_report(folder: Path, rewrite: Rewrite) -> None:
    rewrite("orders.csv", "2025-02-01,,", "2015-02-02,,")
    need_reportable(read(folder, "EUR").orders)
    rewrite("orders.csv", "2015-02-02,,", "2015-02-01,,")
    with pytest.raises(Trouble, match="at most 10 years"):
        need_reportable(read(folder, "EUR").orders)
