"""What is told of stock."""

from datetime import date

from souk.kernel.fact import Fact


class StockMoved(Fact):
    """Goods came or went by something else than an order's life; `units` are the changes of what is on hand."""

    store_id: str
    cause: str
    reference: str
    units: dict[str, int]


class StockFound(Fact):
    """A till sold what the books did not have: so many units were entered before they could leave."""

    store_id: str
    reference: str
    units: dict[str, int]


class StockFellLow(Fact):
    """Available stock has come down to the threshold; told once, until it has risen above it again.

    `fall` counts the falls of this stock: what is done about one of them is named by it. `alert_to` says who hears of
    it: `store`, `head_office` or `both`.
    """

    sku: str
    store_id: str
    available: int
    threshold: int
    fall: int = 1
    alert_to: str = "both"


class StockShort(Fact):
    """Less is on hand than orders have been promised; `short` says by how many units of each SKU.

    Told by what has found it out. Somebody has to find the goods, hand the orders to another store, or cancel them.
    """

    store_id: str
    cause: str
    reference: str
    short: dict[str, int]


class PurchaseApproved(Fact):
    """Goods are to be ordered from the supplier."""

    purchase_id: str
    store_id: str
    reference: str
    supplier: str
    due: date
    units: dict[str, int]


class StocktakeOpened(Fact):
    """What should be in the store is to be frozen."""

    stocktake_id: str
    store_id: str


class StocktakeCounted(Fact):
    """Nobody counts any more, and the differences are to be booked."""

    stocktake_id: str
    store_id: str


class StocktakePosted(Fact):
    """All differences are in the ledger."""

    stocktake_id: str
    store_id: str
    lines: int
    differences: int
