"""Funds: what orders are paid out of, shared out where they are split and put together where they are merged."""

from collections.abc import Iterable

from souk.domains.payments.model.refund import RefundTooHigh
from souk.kernel.errors import Conflict
from souk.kernel.shapes import Noun

MOST_FUNDS = 5  # each goes back as a refund of its own: four writes, six of goodwill, and one transaction holds 100


class TooManyFunds(Conflict):
    title = f"Orders that were paid in more than {MOST_FUNDS} payments cannot become one"


class Fund(Noun):
    """So much of what an intent took; an older release did not note by which method."""

    intent_id: str
    provider: str = "stripe"
    method: str | None = None
    amount_minor: int


def shared_out(funds: Iterable[Fund], amounts: Iterable[int]) -> list[tuple[Fund, ...]]:
    """Each amount out of the funds in turn; RefundTooHigh where they hold less than all the amounts."""
    left = {fund.intent_id: fund for fund in funds}
    found = []
    for amount in amounts:
        taken = []
        for intent_id, fund in left.items():
            if part := min(amount, fund.amount_minor):
                taken.append(fund.but(amount_minor=part))
                left[intent_id] = fund.but(amount_minor=fund.amount_minor - part)
                amount -= part
        if amount:
            raise RefundTooHigh(left_minor=sum(fund.amount_minor for fund in left.values()))
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
        sums[fund.intent_id] = fund.but(amount_minor=fund.amount_minor + known.amount_minor) if known else fund
    return tuple(sums.values())
