"""A parcel leaves: order, parcel, stock and pick task in one transaction."""

from souk.domains.inventory.actions import stock as inventory
from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as order_store
from souk.domains.shipping import actions as shipping
from souk.domains.shipping import model as parcels
from souk.domains.shipping import store
from souk.domains.shipping.model import BatchOutcome, BatchOutcomes, BatchRow, Parcel, Shipment, ShipmentBatch
from souk.flows import cost_of_goods, replacement, settle_payment
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import Unit


def ship(order_id: str, parcel: Parcel, by: Caller) -> Shipment:
    """The parcel, recorded once however often it is sent: order, carrier and tracking number name it."""
    if parcel.shipped_at is not None:
        by.need("orders.override")
    tracking = parcel.checked()
    shipment_id = ids.derived("shp", order_id, tracking.carrier, tracking.tracking_number)

    def once() -> Shipment:
        rows = order_store.whole(order_id)
        order = order_store.in_rows(rows)
        order.need_scope(by)
        entered = store.in_rows(rows)
        for shipment in entered:
            if shipment.shipment_id == shipment_id:
                shipment.need_same(parcel)
                return shipment
        parcels.need_room(entered)
        leaving = Shipment(
            shipment_id=shipment_id,
            order_id=order_id,
            store_id=order.store_id,
            carrier=tracking.carrier,
            carrier_name=tracking.carrier_name or "",
            tracking_number=tracking.tracking_number,
            units=dict(parcel.units),
            by=by.id,
            shipped_at=parcels.shipped_at(parcel.shipped_at, placed_at=order.placed_at, now=clock.now()),
        )
        order.shipped_by(leaving.units, leaving.shipped_at, by.id)  # what is refused takes no money
        return _commit(settle_payment.taken(rows, by.id), order, leaving, parcel, by)

    return again(once)


def ship_batch(batch: ShipmentBatch, by: Caller) -> BatchOutcomes:
    """Every row for itself: one that is refused does not stop the rest, and the whole may be sent again."""
    outcomes = [_row(row, by) for row in batch.rows]
    shipped = sum(outcome.shipment_id is not None for outcome in outcomes)
    return BatchOutcomes(shipped=shipped, refused=len(outcomes) - shipped, rows=outcomes)


def _row(row: BatchRow, by: Caller) -> BatchOutcome:
    try:
        shipment = ship(order_lists.id_of_number(row.number), row, by)
    except Refusal as refusal:
        return BatchOutcome(number=row.number, code=refusal.code(), detail=refusal.detail)
    return BatchOutcome(number=row.number, shipment_id=shipment.shipment_id)


def _commit(rows: Rows, order: Order, leaving: Shipment, parcel: Parcel, by: Caller) -> Shipment:
    with Unit() as unit:
        after = moves.record_shipment(
            unit,
            order,
            leaving.units,
            shipment_id=leaving.shipment_id,
            carrier=leaving.carrier,
            tracking_number=leaving.tracking_number,
            at=leaving.shipped_at,
            by=by.id,
        )
        inventory.ship(
            unit, order.store_id, leaving.units, shipment_id=leaving.shipment_id, by=by.id, at=leaving.shipped_at
        )
        cost_of_goods.book_out(unit, order, leaving.units, leaving.shipment_id)
        replacement.follow(unit, after, by.id)
        pick = store.pick_in_rows(rows)
        if pick and pick.status == "open" and not after.unshipped():
            shipping.mark_picked(unit, pick, by)
        return shipping.record_shipment(unit, leaving)
