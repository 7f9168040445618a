"""A settlement as rows of a spreadsheet, of which each column of amounts adds up to its last row."""

from collections.abc import Iterable, Sequence

from souk.domains.settlement.model.settlement import MovementLine, Settlement
from souk.kernel import money
from souk.kernel.sheet import utc

COLUMNS = (
    "merchant",
    "month",
    "booked_at_utc",
    "kind",
    "order_number",
    "subject",
    "cause",
    "undivided",
    "reason",
    "currency",
    "gross",
    "fee",
    "payable",
)


def rows_of(settlement: Settlement, merchant: str, movements: Iterable[MovementLine]) -> list[Sequence[str]]:
    """Amounts as people write them: what came over from the month before, each movement, and the total.

    `subject` and `cause` are those of the books. The total says whether the settlement is open, due, carried or paid,
    since when, and under which reference of the bank.
    """
    of, currency = (merchant, settlement.month), settlement.currency
    gross, fees, rows = settlement.brought_forward_minor, 0, list[Sequence[str]]()
    for one in movements:
        named = (utc(one.at), one.kind, one.order_number or "", one.subject, one.cause)
        said = ("yes" if one.undivided else "", one.reason or "")
        rows.append((*of, *named, *said, *_amounts(one.gross_minor, one.fee_minor, currency)))
        gross, fees = gross + one.gross_minor, fees + one.fee_minor
    before = ("", "brought forward", "", "", "", "", "")
    paid, closed_at = settlement.payout, settlement.closed_at
    since = paid.at if paid else closed_at
    status = (utc(since) if since else "", "total", "", "", settlement.status, "", paid.bank_reference if paid else "")
    first = (*of, *before, *_amounts(settlement.brought_forward_minor, 0, currency))
    return [COLUMNS, first, *rows, (*of, *status, *_amounts(gross, fees, currency))]


def _amounts(gross_minor: int, fee_minor: int, currency: str) -> tuple[str, ...]:
    return currency, *(money.major(minor, currency) for minor in (gross_minor, fee_minor, gross_minor - fee_minor))
