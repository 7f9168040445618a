"""A settlement as rows of a spreadsheet, of which each column of amounts adds up to its last row."""

from collections.abc import Iterable, Sequence

from souk.domains.settlement.model.settlement import MerchantMovement, Settlement
from souk.kernel import clock, money

COLUMNS = ("at", "kind", "of", "cause", "reason", "currency", "gross", "fee", "payable")


def rows_of(settlement: Settlement, movements: Iterable[MerchantMovement]) -> list[Sequence[str]]:
    """Amounts as people write them, times in UTC: what came over from the month before, each movement, and the sum."""
    currency, gross, fees, rows = settlement.currency, settlement.brought_forward_minor, 0, list[Sequence[str]]()
    for one in movements:
        cause = f"{one.cause}, undivided" if one.undivided else one.cause
        named = (clock.text(one.at), one.kind, one.subject, cause, one.reason or "")
        rows.append((*named, *_amounts(one.gross_minor, one.fee_minor, currency)))
        gross, fees = gross + one.gross_minor, fees + one.fee_minor
    first = ("", "brought forward", settlement.month, "", "", *_amounts(settlement.brought_forward_minor, 0, currency))
    last = ("", "payable", settlement.month, "", "", *_amounts(gross, fees, currency))
    return [COLUMNS, first, *rows, last]


def _amounts(gross_minor: int, fee_minor: int, currency: str) -> tuple[str, ...]:
    return currency, *(money.major(minor, currency) for minor in (gross_minor, fee_minor, gross_minor - fee_minor))
