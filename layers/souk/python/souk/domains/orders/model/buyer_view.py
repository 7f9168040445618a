"""An order as its buyer sees it."""

from souk.domains.orders.model.delivery import PickupSlip
from souk.domains.orders.model.goods import LineFace, OrderFace
from souk.domains.orders.model.order import Order


class BuyerOrderView(OrderFace):
    """An order as its buyer sees it: neither which of the staff did what, nor what the shop keeps of it.

    The `pickup` is there while the goods wait in a store.
    """

    pickup: PickupSlip | None = None

    @classmethod
    def of(cls, order: Order, pickup: PickupSlip | None = None) -> "BuyerOrderView":
        shown = {
            "lines": tuple(LineFace(**dict(line)) for line in order.lines),
            "history": tuple(step.but(by="buyer" if step.by == order.buyer_id else "shop") for step in order.history),
            "shortages": tuple(one.but(found_by="shop") for one in order.shortages),
        }
        return cls(**dict(order) | shown, pickup=pickup)
