"""Profit: of days, of goods and of campaigns, from what was booked."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from pydantic import computed_field

from souk.domains.ledger.model.balance import DayBalance
from souk.kernel import money
from souk.kernel.journal import JournalEntry, kind_of
from souk.kernel.months import month_of
from souk.kernel.shapes import Noun

NONE = "none"  # of no goods, of no campaign
# The kinds of accounts by which the profit of goods tells how it was earned.
_COLUMNS = {
    "revenue": "sold_minor",
    "refunds": "credited_minor",
    "cost_of_goods": "cost_minor",
    "commission": "commission_minor",
}


class Profit(Noun):
    """What was earned: with goods that were sold, less what was credited and what the goods had cost; and otherwise.

    Freight is part of what its goods are sold for, tax is of nobody's. With a merchant's goods the commission is
    earned, less what of it was credited.
    """

    month: str
    currency: str
    sold_minor: int = 0
    credited_minor: int = 0
    cost_minor: int = 0
    commission_minor: int = 0
    other_minor: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def profit_minor(self) -> int:
        return self.sold_minor + self.credited_minor + self.cost_minor + self.commission_minor + self.other_minor


class ProductProfit(Profit):
    """`sku` is `none` for what was earned or spent with no goods at all: rent, interest."""

    sku: str


class CampaignProfit(Profit):
    """`campaign` is a flash sale, or `none`."""

    campaign: str


class DayProfit(Noun):
    """Income less expenses of a day, by how it was earned and spent."""

    day: str
    currency: str
    revenue_minor: int
    discounts_minor: int
    refunds_minor: int
    freight_minor: int
    commission_minor: int
    cost_of_goods_minor: int
    provider_fees_minor: int
    other_minor: int
    profit_minor: int


def profit_by_day(rows: Iterable[DayBalance]) -> list[DayProfit]:
    """Each part as it changes the profit: what is spent is below zero."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        if kind_of(row.account).type in ("income", "expense"):
            named = f"{row.account.partition(':')[0]}_minor"
            part = named if named in DayProfit.model_fields else "other_minor"
            earned = row.credit_minor - row.debit_minor
            found.setdefault((row.day, row.currency), Counter()).update({part: earned, "profit_minor": earned})
    nothing = dict.fromkeys(DayProfit.model_fields, 0)
    return [
        DayProfit(**nothing | parts | {"day": day, "currency": currency})
        for (day, currency), parts in sorted(found.items())
    ]


def shared(entry: JournalEntry, sale: JournalEntry | None) -> JournalEntry:
    """What an entry earns of an order as a whole (a fee, goodwill) is its goods', by what each was sold for."""
    if entry.by_sku or not entry.earned_minor:
        return entry
    sold = {sku: max(minor, 0) for sku, minor in (sale.by_sku if sale else {NONE: 0}).items()} or {NONE: 0}
    parts = money.apportion(entry.earned_minor, list(sold.values()))
    return entry.but(by_sku=dict(zip(sold, parts, strict=True)), campaign=sale.campaign if sale else None)


def profits(
    entries: Iterable[JournalEntry], of: Literal["sku", "campaign"]
) -> dict[tuple[str, str, str], Counter[str]]:
    """What each month, SKU or campaign, and currency has earned, by how it did."""
    sums: dict[tuple[str, str, str], Counter[str]] = {}
    for entry in entries:
        for sku, minor in entry.by_sku.items():
            place = month_of(entry.at.date()), sku if of == "sku" else entry.campaign or NONE, entry.currency
            sums.setdefault(place, Counter())[_column(entry)] += minor
    return sums


def _column(entry: JournalEntry) -> str:
    kinds = {posting.account.partition(":")[0] for posting in entry.postings}
    return next((column for kind, column in _COLUMNS.items() if kind in kinds), "other_minor")
