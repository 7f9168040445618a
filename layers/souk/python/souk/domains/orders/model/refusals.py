"""What is refused of orders."""

from souk.kernel.errors import Conflict, Missing, Refused


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


class NotToPack(Conflict):
    title = "The order is not to be packed now"


class OpenCaseBlocks(Conflict):
    title = "An after-sales case is open"


class AnotherStores(Conflict):
    title = "The order is another store's"


class InThisOrder(Conflict):
    title = "The order has a line of these goods already"


class ToBeSplit(Conflict):
    title = "The order is being split between several stores"
