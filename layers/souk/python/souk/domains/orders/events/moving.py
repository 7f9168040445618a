"""What is told of orders as they move, from paid or held to the end of their lives."""

from datetime import datetime

from souk.domains.orders.events.placing import _Held, _OfOrder
from souk.kernel.shapes import Noun, Texts


class SoldLine(Noun):
    """A line as it was sold: `goods_minor` is after the line's discounts, before freight and tax."""

    sku: str
    product_id: str
    name: Texts
    units: int
    goods_minor: int
    discount_minor: int
    freight_minor: int
    tax_minor: int


class _Sold(_Held):
    country: str
    region: str | None = None
    lines: tuple[SoldLine, ...]
    total_minor: int


class OrderPaid(_Sold):
    currency: str


class OrderRevived(_Held):
    """Paid after its end, and served after all: `units` are reserved anew, maybe in other stores than before."""

    units: dict[str, int]


class OrderHeld(_OfOrder):
    """It waits to be reviewed, for these reasons; it goes on when staff release it."""

    reasons: tuple[str, ...]


class ReviewOverdue(_OfOrder):
    """The order has been held for long, and nobody has reviewed it."""


class OrderReleased(_Held):
    by: str


class OrderConfirmed(_OfOrder):
    by: str


class _HandedOver(_Sold):
    """`store_id` is where it is now; what was sold goes along, for the sale is that store's from now on.

    `step` counts the moves of the order: the same step is the same cause, however often it is told. `units` are what
    is still to leave.
    """

    step: int
    from_store_id: str
    units: dict[str, int] = {}


class OrderReassigned(_HandedOver):
    """Another store has the order with its reservation, and is to accept it."""


class OrderUnassigned(_HandedOver):
    """No store is left that could serve the order, and none holds goods for it: head office looks for one."""


class OrderSplit(_Sold):
    """The end of an order whose goods and money are its parts' now (`numbers`): each of them tells of itself."""

    numbers: tuple[str, ...]


class OrderMerged(_Sold):
    """The end of an order whose goods and money are another one's now, which has this number."""

    into: str


class OrderRemade(_Sold):
    """A paid order that was made of others: a part of one that was split, or the one that several were merged into."""

    came_from: tuple[str, ...]


class AcceptanceOverdue(_OfOrder):
    """The store has not said in time whether it serves the order; told once for each `step` that handed it on."""

    step: int


class OrderParked(_OfOrder):
    """Its workflow gave up after all tries, and waits for staff to start it again; told once for each `run`."""

    run: int
    failure: str


class OrderCorrected(_OfOrder):
    """Where it goes or how to reach its buyer was set right; the amount that is paid back, if any is."""

    sequence: int
    difference_minor: int
    refunded_minor: int
    currency: str


class BuyerAsked(_OfOrder):
    sequence: int
    question: str


class OrderShipped(_OfOrder):
    """A parcel has left; `whole` once nothing is left to ship."""

    shipment_id: str
    carrier: str
    tracking_number: str
    units: dict[str, int]
    whole: bool


class OrderReady(_OfOrder):
    """The goods wait in the store for their buyer, who is reminded at `remind_at` and has time `until` then."""

    store_name: str
    remind_at: datetime
    until: datetime


class PickupReminded(_OfOrder):
    """Half of the time to fetch the goods is over."""

    store_name: str
    until: datetime


class OrderSold(_OfOrder):
    """Paid and handed over at a store's till."""

    country: str
    region: str | None = None
    currency: str
    lines: tuple[SoldLine, ...]
    total_minor: int
    complete_after: datetime


class ShipmentOverdue(_OfOrder):
    """The order has been paid for long and has not left its store."""


class OrderReceived(_OfOrder):
    complete_after: datetime


class OrderCompleted(_OfOrder):
    """The end of its life."""


class OrderCancelled(_Held):
    """`exchange_of` names the case that was to exchange goods for its own. What was paid but not `taken` was only
    authorised; it has `lapsed` where that was let go before the order had ended.
    """

    reason: str
    paid: bool
    taken: bool = True
    lapsed: bool = False
    units: dict[str, int]
    exchange_of: str | None = None


class ShortageFound(_OfOrder):
    """Units of a paid order cannot be sent, and its buyer is asked what to do; told again when a wait was in vain.

    `moves` counts what has happened to the shortage: the same number is the same cause.
    """

    shortage_id: str
    moves: int
    sku: str
    goods: Texts
    units: int
    answer_by: datetime


class ShortageWaits(_OfOrder):
    """The buyer waits for what is missing."""

    shortage_id: str
    moves: int
    sku: str
    units: int
    until: datetime


class UnitsSubstituted(_OfOrder):
    """Other goods leave in the place of what is missing, at the price that was paid."""

    shortage_id: str
    sku: str
    goods: Texts
    units: int
    by_sku: str
    by_goods: Texts


class UnitsDropped(_OfOrder):
    """Units that had not left never will, and what was paid for them goes back; `whole` once nothing is left to ship.

    `step` tells one such change of an order from another.
    """

    step: int
    units: dict[str, int]
    whole: bool
