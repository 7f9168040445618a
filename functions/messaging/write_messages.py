"""Writes to buyers and staff what they should know of orders, refunds and stock."""

from souk.domains.aftersales.events import (
    GoodsReturned,
    RefundApproved,
    RefundCaseOverdue,
    RefundMoreAsked,
    RefundRejected,
)
from souk.domains.inventory.events import StockFellLow, StockFound
from souk.domains.orders.events import (
    AcceptanceOverdue,
    OrderCancelled,
    OrderMerged,
    OrderPaid,
    OrderReady,
    OrderReassigned,
    OrderReceived,
    OrderRemade,
    OrderShipped,
    OrderSplit,
    OrderUnassigned,
    PickupReminded,
    ShipmentOverdue,
    ShortageFound,
    ShortageWaits,
    UnitsDropped,
    UnitsSubstituted,
)
from souk.domains.payments.events import RefundFailed, RefundPosted
from souk.edge.task import on
from souk.flows import messages

handler = on(
    (OrderPaid, messages.tell_paid),
    (OrderShipped, messages.tell_shipped),
    (OrderReady, messages.tell_ready),
    (PickupReminded, messages.tell_pickup_reminder),
    (OrderReceived, messages.tell_received),
    (OrderCancelled, messages.tell_cancelled),
    (ShipmentOverdue, messages.tell_overdue),
    (OrderReassigned, messages.tell_reassigned),
    (OrderSplit, messages.tell_split),
    (OrderMerged, messages.tell_merged),
    (OrderRemade, messages.tell_remade),
    (OrderUnassigned, messages.tell_unassigned),
    (AcceptanceOverdue, messages.tell_unanswered),
    (RefundApproved, messages.tell_of_case),
    (RefundRejected, messages.tell_of_case),
    (RefundMoreAsked, messages.tell_of_case),
    (GoodsReturned, messages.tell_returned),
    (RefundCaseOverdue, messages.tell_case_overdue),
    (RefundPosted, messages.tell_refunded),
    (RefundFailed, messages.tell_refund_failed),
    (StockFellLow, messages.tell_low),
    (ShortageFound, messages.tell_short),
    (ShortageWaits, messages.tell_waits),
    (UnitsSubstituted, messages.tell_substituted),
    (UnitsDropped, messages.tell_dropped),
    (StockFound, messages.tell_found),
)
