"""Settlements grow in whatever order the journal is delivered, close for good, and add up to the cash that came."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from souk.domains.orders.model import books
from souk.domains.orders.model.order import Order
from souk.domains.payments.model.money import EventKind, MoneyEvent
from souk.domains.settlement.actions import settlements
from souk.domains.settlement.model.settlement import AdjustmentDraft, MerchantMovement, PayoutDraft, Settlement
from souk.domains.settlement.store import settlements as store
from souk.kernel import clock
from souk.kernel.caller import system
from souk.kernel.errors import Conflict
from souk.kernel.journal import SALE, JournalEntry
from souk.table import ask, current, keys, patterns, record
from tests.domains.orders import charged
from tests.support import settlements as desk
from tests.support.memory import MemoryTable

MERCHANTS = ("mer_a", "mer_b")
SHOP = system("test")
CASH = ("receivable", "clearing", "refunds_payable", "disputed")
# What a buyer has of an order beyond what was credited, or less of it.
GIVEN: dict[EventKind, int] = {
    "goodwill": 1,
    "goodwill_used": -1,
    "goodwill_back": -1,
    "dispute_lost": 1,
    "dispute_regained": -1,
    "loss_used": -1,
}
# A month with more in it than one step each: what is late must meet what was closed.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["sell", "sell_at_till"]), charged()),
        st.tuples(st.just("move"), st.tuples(st.sampled_from(["refund_posted", *GIVEN]), st.integers(0, 10**6))),
        st.tuples(st.sampled_from(["credit", "credit", "deliver", "deliver"]), st.integers(0, 10**6)),
        st.tuples(st.just("adjust"), st.integers(-3_000, 300).filter(bool)),
        st.tuples(st.just("wait"), st.integers(15, 40)),
        st.tuples(st.sampled_from(["close", "close", "pay"]), st.sampled_from(MERCHANTS)),
    ),
    min_size=30,
    max_size=60,
)


class Year:
    """A shop that sells and credits; what it books, the stream brings when it will."""

    def __init__(self, table: MemoryTable) -> None:
        self.table, self.now = table, datetime(2026, 1, 10, tzinfo=UTC)
        self.journal: list[JournalEntry] = []
        self.orders: list[Order] = []
        self.number = count(1)
        self.closed: dict[tuple[str, str], Settlement] = {}
        self.at_till: set[str] = set()
        self.in_tills = Counter[str]()  # of each merchant
        self.given_minor = 0  # by the shop, for orders that are no one merchant's

    def sell(self, order: Order) -> None:
        order = order.but(order_id=f"ord_{next(self.number)}")
        self._book(order, SALE, books.sale(order.lines))
        self.orders.append(order)

    def sell_at_till(self, order: Order) -> None:
        """What its first seller has of it."""
        owner = order.lines[0].merchant_id
        self.sell(order.but(lines=tuple(line for line in order.lines if line.merchant_id == owner)))
        self.at_till.add(self.orders[-1].order_id)
        self._pay(self.orders[-1], "charge", books.sale(self.orders[-1].lines)["receivable"])

    def move(self, said: tuple[EventKind, int]) -> None:
        """Money of one of the orders, whoever has that money."""
        kind, chance = said
        if not self.orders:
            return
        order, amount = self.orders[chance % len(self.orders)], 1 + chance % 997
        self._pay(order, kind, amount)
        if order.merchant_id is None:
            self.given_minor += GIVEN.get(kind, 0) * amount

    def credit(self, chance: int) -> None:
        """A unit of each line that has one left."""
        if not self.orders:
            return
        place = chance % len(self.orders)
        order = self.orders[place]
        units = {line.sku: 1 for line in order.lines if line.refunded < line.quantity}
        self._book(order, f"returned:{next(self.number)}", books.credit(order, units, {}))
        self.orders[place] = order.refunded_by(units)

    def deliver(self, chance: int) -> None:
        """A stretch of the journal, be it that parts of it were delivered before."""
        if self.journal:
            first = chance % len(self.journal)
            settlements.enter(self.journal[first : first + 3])

    def adjust(self, amount_minor: int) -> None:
        said = {"reference": f"A-{next(self.number)}", "currency": "EUR", "amount_minor": amount_minor}
        draft = AdjustmentDraft(**said, reason="as agreed")
        made = [settlements.adjust(MERCHANTS[amount_minor % 2], draft, SHOP) for _ in range(2)]
        assert made[0] == made[1]
        self.journal.append(made[0].entry())

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    def close(self, merchant_id: str) -> None:
        for one in self.all(merchant_id):
            try:
                settlements.close(merchant_id, one.month, "EUR", SHOP)
            except Conflict:
                continue
            self.closed.setdefault((merchant_id, one.month), store.get(merchant_id, one.month, "EUR"))

    def pay(self, merchant_id: str) -> None:
        for one in self.all(merchant_id):
            if one.status == "due":
                said = PayoutDraft(bank_account="PT50 0002", bank_reference=one.month)
                for _ in range(2):
                    settlements.pay_out(merchant_id, one.month, "EUR", said, SHOP)
                self.journal.append(one.payout_entry(self.now))

    def all(self, merchant_id: str) -> list[Settlement]:
        found, _ = store.of_merchant(merchant_id, 100, None)
        return found[::-1]

    def movements(self) -> list[MerchantMovement]:
        rows = (row for row in self.table.all() if row["kind"] == keys.MERCHANT_MOVEMENT.kind)
        return [record.to(MerchantMovement, row) for row in rows]

    def check(self) -> None:
        """What was closed has stayed so, and each settlement is the sum of its movements."""
        for (merchant_id, month), then in self.closed.items():
            now = store.get(merchant_id, month, "EUR")
            assert now.but(payout=None, version=0) == then.but(payout=None, version=0)
        for merchant_id in MERCHANTS:
            owed = 0
            for one in self.all(merchant_id):
                moved, _ = store.movements(one, 1_000, None)
                assert len(moved) == one.movements
                assert one.payable_minor - one.brought_forward_minor == sum(each.payable_minor for each in moved)
                assert -one.fees_minor == sum(each.payable_minor - each.gross_minor for each in moved)
                owed += one.payable_minor if one.status in ("open", "due") else 0
            assert store.account(merchant_id, "EUR").owed_minor == owed

    def booked(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for entry in self.journal:
            sums.update({posting.account: posting.minor for posting in entry.postings})
        return sums

    def _pay(self, order: Order, kind: EventKind, amount_minor: int) -> None:
        method = "cash" if order.order_id in self.at_till else "card"
        said = {"order_id": order.order_id, "currency": "EUR", "at": self.now, "method": method}
        event = MoneyEvent(kind=kind, subject=f"{next(self.number)}", amount_minor=amount_minor, **said)
        self._book(order, event.effect, event.moves(False, order.merchant_id))
        if order.merchant_id and method == "cash" and kind in ("charge", "refund_posted"):
            self.in_tills[order.merchant_id] += amount_minor if kind == "charge" else -amount_minor

    def _book(self, order: Order, cause: str, moves: dict[str, int]) -> None:
        entry = JournalEntry.of(order.order_id, cause, at=self.now, store_id="sto_1", currency="EUR", moves=moves)
        self.journal.append(entry)


@pytest.mark.capability("MER-05")
@settings(max_examples=60)
@given(steps=STEPS)
def test_whatever_comes_when_it_will_the_merchants_and_the_shop_share_the_cash_to_the_cent(
    steps: list[tuple[str, object]],
) -> None:
    table = MemoryTable()
    current.use(table)
    year = Year(table)
    clock.use(lambda: year.now)
    try:
        for name, given_ in steps:
            getattr(year, name)(given_)
            year.check()
        settlements.enter([*year.journal, *year.journal])
        year.check()
        named = [(one.merchant_id, one.subject, one.cause) for one in year.movements()]
        assert len(named) == len(set(named))

        booked, found = year.booked(), [one for who in MERCHANTS for one in year.all(who)]
        for who in MERCHANTS:
            assert store.account(who, "EUR").owed_minor == -booked[f"merchants_payable:{who}"]
            assert sum(one.taken_minor for one in year.all(who)) == year.in_tills[who]
        # What came of buyers, and was not paid back to them, is the merchants' sales and what the shop had of its own,
        # wherever it lies, in whosever till.
        in_tills = sum(year.in_tills.values())
        cash = in_tills + sum(minor for name, minor in booked.items() if name.split(":")[0] in CASH)
        merchants = sum(one.sales_minor - one.refunds_minor for one in found)
        own = -sum(
            minor
            for name, minor in booked.items()
            if name.split(":")[0] in ("revenue", "discounts", "refunds", "freight")
        )
        own -= year.given_minor
        assert cash == merchants + own - booked["tax"]
        # The same, by who has it in the end: the merchants less the shop's fee, and the shop with it. Of what a till of
        # theirs took the merchants are paid nothing.
        paid = sum(one.payable_minor for one in found if one.payout)
        owed = sum(store.account(who, "EUR").owed_minor for who in MERCHANTS)
        fees, given_more = sum(one.fees_minor for one in found), sum(one.adjustments_minor for one in found)
        assert cash - in_tills == paid + owed - given_more + fees + own - booked["tax"]
        assert fees == -sum(minor for name, minor in booked.items() if name.startswith("commission"))
    finally:
        current.use(None)
        clock.use(None)


def test_what_merchants_are_owed_lies_in_many_places_and_each_is_found_once() -> None:
    """Every movement of every merchant writes there."""
    everybody = {f"mer_{number}" for number in range(40)}
    current.use(MemoryTable())
    try:
        for merchant_id in everybody:
            desk.begin(merchant_id, "2026-11")
        found = [one.merchant_id for one in store.each_account()]
        places = {ask.key(keys.MERCHANT_ACCOUNT, merchant_id=one, currency="EUR").pk for one in everybody}
    finally:
        current.use(None)
    assert len(found) == len(everybody) and {*found} == everybody
    assert len(places) == patterns.MERCHANT_ACCOUNTS.shards
