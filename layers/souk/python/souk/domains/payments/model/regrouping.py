"""Orders that are split, merged or exchanged: the money that leaves one payment is what another is made of."""

from collections.abc import Sequence

from souk.domains.payments.model.fund import Fund, MoneyGoneBack, Share, joined, together
from souk.domains.payments.model.payment import STATES, Payment
from souk.kernel import states


def need_whole(payment: Payment) -> None:
    """Refused where not all that was paid for the order is there: then its parts could not have their shares."""
    if payment.status == "captured" and payment.refundable_minor < payment.amount_minor:
        raise MoneyGoneBack()


def need_room(payments: Sequence[Payment]) -> None:
    """Refused where these cannot become one, once what is authorised of them is taken."""
    for payment in payments:
        need_whole(payment)
    joined(fund for payment in payments for fund in _to_be_taken(payment))


def _to_be_taken(payment: Payment) -> tuple[Fund, ...]:
    return (payment.fund_of(payment.live),) if payment.status == "authorised" and payment.live else payment.sources


def emptied(payment: Payment) -> Payment:
    """Without the money of its order, all of which must be there; what came too late stays to be given back."""
    need_whole(payment)
    states.move(STATES, payment.status, "moved", f"The payment of {payment.order_id}")
    return payment.but(
        status="moved",
        captured_minor=payment.captured_minor - payment.amount_minor,
        refundable_minor=payment.refundable_minor - payment.amount_minor,
    )


def made_for(to: Share, like: Payment, funds: Sequence[Fund]) -> Payment:
    """The payment of an order that is made of this one's, or of others like it: paid already, out of these."""
    return Payment(
        order_id=to.order_id,
        buyer_id=like.buyer_id,
        store_id=to.store_id,
        merchant_id=to.merchant_id,
        currency=like.currency,
        amount_minor=to.amount_minor,
        method=like.method,
        provider=like.provider,
        status="captured",
        deadline=like.deadline,
        captured_minor=to.amount_minor,
        refundable_minor=to.amount_minor,
        funds=tuple(funds),
    )


def handed_on(payment: Payment, pledged_minor: int, drawn: Sequence[Fund]) -> Payment:
    """Without what was pledged of it; `drawn` of that pays for other goods."""
    parts = {fund.intent_id: fund for fund in drawn}
    funds = (fund.less(parts[fund.intent_id]) if fund.intent_id in parts else fund for fund in payment.sources)
    return payment.but(
        captured_minor=payment.captured_minor - sum(fund.amount_minor for fund in drawn),
        pledged_minor=payment.pledged_minor - pledged_minor,
        funds=tuple(funds),
    )


def made_up(payment: Payment, credit: Sequence[Fund]) -> Payment:
    """Paid in part, and with this credit in full."""
    more = sum(fund.amount_minor for fund in credit)
    (own,) = payment.sources
    return payment.but(
        captured_minor=payment.captured_minor + more,
        refundable_minor=payment.refundable_minor + more,
        funds=together((own, *credit)),
    )
