"""What holds of a balance whatever is done with it, in whatever order, and by however many at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from souk.domains.orders.model.requests import Checkout
from souk.domains.payments.actions import awaiting, charges, refunds, wallets
from souk.domains.payments.actions.refunds import Due
from souk.domains.payments.model.fund import RefundTooHigh
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.wallet import BalanceTooLow, Payout, WalletCorrection
from souk.domains.payments.store import payments as store
from souk.domains.payments.store import wallets as wallet_store
from souk.flows import checkout
from souk.kernel import clock
from souk.kernel.errors import Refusal
from souk.kernel.journal import JournalEntry
from souk.table import current, keys, record
from souk.table.unit import Unit
from tests.support.market import ADDRESS, CONTACT, INES, Market
from tests.support.memory import MemoryTable
from tests.support.shared_table import SharedTable

AT_ONCE = 16
AMOUNTS = st.integers(1, 300)
STEPS = st.one_of(
    st.tuples(st.just("correct"), st.integers(-300, 300).filter(bool)),
    st.tuples(st.sampled_from(["hold", "cover", "void", "give back", "pay out"]), AMOUNTS),
)


class Till:
    """One buyer's balance, moved about; `available` and `held` are what it should be."""

    def __init__(self, table: MemoryTable) -> None:
        self.table = table
        self.available = self.held = self.number = 0
        self.waiting: list[Payment] = []
        self.covered: dict[str, int] = {}

    def correct(self, amount_minor: int) -> None:
        draft = {"reference": self._name("C"), "currency": "EUR", "amount_minor": amount_minor, "reason": "so it is"}
        wallets.enter(WalletCorrection(**draft).movement("mem_1", clock.now()))
        self.available += amount_minor

    def pay_out(self, amount_minor: int) -> None:
        draft = {"bank_reference": self._name("P"), "currency": "EUR", "amount_minor": amount_minor, "reason": "asked"}
        wallets.enter(Payout(**draft).movement("mem_1", clock.now()))
        self.available -= amount_minor

    def hold(self, amount_minor: int) -> None:
        about = {"order_id": self._name("O"), "buyer_id": "mem_1", "store_id": "sto_1", "currency": "EUR"}
        payment = Payment(**about, amount_minor=amount_minor, deadline=clock.now()).with_balance(amount_minor)
        with Unit() as unit:
            begun = awaiting.await_payment(unit, payment)
        self.waiting.append(begun)
        self.available, self.held = self.available - amount_minor, self.held + amount_minor

    def cover(self, _: int) -> None:
        for payment in self._next():
            with Unit() as unit:
                charges.cover(unit, payment, at=clock.now())
            self.covered[payment.order_id] = payment.amount_minor
            self.held -= payment.amount_minor

    def void(self, _: int) -> None:
        for payment in self._next():
            with Unit() as unit:
                charges.void(unit, payment)
            self.available, self.held = self.available + payment.amount_minor, self.held - payment.amount_minor

    def give_back(self, amount_minor: int) -> None:
        for order_id in [*self.covered][:1]:
            with Unit() as unit:
                refunds.owe(unit, store.of_order(order_id), Due(self._name("R"), amount_minor, cause=""))
            self.covered[order_id] -= amount_minor
            self.available += amount_minor

    def check(self) -> None:
        found = [(one.available_minor, one.held_minor) for one in wallet_store.wallets("mem_1")]
        assert (self.available, self.held) == (found[0] if found else (0, 0))
        assert min(self.available, self.held, *self.covered.values(), 0) == 0
        moved, _ = wallet_store.movements("mem_1", "EUR", 1_000, None)
        assert sum(one.amount_minor for one in moved) == self.available + self.held
        journal = [record.to(JournalEntry, row) for row in self.table.all() if row["kind"] == keys.JOURNAL_ENTRY.kind]
        postings = [posting for entry in journal for posting in entry.postings]
        assert sum(one.minor for one in postings if one.account == "wallet") == -self.available - self.held

    def _next(self) -> Iterator[Payment]:
        if self.waiting:
            yield self.waiting.pop(0)

    def _name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}-{self.number}"


@pytest.mark.capability("PAY-18")
@settings(max_examples=100)
@given(steps=st.lists(STEPS, min_size=1, max_size=40))
def test_a_balance_is_the_sum_of_its_movements_and_what_the_books_say_is_owed(steps: list[tuple[str, int]]) -> None:
    table = MemoryTable()
    current.use(table)
    try:
        till = Till(table)
        for name, amount_minor in steps:
            try:
                getattr(till, name.replace(" ", "_"))(amount_minor)
            except BalanceTooLow:
                assert till.available < abs(amount_minor)
            except RefundTooHigh:
                assert next(iter(till.covered.values())) < amount_minor
            till.check()
    finally:
        current.use(None)


@pytest.mark.capability("PAY-18")
def test_of_16_orders_at_once_that_all_saw_the_balance_as_many_are_paid_as_it_pays_for(market: Market) -> None:
    table = SharedTable()
    current.use(table)
    store_id = market.store()
    market.goods({"CUP": 1000}, {store_id: 100})
    draft = {"reference": "FIRST", "currency": "EUR", "amount_minor": 5_400, "reason": "so it is"}
    wallets.enter(WalletCorrection(**draft).movement(INES.id, clock.now()))
    request = {"lines": [{"sku": "CUP", "quantity": 1}], "address": ADDRESS, "contact": CONTACT}
    quote_id = market.quote({"CUP": 1}).ok()["quote_id"]
    wanted = Checkout(**request, quote_id=quote_id, from_balance_minor=1000)
    table.gate = threading.Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = Counter(pool.map(lambda n: _buy(f"key-{n}", wanted), range(AT_ONCE)))
    assert outcomes == {"paid": 5, "balance_too_low": 11}
    (wallet,) = wallet_store.wallets(INES.id)
    assert (wallet.available_minor, wallet.held_minor) == (400, 0)
    assert market.level("CUP", store_id) == (100, 5, 95)


def _buy(key: str, wanted: Checkout) -> str:
    """What becomes of the order."""
    try:
        return checkout.place(wanted, key, by=INES).order.status
    except Refusal as refusal:
        return refusal.code()
