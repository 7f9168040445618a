"""What staff send: orders that they take, what they cancel, and when it happened."""

from datetime import datetime

from souk.domains.orders.model.quote import StaffLines, set_by_hand
from souk.kernel import clock
from souk.kernel.address import Address, Contact
from souk.kernel.caller import Caller
from souk.kernel.errors import Refused
from souk.kernel.paying import RefundTo
from souk.kernel.shapes import Id, Input, Line, Minor, Moment


class NoReason(Refused):
    title = "What is set by hand needs a reason"


class NotYet(Refused):
    title = "That time has not come yet"


class AssistedOrder(Input):
    """An order that staff take for a buyer.

    A price, a discount, the freight or a date of its own needs `orders.override` and a reason, and leaves an audit
    entry. The order's own date may be in the past: reports go by it.
    """

    buyer_id: Id
    lines: StaffLines
    address: Address
    contact: Contact
    freight_minor: Minor | None = None
    placed_at: Moment | None = None
    reason: Line | None = None

    @property
    def overrides(self) -> dict[str, object]:
        """What was set by hand, for the audit."""
        said = self.model_dump(mode="json", include={"freight_minor", "placed_at"}, exclude_none=True)
        return said | set_by_hand(self.lines)

    def need_permission(self, by: Caller) -> None:
        """Refused without `orders.override`, without a reason, or for a date that is still to come."""
        if self.overrides:
            by.need("orders.override")
            if self.reason is None:
                raise NoReason()
        if self.placed_at and self.placed_at > clock.now():
            raise NotYet()


class Cancellation(Input):
    """`refund_to` says where what was paid goes, if it was."""

    reason: Line
    refund_to: RefundTo = "source"


class Dated(Input):
    """When it happened, where that is not now; needs `orders.override`."""

    at: Moment | None = None

    def moment(self, by: Caller) -> datetime:
        if self.at is None:
            return clock.now()
        by.need("orders.override")
        if self.at > clock.now():
            raise NotYet()
        return self.at
