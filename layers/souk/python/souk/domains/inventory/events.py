"""What is told of stock."""

from souk.kernel.fact import Fact


class StockMoved(Fact):
    """Goods came or went by something else than an order's life; `units` are the changes of what is on hand."""

    store_id: str
    cause: str
    reference: str
    units: dict[str, int]


class StockFellLow(Fact):
    """Available stock has come down to the threshold; told once, until it has risen above it again.

    `fall` counts the falls of this stock: what is done about one of them is named by it.
    """

    sku: str
    store_id: str
    available: int
    threshold: int
    fall: int = 1
