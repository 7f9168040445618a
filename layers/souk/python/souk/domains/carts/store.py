"""Carts, as they are kept."""

from souk.domains.carts.model import LIFE, Cart
from souk.kernel import clock
from souk.table import ask, keys


def of_owner(owner_id: str) -> Cart:
    """The cart, or a new empty one; one that is past its time is empty whether or not it was deleted yet."""
    now = clock.now()
    cart = ask.find(keys.CART, Cart, owner_id=owner_id)
    if cart is None:
        return Cart(owner_id=owner_id, expires_at=now + LIFE)
    return cart if cart.expires_at > now else cart.but(lines=())
