"""Entries of generated orders by the thousand: each balances, nothing stays owed, what is counted is their replay."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from random import Random
from types import SimpleNamespace
from typing import Literal, cast

import pytest

from souk.domains.ledger import actions, store
from souk.domains.ledger.model.balance import trial_balances
from souk.domains.ledger.model.profit import ProductProfit
from souk.domains.orders.model import books as sales
from souk.domains.orders.model.goods import OrderLine
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Basket, Freight, QuoteLine, quote
from souk.domains.payments.model.money import EventKind, MoneyEvent
from souk.kernel.journal import SALE, JournalEntry
from souk.kernel.shapes import Texts
from souk.table import current, record
from souk.table.actions import Delete
from souk.table.port import At
from souk.table.unit import Unit
from tests.support import books
from tests.support.memory import MemoryTable

ENTRIES = int(os.environ.get("ENTRIES", "3000"))  # `make entries` takes a million
ORDERS_AT_ONCE, DELIVERED_AT_ONCE = 200, 100
SKUS = ("TEA", "CUP", "POT", "CAN")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def table() -> Iterator[MemoryTable]:
    current.use(made := MemoryTable())
    yield made
    current.use(None)


@pytest.mark.capability("ANA-13")
def test_a_million_entries_balance_and_the_balances_are_their_replay(table: MemoryTable) -> None:
    chance, booked, numbers = Random(ENTRIES), 0, count(1)
    expected: dict[Literal["month", "day"], Sums] = {"month": {}, "day": {}}
    while booked < ENTRIES:
        for number in islice(numbers, ORDERS_AT_ONCE):
            with Unit() as unit:
                for entry in life(f"ord_{number}", chance):
                    unit.book(entry)
        rows = [row for row in table.rows.values() if row["kind"] == "JournalEntry"]
        journal = [json.loads(record.text_of(row)) for row in rows]
        assert not any(sum(posting["minor"] for posting in entry["postings"]) for entry in journal)
        assert set(books.accounts(journal)) & {"receivable", "order_moves", "refunds_payable"} == set()
        deliver([record.to(JournalEntry, row) for row in rows], chance)
        for span, sums in expected.items():
            for place, (debit, credit) in books.replay(journal, span).items():
                before = sums.get(place, (0, 0))
                sums[place] = before[0] + debit, before[1] + credit
        booked += len(rows)
        for row in rows:  # what is counted is not looked at again
            table.write([Delete(At(str(row["PK"]), str(row["SK"])))], "forget")

    assert books.balances(store.balances()) == expected["month"]
    by_day = [one for month in {place[0] for place in expected["month"]} for one in store.day_balances(month)]
    assert books.balances(by_day) == expected["day"]
    (of_euros,) = trial_balances(store.balances())
    assert of_euros.difference_minor == 0 < of_euros.debit_minor
    profit = sum(
        one.profit_minor for month in {place[0] for place in expected["month"]} for one in store.statements(month)
    )
    shares = [record.to(ProductProfit, row) for row in table.rows.values() if row["kind"] == "ProductProfit"]
    assert sum(one.profit_minor for one in shares) == profit != 0
    assert {one.sku for one in shares} == {*SKUS}
    print(f"{booked} entries of {next(numbers) - 1} orders")


@pytest.mark.capability("ANA-13")
def test_entries_of_more_orders_than_one_read_takes_are_counted_at_once(table: MemoryTable) -> None:
    chance = Random(7)
    for number in range(600):
        with Unit() as unit:
            for entry in life(f"ord_{number}", chance):
                unit.book(entry)
    rows = [row for row in table.rows.values() if row["kind"] == "JournalEntry"]
    actions.count([record.to(JournalEntry, row) for row in rows])
    journal = [json.loads(record.text_of(row)) for row in rows]
    assert books.balances(store.balances()) == books.replay(journal, "month")


Sums = dict[tuple[str, str, str], tuple[int, int]]


def deliver(entries: list[JournalEntry], chance: Random) -> None:
    """As the table's stream does: in no order, some at a time, and some of them twice."""
    chance.shuffle(entries)
    for start in range(0, len(entries), DELIVERED_AT_ONCE):
        for _ in range(chance.choice((1, 1, 2))):
            actions.count(entries[start : start + DELIVERED_AT_ONCE])


def life(order_id: str, chance: Random) -> Iterator[JournalEntry]:
    """Sold, charged, and given back in parts; a refund that comes back is sent anew."""
    at = NEW_YEAR + timedelta(minutes=chance.randrange(300 * 24 * 60))
    lines = quoted(chance)

    def entry(cause: str, moves: dict[str, int], by_sku: dict[str, int] | None = None) -> JournalEntry:
        about = {"store_id": "sto_1", "currency": "EUR"}
        return JournalEntry.of(order_id, cause, at=at, **about, moves=moves, by_sku=by_sku)

    def credit(lines: tuple[OrderLine, ...]) -> dict[str, int]:
        return sales.credit(cast(Order, SimpleNamespace(lines=lines)), units, {})

    def moved(kind: EventKind, subject: str, minor: int, had_gone: bool = False) -> JournalEntry:
        event = MoneyEvent(order_id=order_id, kind=kind, subject=subject, amount_minor=minor, currency="EUR", at=at)
        return entry(event.effect, event.moves(had_gone))

    yield entry(SALE, sales.sale(lines), sales.earned_by_sku(sales.sale, lines))
    yield moved("charge", "ch", sum(line.payable_minor for line in lines))
    fee = chance.randrange(200)
    yield entry("fee", {"provider_fees": fee, "clearing:stripe": -fee})
    for part in range(chance.choice((0, 0, 1, 2))):
        at += timedelta(days=chance.randrange(30))
        units = {line.sku: chance.randint(0, line.quantity - line.refunded) for line in lines}
        returned = entry(f"returned:{part}", credit(lines), sales.earned_by_sku(credit, lines))
        lines = tuple(line.but(refunded=line.refunded + units[line.sku]) for line in lines)
        yield returned
        failures = chance.choice((0, 0, 0, 1))
        for number in range(failures + 1):
            refund_id, minor, gone = (
                f"rfd_{part}_{number}",
                -sum(one.minor for one in returned.postings if one.account == "receivable"),
                chance.random() < 0.5,
            )
            yield moved("refund_owed", refund_id, minor)
            if gone or number == failures:
                yield moved("refund_posted", refund_id, minor)
            if number < failures:
                yield moved("refund_failed", refund_id, minor, had_gone=gone)


def quoted(chance: Random) -> tuple[OrderLine, ...]:
    """Odd prices, some of next to nothing, discounts, a freight that does not divide, and a tax."""
    lines = tuple(
        QuoteLine(
            sku=sku,
            product_id=sku,
            name=Texts(en=sku),
            quantity=chance.randint(1, 7),
            unit_price_minor=chance.choice((chance.randint(0, 9), chance.randint(0, 20_000))),
        )
        for sku in chance.sample(SKUS, chance.randint(1, 4))
    )
    basket = Basket(
        currency="EUR",
        country="PT",
        store_id="sto_1",
        lines=lines,
        discounts=tuple(chance.choice((0, chance.randint(0, 10_000))) for _ in lines),
        freights=(Freight(minor=chance.randint(0, 999)),),
        tax_basis_points=chance.randint(0, 2500),
    )
    return tuple(OrderLine(**dict(line)) for line in quote(basket).lines)
