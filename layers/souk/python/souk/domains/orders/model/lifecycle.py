"""The order's life as one checked table, how long it stays in each state, and the workflow at work on it."""

from datetime import datetime, timedelta
from typing import Annotated

from souk.kernel.shapes import Mark, Noun, Versioned
from souk.kernel.states import States

STATES: States = {
    "awaiting_payment": {"paid", "cancelled"},
    # An exchange begins here: what was bought before pays for it, once it is back.
    "awaiting_return": {"paid", "cancelled"},
    "paid": {"held", "confirmed", "reassigned", "unassigned", "split", "merged", "cancelled"},
    "held": {"released", "cancelled"},
    "released": {"confirmed", "reassigned", "unassigned", "split", "merged", "cancelled"},
    "confirmed": {"part_shipped", "shipped", "ready", "reassigned", "unassigned", "split", "merged", "cancelled"},
    "reassigned": {"held", "confirmed", "reassigned", "unassigned", "split", "merged", "cancelled"},
    "unassigned": {"reassigned", "split", "cancelled"},
    "ready": {"received", "cancelled"},
    "part_shipped": {"part_shipped", "shipped"},
    "shipped": {"received"},
    "received": {"completed"},
    "completed": set(),
    "split": set(),
    "merged": set(),
    # Where money comes for one that nobody had paid, and its goods are still to be had.
    "cancelled": {"paid"},
}
# What each waiting step of the workflow waits for; what was fetched or sold in a store was never shipped.
AWAITED = {"AwaitShipment": ("shipped", "received"), "AwaitReceipt": ("received",)}
TO_SHIP = ("paid", "held", "released", "confirmed", "reassigned", "unassigned", "part_shipped")
HOLDING = ("awaiting_payment", "awaiting_return", *TO_SHIP, "ready")  # goods are reserved for these
OPEN = (*TO_SHIP, "ready", "shipped")  # a workflow is at work on these
CROWDED = ("awaiting_payment",)  # in these a sale's orders arrive by the thousand a second
EVERYDAY = "everyday"
TO_ACCEPT = ("paid", "released", "reassigned")  # the store has not said yet whether it will serve the order
TO_PACK = ("confirmed", "part_shipped", "ready", "shipped", "received", "completed")
TO_CORRECT = ("awaiting_payment", "paid", "held", "released", "confirmed", "reassigned", "unassigned", "ready")
REGROUPED = ("split", "merged")  # other orders have its goods and its money
GONE = ("cancelled", *REGROUPED)  # it ended before it went out
HELD_BY_MANY = {"paid", "held", "released", "split", "cancelled"}  # where an order may go while several stores hold it
# Over every deadline: what a timer lost, the sweeper and another try have made good by then.
GRACE = timedelta(hours=1)
# Longer than a case waits for anything: its workflow ends an exchange, and not the deadline of its payment.
EXCHANGE = timedelta(days=60)
LAPSED = "the payment was let go before it was taken"


class LettingGo(Noun):
    """Why the money of a paid order is never taken; it has `lapsed` where nobody here has asked for that."""

    reason: Annotated[str, Mark.WITHHELD]
    by: str
    lapsed: bool = False


def longest(
    *,
    payment: timedelta,
    review: timedelta,
    shipment: timedelta,
    pickup: timedelta,
    receipt: timedelta,
    completion: timedelta,
    confirm_by_hand: bool,
) -> dict[str, timedelta]:
    """How long an order stays in each state but the last while its timers, workflow and people are at work on it.

    A store that does not ship is reminded once, after `shipment`, and has the same time again; so has who reviews.
    """
    to_leave = 2 * shipment
    by_state = {
        "awaiting_payment": payment,
        "awaiting_return": EXCHANGE,
        "paid": to_leave if confirm_by_hand else timedelta(),
        "held": 2 * review,
        "released": to_leave if confirm_by_hand else timedelta(),
        "reassigned": to_leave if confirm_by_hand else timedelta(),
        "unassigned": to_leave,
        "confirmed": to_leave,
        "ready": pickup,
        "part_shipped": to_leave,
        "shipped": receipt,
        "received": completion,
    }
    return {state: limit + GRACE for state, limit in by_state.items()}


class Life(Versioned):
    """The workflow at work on an order: its run, and the tokens of the steps that wait.

    It is parked where a step of that run failed after all its tries, by the failure's name, until a later run begins.
    """

    order_id: str
    run: int = 0
    tokens: Annotated[dict[str, str], Mark.WITHHELD] = {}
    parked_run: int | None = None
    parked_at: datetime | None = None
    failure: str | None = None

    @property
    def parked(self) -> str | None:
        return "parked" if self.parked_at else None
