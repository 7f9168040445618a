"""What buyers send to order, and by what a repeated command is known."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from souk.domains.orders.model.delivery import Delivery
from souk.domains.orders.model.quote import WantedLines
from souk.kernel import ids
from souk.kernel.address import Address, Contact
from souk.kernel.errors import Malformed
from souk.kernel.paying import OnDevice, PaymentMethod, PaymentProof
from souk.kernel.shapes import SHARED, Id, Input, Minor

# A repeated order is the same with another proof, and needs none: it is no part of what is compared.
Proof = Annotated[PaymentProof | None, Field(exclude=True, repr=False)]
RateLockText = Annotated[str, Field(strict=True, pattern="^[A-Za-z0-9_-]+$", max_length=600)]
QuoteId = Annotated[str, Field(strict=True, pattern="^[0-9a-f]{32}$")]


class UnreadableKey(Malformed):
    title = "Idempotency-Key is missing or not 1 to 100 printable characters"


class Checkout(Delivery, OnDevice):
    """An order as a buyer places it: no price, no store, no status; `quote_id` says which quote was agreed to.

    It goes to an `address`, or to the one of the own address book that `address_id` names, or waits in a store. So much
    of its price as `from_balance_minor` says is paid with what the buyer has with the shop, the rest by the method, in
    the currency and by the rate that the quote's `rate_lock` names. Where the balance needs a `proof`, the same order
    is sent again with it.
    """

    model_config = SHARED  # with Powertools' own adapter

    lines: WantedLines
    quote_id: QuoteId
    address: Address | None = None
    address_id: Id | None = None
    contact: Contact
    payment_method: PaymentMethod = "card"
    from_balance_minor: Minor = 0
    rate_lock: RateLockText | None = None
    proof: Proof = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if [self.address, self.address_id, self.pickup_store_id].count(None) != 2:
            raise ValueError("needs one of address, address_id and pickup_store_id")
        return self


def idempotency_key(header: str | None) -> str:
    """The client's name for this command; scoped to the caller, so another's key means nothing here."""
    if not header or len(header) > 100 or not header.isprintable() or not header.isascii():
        raise UnreadableKey()
    return header


def fingerprint_of(request: Input, about: str = "") -> str:
    """By which a repeated command is known, also by a release that has more to ask for, where that is not used."""
    return ids.fingerprint(about + request.model_dump_json(exclude_defaults=True))[:32]
