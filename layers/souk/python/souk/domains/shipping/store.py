"""Parcels and pick tasks, as they are asked for."""

from souk.domains.shipping.model import Pick, PickCard, PickStatus, PrintCount, Shipment
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows


def in_rows(rows: Rows) -> list[Shipment]:
    """The parcels among all that belongs to an order."""
    return rows.all(keys.SHIPMENT, Shipment)


def of_order(order_id: str, by: Caller) -> list[Shipment]:
    found = in_rows(ask.ask(patterns.SHIPMENTS_OF_ORDER, order_id=order_id))
    return [shipment for shipment in found if by.in_scope(shipment.store_id)]


def shipment_for(order_id: str, shipment_id: str, by: Caller) -> Shipment:
    """The parcel, if it left one of the caller's stores."""
    found = ask.get(keys.SHIPMENT, Shipment, order_id=order_id, shipment_id=shipment_id)
    by.need_store(found.store_id)
    return found


def pick_for(order_id: str, by: Caller) -> Pick:
    """The pick task, if it is one of the caller's stores."""
    found = ask.get(keys.PICK, Pick, order_id=order_id)
    by.need_store(found.store_id)
    return found


def pick_in_rows(rows: Rows) -> Pick | None:
    return rows.one(keys.PICK, Pick)


def prints_in_rows(rows: Rows, order_id: str) -> PrintCount:
    return rows.one(keys.PRINT_COUNT, PrintCount) or PrintCount(order_id=order_id)


def picks(store_id: str, status: PickStatus, limit: int, position: str | None) -> tuple[list[PickCard], str | None]:
    rows = ask.ask(patterns.PICKS, limit=limit, position=position, store_id=store_id, status=status)
    return rows.all(keys.PICK, PickCard), rows.position
