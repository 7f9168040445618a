"""The order: a snapshot of what was bought, and its life as one checked table."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from pydantic import computed_field

from souk.domains.orders.model.quote import QuoteLine
from souk.kernel import states
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.shapes import Address, Contact, Noun, Versioned
from souk.kernel.states import States

STATES: States = {
    "awaiting_payment": {"paid", "cancelled"},
    "paid": {"confirmed", "cancelled"},
    "confirmed": {"part_shipped", "shipped", "cancelled"},
    "part_shipped": {"part_shipped", "shipped"},
    "shipped": {"received"},
    "received": {"completed"},
    "completed": set(),
    "cancelled": set(),
}
# What each waiting step of the workflow waits for.
AWAITED = {"AwaitShipment": "shipped", "AwaitReceipt": "received"}
OPEN = ("paid", "confirmed", "part_shipped", "shipped")  # a workflow is at work on these


class NoSuchOrder(Missing):
    title = "No such order"


class IdempotencyKeyReused(Conflict):
    title = "This Idempotency-Key was used for another request"


class PlacedBefore(Conflict):
    title = "This order has been placed already"


class NotInThisOrder(Refused):
    title = "That is not in this order, or not so many"


class CostsNothing(Refused):
    title = "An order that costs nothing cannot be placed"


class AlreadyPaid(Conflict):
    title = "The order has been paid meanwhile"


class OpenCaseBlocks(Conflict):
    title = "An after-sales case is open"


class Step(Noun):
    """One move of the order's life."""

    status: str
    at: datetime
    by: str


class OrderLine(QuoteLine):
    """A quoted line with how much of it has gone out and come back."""

    shipped: int = 0
    refunded: int = 0


class OrderFace(Versioned):
    """What of an order its buyer and the staff are shown; `history` is its timeline."""

    order_id: str
    number: str
    status: str = "awaiting_payment"
    buyer_id: str
    store_id: str
    currency: str
    lines: tuple[OrderLine, ...]
    goods_minor: int
    discount_minor: int
    freight_minor: int
    tax_minor: int
    total_minor: int
    address: Address
    contact: Contact
    payment_method: str = "card"
    delivery_method: str = "parcel"
    placed_at: datetime
    pay_until: datetime
    delivered_at: datetime | None = None
    cancel_reason: str | None = None
    history: tuple[Step, ...] = ()


class Order(OrderFace):
    """Everything about a purchase as it was then; later changes of products, prices and addresses do not reach it.

    Its key is derived from buyer and Idempotency-Key, so a repeated checkout meets its own first run; its lines are
    the reservation: units not yet shipped of an order that is not cancelled are reserved in its store.
    """

    complete_after: datetime | None = None
    request_fingerprint: str
    assisted_by: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def buyer_name(self) -> str:
        return self.contact.name

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def phone_tail(self) -> str:
        """The last four digits: enough to recognise a caller on the telephone."""
        return "".join(filter(str.isdigit, self.contact.phone))[-4:]

    def unshipped(self) -> dict[str, int]:
        return {line.sku: line.quantity - line.shipped for line in self.lines if line.shipped < line.quantity}

    def moved(self, to: str, at: datetime, by: str) -> "Order":
        """The order one move further; a Conflict where the table does not allow it."""
        states.move(STATES, self.status, to, f"Order {self.number}")
        return self.but(status=to, history=(*self.history, Step(status=to, at=at, by=by)))

    def shipped_by(self, units: Mapping[str, int], at: datetime, by: str) -> "Order":
        """The order after a parcel with these units; all gone means shipped."""
        states.move(STATES, self.status, "shipped", f"Order {self.number}")
        left = self.unshipped()
        for sku, quantity in units.items():
            if quantity > left.get(sku, 0):
                raise NotInThisOrder(f"{left.get(sku, 0)} of {sku} are left to ship", sku=sku, left=left.get(sku, 0))
        lines = tuple(line.but(shipped=line.shipped + units.get(line.sku, 0)) for line in self.lines)
        after = self.but(lines=lines)
        return after.moved("part_shipped" if after.unshipped() else "shipped", at, by)

    def refunded_by(self, units: Mapping[str, int]) -> "Order":
        """The order with so many more units given back; never more than it has."""
        for line in self.lines:
            if line.refunded + units.get(line.sku, 0) > line.quantity:
                raise NotInThisOrder(
                    f"{line.quantity - line.refunded} of {line.sku} can still be refunded", sku=line.sku
                )
        lines = tuple(line.but(refunded=line.refunded + units.get(line.sku, 0)) for line in self.lines)
        return self.but(lines=lines)

    @property
    def awaits_payment(self) -> bool:
        return self.status == "awaiting_payment"

    def has_been(self, status: str) -> bool:
        """Whether the order has been in that state."""
        return any(step.status == status for step in self.history)

    def need_something_to_pay(self) -> None:
        if self.total_minor == 0:
            raise CostsNothing()

    @property
    def waits_to_leave(self) -> bool:
        return self.status in ("paid", "confirmed", "part_shipped")

    def is_past(self, step: str) -> bool:
        """Whether what a waiting step of the workflow waits for has happened."""
        return self.has_been(AWAITED[step])

    def need_same_request(self, fingerprint: str) -> None:
        """A repeated command meets its own first run; another under the same key is refused."""
        if self.request_fingerprint != fingerprint:
            raise IdempotencyKeyReused()

    def need_buyer(self, caller: Caller) -> None:
        if self.buyer_id != caller.id:
            raise NoSuchOrder()


class Life(Versioned):
    """The workflow at work on an order: its run, and the tokens of the steps that wait."""

    order_id: str
    run: int = 0
    tokens: dict[str, str] = {}
