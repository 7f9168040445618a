"""What of a payment can still go back: out of which funds, and how much of it was given ahead of the goods."""

from collections.abc import Iterable

from souk.domains.payments.model.fund import Fund, shared_out, spent
from souk.domains.payments.model.money import AHEAD, EventKind
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund


def ahead(payment: Payment, amount_minor: int) -> dict[EventKind, int]:
    """How much of it has been paid back already, by goodwill or by the buyer's bank, where no more is left."""
    more, found = amount_minor - max(0, payment.refundable_minor), dict[EventKind, int]()
    for kind, name in AHEAD.items():
        if (part := min(more, getattr(payment, name))) > 0:
            found[kind] = part
            more -= part
    return found


def counts_draws(payment: Payment) -> bool:
    """Whether what a refund is paid out with goes by those before it: of several funds, another currency, or coins."""
    charged = payment.charged_by(payment.provider) or any(fund.charged for fund in payment.funds)
    return len(payment.funds) > 1 or bool(charged)


def drawn(
    payment: Payment, amount_minor: int, refunds: Iterable[Refund], intent_id: str | None = None
) -> tuple[Fund, ...]:
    """Out of which intents so much more goes back than by these refunds, where it is not out of the one named: of
    several the first has to be used up first, and those last of which a bank has money. A till has none.
    """
    if payment.at_till:
        return (payment.fund_of("").but(amount_minor=amount_minor),)
    asked = (payment.fund_of(intent_id),) if intent_id else payment.sources
    gone = spent(asked, refunds)
    if len(asked) == 1:
        return (asked[0].drawn(amount_minor, gone[asked[0].intent_id]),)
    asked = tuple(sorted(asked, key=lambda fund: fund.intent_id in payment.taken_back))
    return shared_out(asked, [amount_minor], gone)[0]
