"""The cart and what is done to its lines."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from souk.kernel.errors import Missing, Refused
from souk.kernel.shapes import MOST_UNITS, Input, Noun, Quantity, Sku, Texts, Versioned

MOST_LINES = 40
LIFE = timedelta(days=60)


class NoSuchLine(Missing):
    title = "Not in the cart"


class CartFull(Refused):
    title = "The cart holds no more different goods"


class LineFull(Refused):
    title = "A line of the cart holds no more units"


class NewQuantity(Input):
    quantity: Quantity


class NewLine(NewQuantity):
    sku: Sku


class MergeRequest(Input):
    """The token of the guest whose cart becomes the member's."""

    guest_token: Annotated[str, Field(strict=True, min_length=20, max_length=100)]


class CartLine(Noun):
    """`seen_price_minor` is the price when the line was last touched, to tell the buyer that it has changed."""

    sku: str
    quantity: int
    seen_price_minor: int

    def at_price(
        self, price_minor: int, name: Texts, options: dict[str, str], merchant: tuple[str | None, str | None]
    ) -> "CartLineView":
        """`merchant` is the id and the name of who sells it: none where it is the retailer."""
        merchant_id, merchant_name = merchant
        return CartLineView(
            sku=self.sku,
            quantity=self.quantity,
            for_sale=True,
            name=name,
            options=options,
            merchant_id=merchant_id,
            merchant_name=merchant_name,
            price_minor=price_minor,
            price_changed=price_minor != self.seen_price_minor,
            goods_minor=price_minor * self.quantity,
        )

    def not_for_sale(self) -> "CartLineView":
        return CartLineView(sku=self.sku, quantity=self.quantity, for_sale=False)


class Cart(Versioned):
    owner_id: str
    lines: tuple[CartLine, ...] = ()
    expires_at: datetime

    def quantity_of(self, sku: str) -> int:
        return next((line.quantity for line in self.lines if line.sku == sku), 0)

    def with_line(self, sku: str, quantity: int, price_minor: int) -> "Cart":
        """The cart with so many units of the SKU, in the line's old place or at the end."""
        if quantity > MOST_UNITS:
            raise LineFull(f"At most {MOST_UNITS} of one SKU", sku=sku, most=MOST_UNITS)
        line = CartLine(sku=sku, quantity=quantity, seen_price_minor=price_minor)
        if self.quantity_of(sku):
            return self.but(lines=tuple(line if one.sku == sku else one for one in self.lines))
        if len(self.lines) >= MOST_LINES:
            raise CartFull(f"At most {MOST_LINES} different SKUs", most=MOST_LINES)
        return self.but(lines=(*self.lines, line))

    def without(self, sku: str) -> "Cart":
        if not self.quantity_of(sku):
            raise NoSuchLine()
        return self.but(lines=tuple(one for one in self.lines if one.sku != sku))

    def merged(self, other: "Cart", most: Mapping[str, int]) -> "Cart":
        """The lines of both, quantities summed, none above what is in stock (`most` by SKU) nor below what it was."""
        cart = self
        for line in other.lines:
            had = self.quantity_of(line.sku)
            quantity = max(had, min(had + line.quantity, most.get(line.sku, 0), MOST_UNITS))
            if quantity:
                cart = cart.with_line(line.sku, quantity, line.seen_price_minor)
        return cart


class CartLineView(Noun):
    """A line at today's price. A line that cannot be bought now says so and counts nothing."""

    sku: str
    quantity: int
    for_sale: bool
    name: Texts | None = None
    options: dict[str, str] = {}
    merchant_id: str | None = None
    merchant_name: str | None = None
    price_minor: int | None = None
    price_changed: bool = False
    goods_minor: int = 0


class CartView(Noun):
    lines: list[CartLineView]
    goods_minor: int
    currency: str
    version: int
