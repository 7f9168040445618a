"""What is counted of a sale, and how counters become reports."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from souk.kernel import clock, money
from souk.kernel.errors import Refused
from souk.kernel.owner import owner_of, place_of
from souk.kernel.shapes import Noun, Texts

MOST_MONTHS = 120
UNKNOWN = "unknown"
Period = Literal["day", "week", "month"]
Ranking = Literal["units", "revenue"]
Area = Literal["country", "region"]


class WrongSpan(Refused):
    title = "Not a span of days that can be reported"


class Sale(Noun):
    """Whose counters change: everything about an order is counted on the UTC date it was placed, whenever it happens.

    So a refund lessens the revenue of the day its order was placed, not of the day the money went back.
    """

    order_id: str
    store_id: str
    merchant_id: str | None = None
    placed_at: datetime

    @property
    def place(self) -> str:
        return place_of(self.store_id, self.merchant_id)

    @property
    def day(self) -> str:
        return self.placed_at.astimezone(UTC).date().isoformat()

    @property
    def month(self) -> str:
        return self.day[:7]


class LineSold(Noun):
    sku: str
    name: Texts
    units: int
    goods_minor: int
    discount_minor: int
    freight_minor: int
    tax_minor: int


class Purchase(Sale):
    """A paid order; goods are after discounts, before freight and tax."""

    country: str
    region: str | None = None
    lines: tuple[LineSold, ...]
    total_minor: int

    def figures(self) -> dict[str, int]:
        parts = ("units", "goods_minor", "discount_minor", "freight_minor", "tax_minor")
        sums = {part: sum(getattr(line, part) for line in self.lines) for part in parts}
        return {"orders": 1, "total_minor": self.total_minor, **sums}


class LineReturned(Noun):
    sku: str
    units: int
    goods_minor: int


class Return(Sale):
    """Money that went back; `first` where it is the first of its order."""

    country: str
    region: str | None = None
    lines: tuple[LineReturned, ...]
    first: bool


def region_key(region: str | None) -> str:
    """The region's words as a part of a key: one spelling for what parts them, `unknown` where there is none."""
    return re.sub(r"[^\w.'()-]+", " ", region or "").strip()[:100].rstrip() or UNKNOWN


class SalesCounts(Noun):
    """Paid orders and what became of them. `total_minor` is the gross merchandise value: goods, freight and tax.

    One that was split counts as its parts, and several that were merged as one.
    """

    orders: int = 0
    units: int = 0
    goods_minor: int = 0
    discount_minor: int = 0
    freight_minor: int = 0
    tax_minor: int = 0
    total_minor: int = 0
    completed: int = 0
    cancelled: int = 0
    refunded_orders: int = 0
    refunded_minor: int = 0


class DaySales(SalesCounts):
    """What one store sold on one day, in one of the shards."""

    day: date
    store_id: str


class ProductSales(Noun):
    """Units and goods of a SKU that one store sold, or took back, on one day."""

    day: date
    sku: str
    store_id: str
    side: Literal["sold", "returned"]
    name: Texts | None = None
    units: int = 0
    goods_minor: int = 0


class RegionSales(Noun):
    """What one store sold into a region on one day, in one of the shards."""

    day: date
    country: str
    region: str
    store_id: str
    orders: int = 0
    units: int = 0
    goods_minor: int = 0
    total_minor: int = 0
    refunded_minor: int = 0


class Span(Noun):
    """Days from the first to the last in UTC, both included; at most ten years."""

    first: date
    last: date

    def check(self, most_months: int = MOST_MONTHS) -> None:
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        if self.last < self.first:
            raise WrongSpan("The last day comes before the first")
        if months > most_months or (months == most_months and self.last.day >= self.first.day):
            raise WrongSpan(f"At most {most_months} months in one report", most_months=most_months)

    @property
    def begins(self) -> datetime:
        return clock.midnight(self.first)

    @property
    def ends(self) -> datetime:
        return clock.midnight(self.last + timedelta(days=1))

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def months(self) -> list[str]:
        return list(dict.fromkeys(day.isoformat()[:7] for day in self.days()))


class SalesFigures(SalesCounts):
    """The counts and what follows from them; a mean of no orders is null."""

    net_minor: int = 0
    average_order_minor: int | None = None
    completion_basis_points: int | None = None
    refund_basis_points: int | None = None


class PeriodFigures(SalesFigures):
    """`period` is a day (2026-11-21), an ISO week (2026-W47) or a month (2026-11), as far as it lies in the span."""

    period: str


