"""The largest commands that the shop takes: each is one transaction, of which DynamoDB takes 100 writes."""

from collections.abc import Callable
from typing import Any

import pytest

from souk.domains.aftersales.model.returns import MOST_LINES as MOST_BROUGHT
from souk.domains.aftersales.model.wish import MOST_SENT_BACK
from souk.domains.orders.model.regrouping import MOST_MERGED, MOST_MOVED
from souk.domains.orders.model.sale import MOST_LINES as MOST_SOLD
from souk.kernel import money
from souk.table.unit import MOST_ACTIONS
from tests.support.goods_back import TRACKING, inspected, said
from tests.support.market import INES, Market, option
from tests.support.shop import Answer
from tests.support.table import writes_at_once

ROOM = 4  # a limit that is only just kept is broken by the next thing that a command writes
PRICE, COST, STORES = 1000, 300, 5
SKUS = [f"SKU-{number:02}" for number in range(40)]


class Warehouse:
    """Forty goods in a store that four others stand beside, and what each command writes."""

    def __init__(self, market: Market, patch: pytest.MonkeyPatch) -> None:
        self.market, self.shop, self.patch = market, market.shop, patch
        self.shop.keep_in_memory()
        market.set_up(tax_basis_points=725)
        self.stores = [market.store(f"Souk {number}", rank=number, freight_minor=333) for number in range(STORES)]
        places = {sku: f"v{number}" for number, sku in enumerate(SKUS)}
        goods = [{"sku": sku, "options": {"place": place}, "cost_minor": COST} for sku, place in places.items()]
        for cheap in goods[20:]:
            cheap["price_minor"] = 1
        market.listed(market.category(), price_minor=PRICE, options=[option("place", *places.values())], skus=goods)
        market.receive(self.stores[0], dict.fromkeys(SKUS, 50))

    def writes(self, command: Callable[[], Answer]) -> int:
        """Of the largest transaction, once the command has done what it should."""
        self.shop.drain()
        with self.patch.context() as patch:
            made = writes_at_once(patch)
            command().ok()
        return max(made)

    def arrived(self, units: dict[str, int], orders: int = 1) -> str:
        """Bought in so many orders, which became one."""
        bought = [self.market.paid({sku: units[sku] for sku in [*units][n::orders]}) for n in range(orders)]
        order_id = self.merged(bought) if orders > 1 else bought[0]
        self.market.lay_out(order_id)
        self.market.ship(order_id).ok()
        self.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
        return order_id

    def merged(self, order_ids: list[str]) -> str:
        said = {"order_ids": order_ids, "reason": "one parcel"}
        return str(self.shop.post("/staff/handling/merge", said, as_=self.shop.boss).ok()["order_id"])

    def ask(
        self, order_id: str, kind: str, units: dict[str, int], instead: int = 0, refund_to: str = "source"
    ) -> Answer:
        """In exchange for the goods that lie so many places further."""
        other = [SKUS[(place + instead) % len(SKUS)] for place in range(len(SKUS))]
        swaps = [{"instead": other[SKUS.index(sku)]} if kind == "exchange" else {} for sku in units]
        lines = [{"sku": sku, "quantity": units[sku], **swap} for sku, swap in zip(units, swaps, strict=True)]
        wish = {"order_id": order_id, "kind": kind, "lines": lines, "reason": "damaged", "refund_to": refund_to}
        return self.shop.post("/me/refunds", wish, as_=INES)

    def received(
        self, order_id: str, kind: str, units: dict[str, int], instead: int = 0, refund_to: str = "source"
    ) -> str:
        """Approved and in the store again; the case's id."""
        case_id = str(self.ask(order_id, kind, units, instead, refund_to).ok()["case_id"])
        self.shop.post(f"/staff/refunds/{case_id}/approve", as_=self.shop.boss).ok()
        self.shop.post(f"/me/refunds/{case_id}/parcel", TRACKING, as_=INES).ok()
        arrival = {"store_id": self.stores[0]}
        self.shop.post(f"/staff/returns/{case_id}/receive", arrival, as_=self.shop.boss).ok()
        return case_id

    def inspect(self, case_id: str, *lines: Any) -> Answer:
        return self.shop.post(f"/staff/returns/{case_id}/inspect", {"lines": lines}, as_=self.shop.boss)


