"""Movements of money, as they are asked for: of an order, and on a provider's account."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from souk.domains.payments.model.dispute import Dispute
from souk.domains.payments.model.file import PaymentFile
from souk.domains.payments.model.money import MoneyEvent, balances
from souk.domains.payments.model.refund import Refund
from souk.domains.payments.store.payments import in_rows
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.charging import Sum
from souk.kernel.shapes import Noun
from souk.table import ask, keys, patterns

_A_PAGE = 2_000


class Cleared(Noun):
    """A movement on a provider's account, as the index shows it."""

    order_id: str
    transaction_number: str
    cleared_minor: int
    currency: str
    at: datetime
    charged: Sum | None = None

    @property
    def presented(self) -> Sum:
        """As the buyer knows it: into the account, or below zero out of it."""
        if self.charged is None:
            return Sum(currency=self.currency, minor=self.cleared_minor)
        return self.charged.but(minor=self.charged.minor if self.cleared_minor > 0 else -self.charged.minor)


def file(order_id: str, by: Caller) -> PaymentFile:
    """All that is known of the order's money, from one query."""
    rows = ask.ask(patterns.ORDER_WHOLE, order_id=order_id)
    payment = in_rows(rows)
    payment.need_scope(by)
    events = sorted(rows.all(keys.MONEY_EVENT, MoneyEvent), key=lambda event: (event.at, event.effect))
    return PaymentFile(
        payment=payment,
        refunds=rows.all(keys.REFUND, Refund),
        disputes=rows.all(keys.DISPUTE, Dispute),
        events=events,
        balances=balances(events, payment.promised_minor),
    )


def cleared(provider: str, part: int, since: datetime, until: datetime) -> Iterator[Cleared]:
    """What moved on a provider's account between two moments, of one of the parts by transaction number."""
    last = (until - timedelta.resolution).date()
    for number in range((last - since.date()).days + 1):
        day = (since.date() + timedelta(days=number)).isoformat()
        asked = {"provider": provider, "day": day, "shard": part}
        position: str | None = None
        while True:
            rows = ask.ask(
                patterns.MONEY_CLEARED,
                limit=_A_PAGE,
                position=position,
                since=clock.text(since),
                until=clock.text(until),
                **asked,
            )
            yield from rows.all(keys.MONEY_EVENT, Cleared)
            position = rows.position
            if position is None:
                break
