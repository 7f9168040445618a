"""Holds the shop's reports against the figures of the files, and shows both sides."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from infra.local.client import Client
from infra.local.processes import Trouble
from infra.local.replay.figures import TOP, Figures, differences, figures_of
from infra.local.replay.layout import Order
from infra.local.replay.rows import decimals

WAIT_SECONDS = 60
MOST_YEARS = 10


def need_reportable(orders: tuple[Order, ...]) -> None:
    first, last = orders[0].ordered_on, orders[-1].ordered_on
    if (last.year - MOST_YEARS, last.month, last.day) >= (first.year, first.month, first.day):
        raise Trouble(f"From {first} to {last}: a report spans at most {MOST_YEARS} years; ORDERS=n takes fewer.")


def judge(owner: Client, orders: tuple[Order, ...], prefix: str, currency: str, go_on: Callable[[], None]) -> list[str]:
    """Print both sides and return what differs, once the facts that are still on their way have arrived."""
    expected = figures_of(orders)
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := differences(expected, reported := report(owner, orders, prefix))) and time.monotonic() < deadline:
        go_on()
        time.sleep(1)
    show(expected, reported, currency)
    return found


def report(owner: Client, orders: tuple[Order, ...], prefix: str) -> Figures:
    """What the shop says of the days of these orders; its SKUs are those of the files after `prefix`."""
    span = {"from": orders[0].ordered_on.isoformat(), "to": orders[-1].ordered_on.isoformat()}
    days = owner.get("/staff/reports/sales", by="day", **span)
    months = owner.get("/staff/reports/sales", by="month", **span)
    regions = owner.get("/staff/reports/regions", by="country", **span)["items"]
    total = days["total"]

    def top(sort: str, figure: str) -> tuple[tuple[str, int], ...]:
        ranking = owner.get("/staff/reports/products", sort=sort, limit=TOP, **span)["items"]
        return tuple((one["sku"].removeprefix(prefix), one[figure]) for one in ranking)

    return Figures(
        orders=total["orders"],
        units=total["units"],
        gross_minor=total["goods_minor"] + total["discount_minor"],
        discount_minor=total["discount_minor"],
        goods_minor=total["goods_minor"],
        freight_minor=total["freight_minor"],
        shipped=total["completed"],
        not_shipped=total["orders"] - total["completed"],
        top_by_units=top("units", "units"),
        top_by_goods_minor=top("revenue", "revenue_minor"),
        goods_minor_by_country={one["country"]: one["goods_minor"] for one in regions},
        goods_minor_by_month={one["period"]: one["goods_minor"] for one in months["series"]},
        goods_minor_by_day={one["period"]: one["goods_minor"] for one in days["series"]},
    )


def show(expected: Figures, reported: Figures, currency: str) -> None:
    """Both sides, line by line."""
    places = decimals(currency)

    def row(label: str, ours: Any, theirs: Any, money: bool = False) -> None:
        said = [f"{Decimal(value).scaleb(-places):,.{places}f}" if money else f"{value}" for value in (ours, theirs)]
        print(f"  {label:<30}{said[0]:>18}{said[1]:>18}  {'' if ours == theirs else '<- differs'}".rstrip())

    print(f"\n  {f'in {currency}':<30}{'by the files':>18}{'by the reports':>18}")
    for name in ("orders", "units", "shipped", "not_shipped"):
        row(name.replace("_", " "), getattr(expected, name), getattr(reported, name))
    for name in ("gross_minor", "discount_minor", "goods_minor", "freight_minor"):
        row(name.removesuffix("_minor"), getattr(expected, name), getattr(reported, name), money=True)
    for (sku, ours), (other, theirs) in zip(expected.top_by_goods_minor, reported.top_by_goods_minor, strict=False):
        row(f"top goods {sku}" + ("" if sku == other else f" / {other}"), ours, theirs, money=True)
    for (sku, ours), (other, theirs) in zip(expected.top_by_units, reported.top_by_units, strict=False):
        row(f"top units {sku}" + ("" if sku == other else f" / {other}"), ours, theirs)
    for title, name in (("goods to", "goods_minor_by_country"), ("goods in", "goods_minor_by_month")):
        for key, ours in getattr(expected, name).items():
            row(f"{title} {key}", ours, getattr(reported, name).get(key, 0), money=True)
