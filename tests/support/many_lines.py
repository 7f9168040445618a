"""A busy day at a payment provider: its bill, and the shop's movements, written straight into the table."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from souk.domains.payments.model.money import MoneyEvent
from souk.table import keys, record
from souk.table.actions import Put
from souk.table.current import table
from tests.support import bills
from tests.support.bills import Line

DAY = "2026-11-01"
MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
_AT_ONCE = 100


def traded(lines: int) -> list[Line]:
    """As many charges, which the shop knows of; the lines of the bill that tells of them."""
    told = []
    for start in range(0, lines, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, lines))
        table().write([Put(record.row_of(keys.MONEY_EVENT, _event(number, lines)), ()) for number in numbers], "")
        told += [_line(number, lines) for number in numbers]
    return told


def wrong(told: Sequence[Line], faults: int) -> bytes:
    """The bill without the first lines, which are then missing there."""
    return bills.of_stripe(told[faults:])


def _event(number: int, of: int) -> MoneyEvent:
    return MoneyEvent(
        order_id=f"ord_{number:026d}",
        kind="charge",
        subject=f"ch_{number:024d}",
        amount_minor=_price(number),
        currency="EUR",
        transaction_number=f"ch_{number:024d}",
        at=_at(number, of),
        cleared_minor=_price(number),
    )


def _line(number: int, of: int) -> Line:
    price = _price(number)
    return {
        "balance_transaction_id": f"txn_{number:024d}",
        "created_utc": f"{_at(number, of):%Y-%m-%d %H:%M:%S}",
        "currency": "eur",
        "gross": bills.cents(price),
        "fee": "0.30",
        "net": bills.cents(price - 30),
        "reporting_category": "charge",
        "source_id": f"ch_{number:024d}",
        "customer_facing_amount": bills.cents(price),
        "customer_facing_currency": "eur",
    }


def _at(number: int, of: int) -> datetime:
    return MIDNIGHT + timedelta(days=1) * number / of


def _price(number: int) -> int:
    return 100 + number % 9_900