@pytest.fixture
def warehouse(market: Market, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    return Warehouse(market, monkeypatch)


@pytest.mark.capability("AFS-10")
@pytest.mark.parametrize(("kind", "refund_to"), [("return", "source"), ("return", "balance"), ("exchange", "balance")])
def test_as_many_goods_as_one_case_takes_back_are_inspected(warehouse: Warehouse, kind: str, refund_to: str) -> None:
    """Two of each, one of them to be sold again, of an order that was paid in five payments: that is written, too."""
    units = dict.fromkeys(SKUS[: MOST_SENT_BACK + 1], 2)
    order_id = warehouse.arrived(units, orders=MOST_MERGED)
    assert said(warehouse.ask(order_id, kind, units)) == (422, "not_valid")
    units.popitem()
    case_id = warehouse.received(order_id, kind, units, instead=20, refund_to=refund_to)
    lines = [inspected(sku, 1, "pass", condition) for sku in units for condition in ("restock", "scrap")]
    assert warehouse.writes(lambda: warehouse.inspect(case_id, *lines)) <= MOST_ACTIONS - ROOM


@pytest.mark.capability("AFS-08")
def test_as_many_goods_as_one_return_has_are_scrapped_at_the_counter(warehouse: Warehouse) -> None:
    units = dict.fromkeys(SKUS[: MOST_BROUGHT + 1], 1)
    order_id = warehouse.arrived(units, orders=MOST_MERGED)

    def bring() -> Answer:
        lines = [{"sku": sku, "quantity": 1} for sku in units]
        brought = {"return_id": "R-1", "store_id": warehouse.stores[1], "order_id": order_id, "lines": lines}
        return warehouse.shop.post("/staff/returns", brought | {"condition": "scrap"}, as_=warehouse.shop.boss)

    assert said(bring()) == (422, "not_valid")
    units.popitem()
    assert warehouse.writes(bring) <= MOST_ACTIONS - ROOM


@pytest.mark.capability("ORD-11")
def test_as_many_goods_as_may_change_stores_are_split_into_five_orders(warehouse: Warehouse) -> None:
    """Of an exchange, which its case follows, and that a store has confirmed already."""
    units = dict.fromkeys(SKUS[: MOST_MOVED // STORES], STORES)
    case_id = warehouse.received(warehouse.arrived(units), "exchange", units)
    done = warehouse.inspect(case_id, *(inspected(sku, STORES) for sku in units)).ok()
    order_id = done["replacement_id"]
    warehouse.market.lay_out(order_id)
    for store_id in warehouse.stores[1:]:
        warehouse.market.receive(store_id, dict.fromkeys(units, 1))
    parts = [{"store_id": store_id, "units": dict.fromkeys(units, 1)} for store_id in warehouse.stores[1:]]
    split = {"parts": parts, "reason": "The rest comes later"}

    def command() -> Answer:
        return warehouse.shop.post(f"/staff/handling/{order_id}/split", split, as_=warehouse.shop.boss)

    assert warehouse.writes(command) <= MOST_ACTIONS - ROOM
    assert warehouse.market.order(order_id)["status"] == "split"


@pytest.mark.capability("STO-14")
def test_as_many_goods_as_one_sale_has_are_entered_though_the_books_lack_them_all(warehouse: Warehouse) -> None:
    skus = SKUS[: MOST_SOLD + 1]

    def enter() -> Answer:
        goods_minor = 60 * 100 * len(skus)
        sale = {
            "store_id": warehouse.stores[0],
            "sale_id": "S-1",
            "lines": [{"sku": sku, "quantity": 60, "unit_price_minor": 100} for sku in skus],
            "total_minor": goods_minor + money.fraction(goods_minor, 725),
            "paid_by": "cash",
            "reason": "clearance",
            "sold_at": warehouse.shop.clock.at.isoformat(),
        }
        return warehouse.shop.post("/staff/sales/batch", {"sales": [sale]}, as_=warehouse.shop.boss)

    assert said(enter()) == (422, "not_valid")
    skus.pop()
    assert warehouse.writes(enter) <= MOST_ACTIONS - ROOM
    assert len(warehouse.shop.rows("Order")) == 1
