"""An order is followed by somebody without an account."""

from datetime import timedelta

from souk.domains.orders.model.order import Order
from souk.domains.orders.model.public import OrderClaim
from souk.domains.orders.store import lists as store
from souk.table import limits
from souk.table.limits import Limit

CLAIMS_BY_ADDRESS = Limit("order_claims_by_address", most=30, window=timedelta(hours=1))
CLAIMS_BY_NUMBER = Limit("order_claims_by_number", most=10, window=timedelta(hours=1))


def follow_as_guest(claim: OrderClaim, address: str) -> Order:
    """The order of whoever knows its number and the last digits of its telephone; guesses are soon at their limit."""
    limits.count((CLAIMS_BY_ADDRESS, address), (CLAIMS_BY_NUMBER, claim.number))
    return store.with_phone_tail(claim.number, claim.phone_tail)
