"""Reports: counters kept up by facts agree with a plain recount, whatever order the facts came in and however often."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.domains.orders.events.moving import OrderCancelled, OrderCompleted, OrderPaid, SoldLine
from souk.domains.payments.events import RefundFailed, RefundPosted
from souk.kernel.caller import Caller
from souk.kernel.fact import Fact
from souk.kernel.shapes import Texts
from souk.table import current
from tests.support.market import Market
from tests.support.memory import MemoryTable
from tests.support.shop import Shop

FIRST, LAST = date(2026, 1, 20), date(2026, 4, 10)
STORES = ("sto_a", "sto_b")
AREAS = (("DE", "Bayern"), ("DE", None), ("PT", None), ("US", "New#York "), ("US", "Utah"))
SKUS = ("CUP-1", "CUP-2", "POT-1", "TEA-1", "TEA-2")


@dataclass
class Sold:
    """An order as the judge keeps it: lines are SKU -> (units, goods, discount, freight, tax)."""

    order_id: str
    store_id: str
    placed_at: datetime
    area: tuple[str, str | None]
    lines: dict[str, tuple[int, int, int, int, int]]
    refunds: list[tuple[int, dict[str, tuple[int, int]]]] = field(default_factory=list)
    end: str | None = None

    @property
    def total(self) -> int:
        return sum(goods + freight + tax for _, goods, _, freight, tax in self.lines.values())

    def facts(self) -> list[Fact]:
        about = {
            "order_id": self.order_id,
            "number": self.order_id,
            "buyer_id": "mem_1",
            "store_id": self.store_id,
            "placed_at": self.placed_at,
        }
        country, region = self.area
        lines = tuple(
            SoldLine(
                sku=sku,
                product_id="prd",
                name=Texts(en=f"The {sku}"),
                units=units,
                goods_minor=goods,
                discount_minor=discount,
                freight_minor=freight,
                tax_minor=tax,
            )
            for sku, (units, goods, discount, freight, tax) in self.lines.items()
        )
        found: list[Fact] = [
            OrderPaid(**about, country=country, region=region, currency="EUR", lines=lines, total_minor=self.total)
        ]
        for number, (amount, back) in enumerate(self.refunds):
            returned = [{"sku": sku, "units": units, "goods_minor": goods} for sku, (units, goods) in back.items()]
            sale = {
                "store_id": self.store_id,
                "placed_at": self.placed_at,
                "country": country,
                "region": region,
                "first": number == 0,
                "lines": returned,
            }
            refund = {
                "refund_id": f"ref_{self.order_id}_{number}",
                "order_id": self.order_id,
                "buyer_id": "mem_1",
                "amount_minor": amount,
                "currency": "EUR",
                "cause": "case",
                "sale": sale,
            }
            found.append(RefundPosted.model_validate(refund))
        if self.end == "completed":
            found.append(OrderCompleted(**about))
        if self.end == "cancelled":
            found.append(OrderCancelled(**about, reason="buyer", paid=True, units={}))
        return found


@st.composite
def sold(draw: st.DrawFn, number: int = 0) -> Sold:
    money, units = st.integers(0, 99_999), st.integers(1, 9)
    lines = draw(st.dictionaries(st.sampled_from(SKUS), st.tuples(units, money, money, money, money), min_size=1))
    one = Sold(
        order_id=f"ord_{draw(st.integers(0, 10**9))}_{number}",
        store_id=draw(st.sampled_from(STORES)),
        placed_at=datetime(2026, 1, 18, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 84 * 86_400))),
        area=draw(st.sampled_from(AREAS)),
        lines=lines,
        end=draw(st.sampled_from((None, "completed", "cancelled"))),
    )
    for sku, (wanted, goods, *_) in lines.items():
        if draw(st.booleans()):
            back = draw(st.integers(1, wanted))
            one.refunds.append((goods * back // wanted, {sku: (back, goods * back // wanted)}))
    return one


def told(shop: Shop, facts: Iterable[tuple[str, Fact]]) -> None:
    for fact_id, fact in facts:
        detail = {"fact_id": fact_id, "data": fact.model_dump(mode="json")}
        event = {"id": fact_id, "source": fact.source(), "detail-type": fact.name(), "detail": detail}
        shop.invoke("CountSales", event)


def numbered(orders: Iterable[Sold]) -> list[tuple[str, Fact]]:
    return [(f"fct_{order.order_id}_{n}", fact) for order in orders for n, fact in enumerate(order.facts())]


def half_up(number: int, of: int) -> int | None:
    return int(Fraction(number, of) + Fraction(1, 2)) if of else None


def recount(orders: list[Sold]) -> dict[str, Any]:
    """The figures of some orders, one plain sum each."""
    lines = [line for order in orders for line in order.lines.values()]
    total = sum(order.total for order in orders)
    refunded = sum(amount for order in orders for amount, _ in order.refunds)
    ends = Counter(order.end for order in orders)
    with_refund = sum(bool(order.refunds) for order in orders)
    return {
        "orders": len(orders),
        "units": sum(line[0] for line in lines),
        "goods_minor": sum(line[1] for line in lines),
        "discount_minor": sum(line[2] for line in lines),
        "freight_minor": sum(line[3] for line in lines),
        "tax_minor": sum(line[4] for line in lines),
        "total_minor": total,
        "refunded_minor": refunded,
        "net_minor": total - refunded,
        "completed": ends["completed"],
        "cancelled": ends["cancelled"],
        "refunded_orders": with_refund,
        "average_order_minor": half_up(total, len(orders)),
        "completion_basis_points": half_up(ends["completed"] * 10_000, len(orders)),
        "refund_basis_points": half_up(with_refund * 10_000, len(orders)),
    }


def period_of(day: date, by: str) -> str:
    return day.strftime({"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[by])


def ask(
    shop: Shop, report: str, first: date = FIRST, last: date = LAST, as_: Caller | None = None, **query: Any
) -> Any:
    return shop.get(f"/staff/reports/{report}", as_=as_ or shop.boss, **{"from": first, "to": last, **query}).ok()


def agree(shop: Shop, orders: list[Sold]) -> None:
    """Every report of the span says what the recount says."""
    within = [order for order in orders if FIRST <= order.placed_at.date() <= LAST]
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    for store_id in (None, *STORES):
        mine = [order for order in within if store_id in (None, order.store_id)]
        only: dict[str, Any] = {"store_id": store_id} if store_id else {}
        for by in ("day", "week", "month"):
            report = ask(shop, "sales", by=by, **only)
            assert report["series"] == [
                {"period": period, **recount([one for one in mine if period_of(one.placed_at.date(), by) == period])}
                for period in dict.fromkeys(period_of(day, by) for day in days)
            ]
            assert report["total"] == recount(mine)
        _agree_on_products(shop, mine, only)
        _agree_on_areas(shop, mine, only)


def _agree_on_products(shop: Shop, orders: list[Sold], only: dict[str, Any]) -> None:
    units, revenue = Counter[str](), Counter[str]()
    for order in orders:
        for sku, line in order.lines.items():
            units[sku] += line[0]
            revenue[sku] += line[1]
        for _, back in order.refunds:
            for sku, (returned, goods) in back.items():
                units[sku] -= returned
                revenue[sku] -= goods
    for sort, ranked in (("units", units), ("revenue", revenue)):
        expected = sorted(ranked, key=lambda sku: (-ranked[sku], sku))[:3]
        assert ask(shop, "products", sort=sort, limit=3, **only)["items"] == [
            {"sku": sku, "name": {"en": f"The {sku}", "zh": None}, "units": units[sku], "revenue_minor": revenue[sku]}
            for sku in expected
        ]


def _agree_on_areas(shop: Shop, orders: list[Sold], only: dict[str, Any]) -> None:
    spelled = {"New#York ": "New York", None: "unknown"}
    for by in ("country", "region"):
        items = ask(shop, "regions", by=by, **only)["items"]
        areas: dict[tuple[str, str | None], list[Sold]] = {}
        for order in orders:
            country, region = order.area
            areas.setdefault((country, spelled.get(region, region) if by == "region" else None), []).append(order)
        figures = ("orders", "units", "goods_minor", "total_minor", "refunded_minor", "net_minor")
        assert {(one["country"], one["region"]): {name: one[name] for name in figures} for one in items} == {
            area: {name: recount(its)[name] for name in figures} for area, its in areas.items()
        }
        assert sum(one["share_basis_points"] for one in items) == (10_000 if orders else 0)
        whole = sum(one["net_minor"] for one in items)
        for one in items if whole else []:
            assert abs(Fraction(one["net_minor"] * 10_000, whole) - one["share_basis_points"]) < 1


@pytest.mark.capability("ANA-01")
@pytest.mark.capability("ANA-05")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_facts_in_any_order_and_told_twice_count_once(shop: Shop, data: st.DataObject) -> None:
    current.use(MemoryTable())
    orders = [data.draw(sold(number=n)) for n in range(data.draw(st.integers(0, 8)))]
    facts = data.draw(st.permutations(numbered(orders)))
    told(shop, facts + facts[::2])
    agree(shop, orders)


@pytest.mark.capability("ANA-01")
@pytest.mark.capability("ANA-03")
@pytest.mark.capability("ANA-04")
@pytest.mark.capability("ANA-05")
def test_the_reports_of_a_thousand_orders_equal_a_recount(shop: Shop) -> None:
    current.use(MemoryTable())
    chance = random.Random(2026)
    orders = [_any_order(chance, n) for n in range(1000)]
    facts = numbered(orders)
    chance.shuffle(facts)
    told(shop, facts)
    agree(shop, orders)


def _any_order(chance: random.Random, number: int) -> Sold:
    lines = {
        sku: (
            chance.randint(1, 5),
            chance.randint(0, 9_999),
            chance.randint(0, 999),
            chance.randint(0, 999),
            chance.randint(0, 999),
        )
        for sku in chance.sample(SKUS, chance.randint(1, 4))
    }
    order = Sold(
        f"ord_{number}",
        chance.choice(STORES),
        datetime(2026, 1, 15, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 90 * 1440)),
        chance.choice(AREAS),
        lines,
    )
    order.end = chance.choice((None, "completed", "completed", "cancelled"))
    if chance.random() < 0.2:
        sku, (units, goods, _, freight, _) = next(iter(lines.items()))
        order.refunds.append((goods + freight, {sku: (units, goods)}))
    return order


@pytest.mark.capability("ANA-01")
def test_a_sale_and_its_refund_as_dynamodb_keeps_them(dynamodb: None, shop: Shop) -> None:
    late = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    order = Sold("ord_1", "sto_a", late, ("PT", None), {"CUP-1": (3, 1000, 50, 400, 230)}, end="completed")
    order.refunds.append((543, {"CUP-1": (1, 333)}))
    told(shop, numbered([order]) * 2)
    agree(shop, [order])
    assert ask(shop, "sales", late.date(), late.date())["total"]["average_order_minor"] == 1630


@pytest.mark.capability("ANA-01")
def test_what_was_bought_and_paid_back_shows_in_the_reports(shop: Shop, market: Market) -> None:
    lisbon = market.store(freight_minor=390)
    market.goods({"TEA": 500, "CUP": 1200}, stock={lisbon: 10})
    kept, returned = market.buy({"TEA": 2, "CUP": 1}), market.buy({"TEA": 1})
    shop.post(f"/staff/orders/{returned}/cancel", {"reason": "broken"}, as_=shop.boss).ok()
    shop.drain(times=2)
    market.hear()
    shop.drain(times=2)

    today = shop.clock.at.date()
    order = market.order(kept)
    total = ask(shop, "sales", today, today)["total"]
    assert (total["orders"], total["units"], total["cancelled"], total["refunded_orders"]) == (2, 4, 1, 1)
    assert (total["goods_minor"], total["freight_minor"]) == (2700, 780)
    assert total["net_minor"] == order["total_minor"] == 2590
    ranked = ask(shop, "products", today, today, sort="revenue")["items"]
    assert [(one["sku"], one["units"], one["revenue_minor"]) for one in ranked] == [("CUP", 1, 1200), ("TEA", 2, 1000)]


def test_money_that_was_no_sale_or_did_not_go_back_after_all_is_not_counted(shop: Shop) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    order = Sold("ord_1", "sto_a", when, ("PT", None), {"CUP-1": (3, 1000, 0, 0, 0)})
    taken_back = Sold(**{**vars(order), "refunds": [(333, {"CUP-1": (1, 333)})]})
    posted = taken_back.facts()[1].model_dump()
    failed = [
        RefundFailed(**posted, store_id="sto_a", reason="account closed", was_posted=was) for was in (True, False)
    ]
    late = RefundPosted(**posted | {"sale": None})
    told(shop, [*numbered([taken_back]), *((f"fct_{n}", fact) for n, fact in enumerate([*failed, late]))])
    agree(shop, [order])


@pytest.mark.capability("ANA-03")
def test_products_that_sold_alike_are_ranked_by_sku(shop: Shop) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    orders = [Sold(f"ord_{sku}", "sto_a", when, ("PT", None), {sku: (2, 500, 0, 0, 0)}) for sku in reversed(SKUS)]
    told(shop, numbered(orders))
    for sort in ("units", "revenue"):
        assert [one["sku"] for one in ask(shop, "products", sort=sort)["items"]] == sorted(SKUS)


def test_the_staff_of_a_store_see_what_their_store_sold(shop: Shop) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    orders = [Sold(f"ord_{store}", store, when, ("PT", None), {"CUP-1": (1, 100, 0, 0, 0)}) for store in STORES]
    told(shop, numbered(orders))
    clerk = Caller(id="clerk", kind="staff", may=frozenset({"reports.read"}), stores=frozenset({"sto_a"}))
    for report in ("sales", "products", "regions"):
        own = ask(shop, report, as_=clerk)
        assert own == ask(shop, report, store_id="sto_a") != ask(shop, report)
        foreign = shop.get(f"/staff/reports/{report}", as_=clerk, **{"from": FIRST, "to": LAST, "store_id": "sto_b"})
        assert (foreign.status, foreign["code"]) == (404, "missing")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": "2026-01-01"},
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"from": "x", "to": "2026-03-01"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2016-03-01", "to": "2026-03-01"},
        {"by": "year"},
        {"from": "2999-12-31", "to": "9999-12-31"},
        {"from": "0001-01-01", "to": "0001-01-01"},
        {"store_id": "s" * 65},
    ],
)
def test_a_span_that_cannot_be_reported_is_refused(shop: Shop, query: dict[str, str]) -> None:
    good = {} if not query or "from" in query else {"from": "2026-03-01", "to": "2026-03-02"}
    assert shop.get("/staff/reports/sales", as_=shop.boss, **good, **query).status == 422


def test_ten_years_to_the_day_are_reported(shop: Shop) -> None:
    report = ask(shop, "sales", date(2016, 3, 1), date(2026, 2, 28), by="month")
    assert len(report["series"]) == 120 and report["total"]["average_order_minor"] is None
