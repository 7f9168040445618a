"""One click: goods, and the rest as its member has it set; what was placed by it, and how far it is paid."""

from typing import Literal

from souk.domains.orders.model.quote import WantedLines
from souk.domains.orders.model.requests import QuoteId, RateLockText
from souk.kernel.address import Contact
from souk.kernel.errors import Refused
from souk.kernel.shapes import Id, Input

# How an order stands for whoever has just placed it: `declined` where it is to be paid otherwise, `awaiting` where the
# provider has not answered, so that the same request may be sent again, `over` where it ended unpaid meanwhile.
Standing = Literal["paid", "requires_action", "declined", "awaiting", "over"]


class NothingInCart(Refused):
    title = "The cart is empty"


class NoDefaultAddress(Refused):
    title = "The address book holds no address to send it to"


class NoContact(Refused):
    title = "Whom to call about the order is not known; name a contact"


class OneClickOrder(Input):
    """What is in the cart, where no lines are named; to the default address and from the default method, where none is.

    It costs what it costs now, unless `quote_id` says what was agreed to, and is charged in the shop's currency, unless
    `rate_lock` says by which rate in another. Without a contact it is the address's name and the member's own
    telephone.
    """

    lines: WantedLines | None = None
    quote_id: QuoteId | None = None
    rate_lock: RateLockText | None = None
    address_id: Id | None = None
    method_id: Id | None = None
    contact: Contact | None = None
