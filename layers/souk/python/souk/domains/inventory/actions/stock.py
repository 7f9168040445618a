"""What is done with stock: it is promised, given back, goes out, and its levels are set and watched."""

from collections.abc import Mapping
from datetime import datetime

from souk.domains.inventory.actions import ledger
from souk.domains.inventory.actions.ledger import Move
from souk.domains.inventory.events import StockFellLow
from souk.domains.inventory.model.documents import reversed_deltas
from souk.domains.inventory.model.levels import LevelsEdit
from souk.domains.inventory.model.stock import Stock
from souk.domains.inventory.store import stock as store
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.edits import EditedMeanwhile
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit


def ship(unit: Unit, store_id: str, units: Mapping[str, int], *, shipment_id: str, by: str, at: datetime) -> None:
    """What was reserved leaves in a parcel.

    ChangedMeanwhile where another move of the same goods came between: run the whole command `again`.
    """
    ledger.book(unit, store_id, reversed_deltas(units), Move("shipment", shipment_id, by, at))


def hand_out(unit: Unit, store_id: str, units: Mapping[str, int], *, order_id: str, by: str) -> None:
    """What was reserved leaves with its buyer."""
    ledger.book(unit, store_id, reversed_deltas(units), Move("pickup", order_id, by, clock.now()))


def sell(
    unit: Unit,
    store_id: str,
    units: Mapping[str, int],
    products: Mapping[str, str],
    *,
    order_id: str,
    by: str,
    at: datetime,
    are_gone: bool,
) -> None:
    """What is available leaves over the counter.

    Less is refused, unless the goods `are_gone` already: then the books were wrong, and what they lacked is
    entered as found.
    """
    sale = Move("sale", order_id, by, at)
    ledger.book(unit, store_id, reversed_deltas(units), sale, products=products, gone=are_gone)


def take_back(
    unit: Unit,
    store_id: str,
    units: Mapping[str, int],
    products: Mapping[str, str],
    *,
    case_id: str,
    by: str,
    scrapped: Mapping[str, int] | None = None,
) -> None:
    """Goods that came back lie in the store again, whether it had sold them or another; of these some are scrapped."""
    back = Move("return", case_id, by, clock.now())
    ledger.book(unit, store_id, units, back, products=products, scrapped=scrapped or {})


def set_levels(sku: str, store_id: str, edit: LevelsEdit, by: Caller) -> Stock:
    """When the store is warned and what is ordered for it; refused where somebody else set it since `edit.version`."""
    by.need_store(store_id)

    def change() -> Stock:
        stock = store.get(sku, store_id)
        if stock.threshold_version != edit.version:
            raise EditedMeanwhile(version=stock.threshold_version)
        levels = edit.model_dump(exclude={"version"})
        return _judge(stock, stock.but(**levels, threshold_version=edit.version + 1))

    return again(change)


def watch_level(sku: str, store_id: str) -> Stock | None:
    """The stock, after its alert was raised or taken back where it has crossed the threshold.

    It opens a Unit of its own for each SKU: under load the stock changes between reading and writing, and one that
    has to be looked at again must not undo the others. What stands decides, so facts may come twice and in any order.
    """

    def look() -> Stock | None:
        stock = store.find(sku, store_id)
        return stock and _judge(stock, stock)

    return again(look)


def _judge(before: Stock, changed: Stock) -> Stock:
    """Saves the changed stock with its alert as it should stand, and tells of a fall."""
    after = changed.judged()
    if after == before:
        return before
    with Unit() as unit:
        if after.falls > before.falls:
            unit.tell(
                StockFellLow(
                    sku=after.sku,
                    store_id=after.store_id,
                    available=after.available,
                    threshold=after.threshold or 0,
                    alert_to=after.alert_to,
                    fall=after.falls,
                )
            )
        return unit.save(keys.STOCK, after)
