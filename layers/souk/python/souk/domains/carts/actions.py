"""What is done with carts."""

from souk.domains.carts.model import LIFE, Cart
from souk.kernel import clock
from souk.table import keys
from souk.table.unit import Unit


def keep(unit: Unit, cart: Cart) -> Cart:
    """The cart as it is now, for another sixty days."""
    return unit.save(keys.CART, cart.but(expires_at=clock.now() + LIFE))
