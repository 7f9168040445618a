"""Card testing is slowed: whose payments are declined too often, or who tries too many cards, pays no more for a while.

The buyer's browser is alone with the provider when it tries a card, so tries are counted when they are heard of. What
has had its share is taken from the buyer's hands: its intent is cancelled, and no other is begun.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from souk.domains.payments.actions import attempts
from souk.domains.payments.model.attempt import Attempt, Wish
from souk.domains.payments.model.payment import Payment
from souk.gateways import payments as providers
from souk.gateways import stripe as provider_api
from souk.gateways.providers import CardTry
from souk.kernel.errors import TooMany
from souk.kernel.paying import METHODS, STRIPE
from souk.table import limits
from souk.table.limits import Limit

if TYPE_CHECKING:
    from souk.domains.payments.model.kept import MethodSetup

# An order waits to be paid for less than a day.
DECLINES_OF_ORDER = Limit("declines_of_order", most=5, window=timedelta(days=30))
DECLINES_BY_ADDRESS = Limit("declines_by_address", most=10, window=timedelta(hours=1))
CARDS_OF_BUYER = Limit("cards_of_buyer", most=5, window=timedelta(hours=1))
# To keep a card asks its bank, which tells whether it is good.
SETUPS_OF_MEMBER = Limit("setups_of_member", most=10, window=timedelta(days=1))


def limits_of(buyer_id: str, wanted: "Wish | Attempt | MethodSetup", order_id: str = "") -> list[tuple[Limit, str]]:
    """Who may try no more; an address that is not known has no limit.

    By methods of other providers no card can be tried: many buyers may share the address that one tries cards from.
    """
    if METHODS[wanted.method].provider != STRIPE:
        return []
    found = [(CARDS_OF_BUYER, buyer_id), (DECLINES_BY_ADDRESS, wanted.came_from), (DECLINES_OF_ORDER, order_id)]
    return [(limit, subject) for limit, subject in found if subject]


def watch(payment: Payment, intent_id: str) -> None:
    """Counts what was tried with the intent, each try once, and takes it away where that was too much."""
    attempt = next(one for one in payment.attempts if one.intent_id == intent_id)
    shares = limits_of(payment.buyer_id, attempt, payment.order_id)
    if _too_many(shares, provider_api.cards_tried(intent_id) if shares else []):
        attempts.stop(payment)


def too_many_tried(member_id: str, setup: "MethodSetup") -> bool:
    """The same of the cards that somebody has tried to have kept, as if they were for an order."""
    shares = limits_of(member_id, setup, setup.setup_id)
    return _too_many(shares, providers.keeper_of(setup.method).setups_tried(setup.setup_id))


def _too_many(shares: list[tuple[Limit, str]], tries: Iterable[CardTry]) -> bool:
    for tried in tries:
        if tried.declined:
            card = tried.fingerprint or tried.charge_id
            for limit, subject in shares:
                limits.note(limit, subject, card if limit is CARDS_OF_BUYER else tried.charge_id)
    try:
        limits.need(*shares)
    except TooMany:
        return True
    return False
