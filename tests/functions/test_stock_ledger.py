"""The ledger of stock: whatever is received, issued, sold and voided, it tells the balance from nothing."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.domains.inventory.model import InsufficientStock
from souk.domains.orders.model.order import Order
from souk.table import current
from tests.support import goods, sales
from tests.support.memory import MemoryTable
from tests.support.shop import Shop

SKUS = ("CUP", "MUG")
VERBS = ("receipt", "issue", "order", "order", "prepare", "ship", "cancel", "void")
Steps = list[tuple[str, int, str, int]]
steps: st.SearchStrategy[Steps] = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 1), st.sampled_from(SKUS), st.integers(1, 9)), max_size=25
)


class Trade:
    """Two stores and what happens in them; what the shop refuses has not happened."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.stores = [goods.open_store(shop, name) for name in "ab"]
        for sku in SKUS:
            goods.make_product(shop, sku)
        self.unpaid: list[Order] = []
        self.ready: list[Order] = []
        self.documents: list[str] = []
        self.numbers = count(1)
        self.expected: dict[tuple[str, str], list[int]] = {}

    def do(self, verb: str, store: int, sku: str, units: int) -> None:
        store_id = self.stores[store]
        match verb:
            case "receipt" | "issue":
                self._book(verb, store_id, sku, units)
            case "order":
                try:
                    self.unpaid.append(sales.place(store_id, {sku: units}))
                except InsufficientStock:
                    return
                self._count(store_id, sku, 0, units)
            case "prepare" if self.unpaid:
                self.ready.append(sales.prepare(self.unpaid.pop(0)))
            case "cancel" if self.unpaid:
                order = sales.cancel(self.unpaid.pop())
                for one, back in order.unshipped().items():
                    self._count(order.store_id, one, 0, -back)
            case "ship" if self.ready:
                self._ship(units)
            case "void" if self.documents:
                self._void(self.documents.pop(0))

    def _book(self, kind: str, store_id: str, sku: str, units: int) -> None:
        draft = {"kind": kind, "store_id": store_id, "reference": f"DOC-{next(self.numbers)}",
                 "lines": [{"sku": sku, "units": units}]}  # fmt: skip
        answer = self.shop.post("/staff/stock-documents", draft, as_=self.shop.boss)
        if answer.status == 201:
            self.documents.append(answer["document_id"])
            self._count(store_id, sku, units if kind == "receipt" else -units, 0)
        else:
            assert answer["code"] in ("insufficient_stock", "not_stocked")

    def _ship(self, units: int) -> None:
        order = self.ready[0]
        sku, left = next(iter(order.unshipped().items()))
        gone = min(units, left)
        parcel = {"order_id": order.order_id, "carrier": "other", "tracking_number": f"P-{left:03d}"}
        self.shop.post("/staff/shipments", parcel | {"units": {sku: gone}}, as_=self.shop.boss).ok()
        self._count(order.store_id, sku, -gone, -gone)
        self.ready[0] = order.shipped_by({sku: gone}, order.placed_at, "test")
        if gone == left:
            self.ready.pop(0)

    def _void(self, document_id: str) -> None:
        document = self.shop.get(f"/staff/stock-documents/{document_id}", as_=self.shop.boss).ok()
        answer = self.shop.post(f"/staff/stock-documents/{document_id}/void", as_=self.shop.boss)
        if answer.status == 200:
            sign = -1 if document["kind"] == "receipt" else 1
            for sku, units in document["units"].items():
                self._count(document["store_id"], sku, sign * units, 0)
        else:
            assert answer["code"] == "insufficient_stock"

    def _count(self, store_id: str, sku: str, on_hand: int, reserved: int) -> None:
        counted = self.expected.setdefault((store_id, sku), [0, 0])
        counted[0] += on_hand
        counted[1] += reserved

    def look(self) -> None:
        """The stock is what happened, the sum over the stores is the sum, and nothing is ever below nothing."""
        for sku in SKUS:
            levels = self.shop.get(f"/staff/stock/{sku}", as_=self.shop.boss).ok()
            for one in levels["stores"]:
                assert [one["on_hand"], one["reserved"]] == self.expected[one["store_id"], sku]
                assert one["available"] == one["on_hand"] - one["reserved"] >= 0
                assert one["reserved"] >= 0
            for number in ("on_hand", "reserved", "available"):
                assert levels[number] == sum(one[number] for one in levels["stores"])

    def replay(self) -> dict[tuple[str, str], int]:
        """On hand by SKU and store, from the entries alone."""
        balances = {}
        for store_id, sku in self.expected:
            path = f"/staff/stock/{sku}/{store_id}/entries"
            entries = self.shop.get(path, as_=self.shop.boss, limit=100).ok()["items"]
            balance = 0
            for place, entry in enumerate(entries, 1):
                balance += entry["delta"]
                assert (entry["sequence"], entry["balance"]) == (place, balance)
                assert entry["actor"] == "boss"
                assert entry["reference"]
            balances[store_id, sku] = balance
        return balances


@pytest.mark.capability("INV-07")
@pytest.mark.capability("INV-14")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_ledger_tells_the_stock_of_every_store_from_nothing(shop: Shop, history: Steps) -> None:
    current.use(MemoryTable())
    trade = Trade(shop)
    for sku in SKUS:
        trade.do("receipt", 0, sku, 9)
    for step in history:
        trade.do(*step)
        trade.look()
    assert trade.replay() == {place: on_hand for place, (on_hand, _) in trade.expected.items()}


@pytest.mark.capability("INV-07")
def test_an_entry_says_who_moved_what_why_and_when(shop: Shop) -> None:
    store_id = goods.open_store(shop)
    goods.make_product(shop, "MUG")
    document = goods.receive(shop, store_id, {"MUG": 3})
    entry = shop.get(f"/staff/stock/MUG/{store_id}/entries", as_=shop.boss).ok()["items"]
    assert entry == [{
        "sku": "MUG", "store_id": store_id, "sequence": 1, "delta": 3, "balance": 3, "cause": "receipt",
        "reference": document["document_id"], "actor": "boss", "at": document["at"],
    }]  # fmt: skip


def test_the_ledger_is_read_page_by_page(shop: Shop) -> None:
    store_id = goods.open_store(shop)
    goods.make_product(shop, "MUG")
    for number in range(12):
        goods.receive(shop, store_id, {"MUG": 1}, f"PO-{number}")
    path, found = f"/staff/stock/MUG/{store_id}/entries", []
    cursor: dict[str, str | None] = {}
    for _ in range(3):
        page = shop.get(path, as_=shop.boss, limit=5, **cursor).ok()
        found += [entry["balance"] for entry in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert found == list(range(1, 13))
    assert cursor == {"cursor": None}
