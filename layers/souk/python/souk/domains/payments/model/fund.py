"""Funds: what orders are paid out of, shared out where they are split and put together where they are merged."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from souk.kernel import charging
from souk.kernel.charging import Sum
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Noun

MOST_FUNDS = 5  # each goes back as a refund of its own: four writes, six of goodwill, and one transaction holds 100


class RefundTooHigh(Refused):
    title = "More than what is left of the payment"


class MoneyGoneBack(Conflict):
    title = "Some of what was paid has gone back already"


if TYPE_CHECKING:
    from souk.domains.payments.model.refund import Refund


class TooManyFunds(Conflict):
    title = f"Orders that were paid in more than {MOST_FUNDS} payments cannot become one"


class Fund(Noun):
    """So much of what an intent took; an older release did not note by which method.

    `charged` is what the buyer was charged with for it, where that is another currency than the shop's.
    """

    intent_id: str
    provider: str = "stripe"
    method: str | None = None
    amount_minor: int
    charged: Sum | None = None

    def drawn(self, amount_minor: int, gone: "Fund") -> "Fund":
        """So much more of it than what has `gone`.

        What was charged is taken as a difference of running totals, so that any sequence of parts ends exactly at it;
        where a part that failed was put back since, what has gone may be a coin ahead.
        """
        if self.charged is None or gone.charged is None:
            return self.but(amount_minor=amount_minor)
        so_far = charging.share(self.charged, self.amount_minor, gone.amount_minor + amount_minor)
        return self.but(amount_minor=amount_minor, charged=self.charged.but(minor=max(0, so_far - gone.charged.minor)))

    def plus(self, amount_minor: int, charged: Sum | None) -> "Fund":
        """With more of the same intent, or with less."""
        both = self.charged and charged and self.charged.but(minor=self.charged.minor + charged.minor)
        return self.but(amount_minor=self.amount_minor + amount_minor, charged=both)

    def less(self, drawn: "Fund") -> "Fund":
        return self.plus(-drawn.amount_minor, drawn.charged and drawn.charged.but(minor=-drawn.charged.minor))

    def nothing(self) -> "Fund":
        return self.less(self)


class Share(Noun):
    """What an order that is made of others gets of their money."""

    order_id: str
    store_id: str
    merchant_id: str | None
    amount_minor: int


def spent(funds: Iterable[Fund], refunds: "Iterable[Refund]") -> dict[str, Fund]:
    """What refunds have taken of each fund, or are about to."""
    found = {fund.intent_id: fund.nothing() for fund in funds}
    for refund in refunds:
        # What came too late was of an attempt that is no fund, and went back whole.
        if refund.status != "voided" and refund.intent_id in found:
            found[refund.intent_id] = found[refund.intent_id].plus(refund.amount_minor, refund.charged)
    return found


def shared_out(
    funds: Iterable[Fund], amounts: Iterable[int], gone: Mapping[str, Fund] | None = None
) -> list[tuple[Fund, ...]]:
    """Each amount out of the funds in turn, beside what has `gone` of them; RefundTooHigh where they hold less than all
    the amounts.
    """
    funds, found = list(funds), []
    taken_of = {fund.intent_id: fund.nothing() for fund in funds} | dict(gone or {})
    for amount in amounts:
        taken = []
        for fund in funds:
            before = taken_of[fund.intent_id]
            if part := min(amount, fund.amount_minor - before.amount_minor):
                drawn = fund.drawn(part, before)
                taken_of[fund.intent_id] = before.plus(part, drawn.charged)
                taken.append(drawn)
                amount -= part
        if amount:
            raise RefundTooHigh(
                left_minor=sum(one.amount_minor - taken_of[one.intent_id].amount_minor for one in funds)
            )
        found.append(tuple(taken))
    return found


def joined(parts: Iterable[Fund]) -> tuple[Fund, ...]:
    """What an order is paid out of that stands for several."""
    funds = together(parts)
    if len(funds) > MOST_FUNDS:
        raise TooManyFunds(most=MOST_FUNDS)
    return funds


def together(funds: Iterable[Fund]) -> tuple[Fund, ...]:
    """With one for each intent."""
    sums: dict[str, Fund] = {}
    for fund in funds:
        known = sums.get(fund.intent_id)
        sums[fund.intent_id] = known.plus(fund.amount_minor, fund.charged) if known else fund
    return tuple(sums.values())
