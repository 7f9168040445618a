"""The ledger of stock: whatever is received, issued, sold and voided, it tells the balance from nothing."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from souk.table import current, keys
from souk.table.actions import Action, Put
from souk.table.conditions import Absent
from tests.support.market import INES, Market
from tests.support.memory import MemoryTable

SKUS = ("CUP", "MUG")
VERBS = ("receipt", "issue", "order", "order", "prepare", "ship", "cancel", "void")
Steps = list[tuple[str, int, str, int]]
steps: st.SearchStrategy[Steps] = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 1), st.sampled_from(SKUS), st.integers(1, 9)), max_size=25
)


class WriteOnce(MemoryTable):
    """Refuses what would change or delete an entry of the ledger, whoever tries."""

    def write(self, actions: Sequence[Action], token: str) -> None:
        for action in actions:
            if action.at.pk.startswith(keys.STOCK_ENTRY.main.pk.partition("{")[0]):
                assert isinstance(action, Put) and Absent() in action.only_if, action
        super().write(actions, token)


class Trade:
    """Two stores, of which one serves a whole order; what the shop refuses has not happened."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        market.set_up(most_parts=1)
        self.stores = [market.store(name) for name in "ab"]
        market.category_id = ""
        market.goods(dict.fromkeys(SKUS, 1000))
        self.unpaid: list[str] = []
        self.ready: list[tuple[str, int]] = []
        self.orders: dict[str, tuple[str, str, int]] = {}
        self.documents: list[str] = []
        self.numbers = count(1)
        self.expected: dict[tuple[str, str], list[int]] = {}

    def do(self, verb: str, store: int, sku: str, units: int) -> None:
        match verb:
            case "receipt" | "issue":
                self._book(verb, self.stores[store], sku, units)
            case "order":
                self._order(sku, units)
            case "prepare" if self.unpaid:
                self._prepare(self.unpaid.pop(0))
            case "cancel" if self.unpaid:
                order_id = self.unpaid.pop()
                self.market.cancel(order_id).ok()
                store_id, one, back = self.orders[order_id]
                self._count(store_id, one, 0, -back)
            case "ship" if self.ready:
                self._ship(units)
            case "void" if self.documents:
                self._void(self.documents.pop(0))

    def _order(self, sku: str, units: int) -> None:
        """From whichever store has it."""
        quoted = self.market.quote({sku: units})
        if quoted.status == 409:
            assert quoted["code"] == "insufficient_stock"
            return
        placed = self.market.checkout({sku: units}, quote_id=quoted["quote_id"]).ok()
        order = placed["order"]
        self.unpaid.append(order["order_id"])
        self.orders[order["order_id"]] = order["store_id"], sku, units
        self._count(order["store_id"], sku, 0, units)

    def _prepare(self, order_id: str) -> None:
        secret = self.shop.post("/me/payments", {"order_id": order_id}, as_=INES).ok()["client_secret"]
        self.market.stripe.buyer.pay(secret)
        self.market.hear()
        self.market.lay_out(order_id)
        self.ready.append((order_id, self.orders[order_id][2]))

    def _book(self, kind: str, store_id: str, sku: str, units: int) -> None:
        draft = {
            "kind": kind,
            "store_id": store_id,
            "reference": f"DOC-{next(self.numbers)}",
            "lines": [{"sku": sku, "units": units}],
        }
        answer = self.shop.post("/staff/stock-documents", draft, as_=self.shop.boss)
        if answer.status == 201:
            self.documents.append(answer["document_id"])
            self._count(store_id, sku, units if kind == "receipt" else -units, 0)
        else:
            assert answer["code"] in ("insufficient_stock", "not_stocked")

    def _ship(self, units: int) -> None:
        order_id, left = self.ready.pop(0)
        store_id, sku, _ = self.orders[order_id]
        gone = min(units, left)
        parcel = {"order_id": order_id, "carrier": "other", "tracking_number": f"P-{left:03d}", "units": {sku: gone}}
        self.shop.post("/staff/shipments", parcel, as_=self.shop.boss).ok()
        self._count(store_id, sku, -gone, -gone)
        if left > gone:
            self.ready.insert(0, (order_id, left - gone))

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
            balance = 0
            for place, entry in enumerate(self.market.entries(sku, store_id), 1):
                balance += entry["delta"]
                assert (entry["sequence"], entry["balance"]) == (place, balance)
                assert entry["actor"] == "boss"
                assert entry["reference"]
            balances[store_id, sku] = balance
        return balances


@pytest.mark.capability("INV-07")
@pytest.mark.capability("INV-14")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([("receipt", 1, "CUP", 1), ("issue", 0, "CUP", 7), ("order", 0, "CUP", 3)])
@given(steps)
def test_the_ledger_tells_the_stock_of_every_store_from_nothing(market: Market, history: Steps) -> None:
    current.use(WriteOnce())
    trade = Trade(market)
    for sku in SKUS:
        trade.do("receipt", 0, sku, 9)
    for step in history:
        trade.do(*step)
        trade.look()
    assert trade.replay() == {place: on_hand for place, (on_hand, _) in trade.expected.items()}


@pytest.mark.capability("INV-07")
def test_an_entry_says_who_moved_what_why_and_when(market: Market) -> None:
    store_id = market.store()
    market.goods({"MUG": 1000})
    document = market.receive(store_id, {"MUG": 3})
    assert market.entries("MUG", store_id) == [
        {
            "sku": "MUG",
            "store_id": store_id,
            "sequence": 1,
            "delta": 3,
            "balance": 3,
            "cause": "receipt",
            "reference": document["document_id"],
            "actor": "boss",
            "at": document["at"],
        }
    ]


@pytest.mark.capability("INV-07")
def test_nobody_may_change_an_entry(market: Market) -> None:
    store_id = market.store()
    market.goods({"MUG": 1000}, {store_id: 3})
    path, entries = f"/staff/stock/MUG/{store_id}/entries", market.entries("MUG", store_id)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert market.shop.call(method, path, entries[0], as_=market.shop.boss).status == 405
        assert market.shop.call(method, f"{path}/1", entries[0], as_=market.shop.boss).status == 404
    assert market.entries("MUG", store_id) == entries


def test_the_ledger_is_read_page_by_page(market: Market) -> None:
    store_id = market.store()
    market.goods({"MUG": 1000})
    for _ in range(12):
        market.receive(store_id, {"MUG": 1})
    path, found = f"/staff/stock/MUG/{store_id}/entries", []
    cursor: dict[str, str | None] = {}
    for _ in range(3):
        page = market.shop.get(path, as_=market.shop.boss, limit=5, **cursor).ok()
        found += [entry["balance"] for entry in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert found == list(range(1, 13))
    assert cursor == {"cursor": None}