class SalesReport(Noun):
    by: Period
    series: list[PeriodFigures]
    total: SalesFigures


class ProductRank(Noun):
    """A SKU's sales less what came back; revenue is of goods after discounts, before freight and tax."""

    sku: str
    name: Texts | None
    units: int
    revenue_minor: int


class RegionShare(Noun):
    """`share_basis_points` is the part of the net amount; all parts of a report make 10,000."""

    country: str
    region: str | None = None
    orders: int
    units: int
    goods_minor: int
    total_minor: int
    refunded_minor: int
    net_minor: int
    share_basis_points: int


class OwnerShare(SalesFigures):
    """What one owner's stores sold; None is the retailer."""

    merchant_id: str | None = None


def owner_shares(rows: Iterable[DaySales]) -> list[OwnerShare]:
    """The retailer's own first, then the merchants' by what is left of their sales, the largest first."""
    sums: dict[str | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        for name in SalesCounts.model_fields:
            sums[owner_of(row.store_id)][name] += getattr(row, name)
    shares = [OwnerShare(merchant_id=owner, **_figures(numbers)) for owner, numbers in sums.items()]
    return sorted(shares, key=lambda one: (one.merchant_id is not None, -one.net_minor, one.merchant_id or ""))


def label(day: date, by: Period) -> str:
    if by == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return day.isoformat()[:7] if by == "month" else day.isoformat()


def sales_report(rows: Iterable[DaySales], span: Span, by: Period) -> SalesReport:
    """Every period of the span, those without sales too; the total is the sum of the periods."""
    sums: dict[str, dict[str, int]] = {label(day, by): defaultdict(int) for day in span.days()}
    whole: dict[str, int] = defaultdict(int)
    for row in rows:
        for name in SalesCounts.model_fields:
            sums[label(row.day, by)][name] += getattr(row, name)
            whole[name] += getattr(row, name)
    series = [PeriodFigures(period=period, **_figures(numbers)) for period, numbers in sums.items()]
    return SalesReport(by=by, series=series, total=SalesFigures(**_figures(whole)))


def product_ranking(rows: Iterable[ProductSales], by: Ranking) -> list[ProductRank]:
    """Most first; equal ones by SKU."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    names: dict[str, Texts] = {}
    for row in rows:
        sign = 1 if row.side == "sold" else -1
        sums[row.sku][0] += sign * row.units
        sums[row.sku][1] += sign * row.goods_minor
        if row.name:
            names[row.sku] = row.name
    ranks = [
        ProductRank(sku=sku, name=names.get(sku), units=units, revenue_minor=revenue)
        for sku, (units, revenue) in sums.items()
    ]
    return sorted(ranks, key=lambda one: (-(one.units if by == "units" else one.revenue_minor), one.sku))


def region_shares(rows: Iterable[RegionSales], by: Area) -> list[RegionShare]:
    """Largest net amount first; equal ones by name. Where nothing is left of any amount, the shares are equal."""
    sums: dict[tuple[str, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        area = (row.country, row.region if by == "region" else None)
        for name in ("orders", "units", "goods_minor", "total_minor", "refunded_minor"):
            sums[area][name] += getattr(row, name)
    net = {area: numbers["total_minor"] - numbers["refunded_minor"] for area, numbers in sums.items()}
    areas = sorted(sums, key=lambda area: (-net[area], area[0], area[1] or ""))
    # A refund may be counted before its order is: until then the amount is negative and has no share.
    parts = money.apportion(money.BASIS_POINTS if areas else 0, [max(net[area], 0) for area in areas])
    return [
        RegionShare(country=area[0], region=area[1], net_minor=net[area], share_basis_points=part, **sums[area])
        for area, part in zip(areas, parts, strict=True)
    ]


def _figures(sums: dict[str, int]) -> dict[str, int | None]:
    orders = sums.get("orders", 0)
    rates = {
        "average_order_minor": (sums.get("total_minor", 0), 1),
        "completion_basis_points": (sums.get("completed", 0), money.BASIS_POINTS),
        "refund_basis_points": (sums.get("refunded_orders", 0), money.BASIS_POINTS),
    }
    means = {name: money.divide(number * scale, orders) if orders else None for name, (number, scale) in rates.items()}
    return {**sums, "net_minor": sums.get("total_minor", 0) - sums.get("refunded_minor", 0), **means}
