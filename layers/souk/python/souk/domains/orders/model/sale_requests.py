"""What buyers send to order out of a flash sale."""

from typing import Self

from pydantic import model_validator

from souk.domains.orders.model.requests import Proof, QuoteId, RateLockText
from souk.kernel.address import Address, Contact
from souk.kernel.shapes import Id, Input, Minor, Quantity


class SaleCheckout(Input):
    """An order out of a flash sale, at its price, paid as a `Checkout`."""

    quantity: Quantity
    quote_id: QuoteId
    address: Address | None = None
    address_id: Id | None = None
    contact: Contact
    from_balance_minor: Minor = 0
    rate_lock: RateLockText | None = None
    proof: Proof = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.address is None) == (self.address_id is None):
            raise ValueError("needs either address or address_id")
        return self
