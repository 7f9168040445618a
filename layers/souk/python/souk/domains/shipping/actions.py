"""What is done about shipping: pick tasks are made and done, parcels recorded and their tracking corrected."""

from collections.abc import Mapping

from souk.domains.shipping import store
from souk.domains.shipping.model import PICK_STATES, Pick, PrintCount, Shipment, TrackingEdit
from souk.kernel import clock, states
from souk.kernel.caller import Caller
from souk.kernel.edits import edited
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def make_pick(unit: Unit, *, order_id: str, number: str, store_id: str, units: Mapping[str, int]) -> None:
    """A task for the store's warehouse, one an order."""
    pick = Pick(order_id=order_id, number=number, store_id=store_id, units=dict(units), made_at=clock.now())
    unit.save(keys.PICK, pick)


def drop_pick(unit: Unit, order_id: str) -> None:
    """The order does not go out from there; nothing happens where there is no task."""
    unit.remove(keys.PICK, order_id=order_id)


def change_pick(unit: Unit, pick: Pick, *, out: Mapping[str, int], into: Mapping[str, int]) -> Pick:
    """Other units than before; goods that come new into it are still to be taken from the shelf."""
    return unit.save(keys.PICK, pick.changed(out, into))


def mark_picked(unit: Unit, pick: Pick, by: Caller) -> Pick:
    status = states.move(PICK_STATES, pick.status, "picked", f"The pick of order {pick.number}")
    return unit.save(keys.PICK, pick.but(status=status, picked_at=clock.now(), picked_by=by.id))


def pick_order(order_id: str, by: Caller) -> Pick:
    """The goods lie ready to be packed; said twice, it is the same."""

    def pick() -> Pick:
        found = store.pick_for(order_id, by)
        if found.status == "picked":
            return found
        with Unit() as unit:
            return mark_picked(unit, found, by)

    return again(pick)


def count_print(unit: Unit, printed: PrintCount, by: Caller) -> PrintCount:
    more = printed.but(prints=printed.prints + 1, printed_at=clock.now(), printed_by=by.id)
    return unit.save(keys.PRINT_COUNT, more, otherwise=ChangedMeanwhile())


def record_shipment(unit: Unit, shipment: Shipment) -> Shipment:
    return unit.save(keys.SHIPMENT, shipment, otherwise=ChangedMeanwhile())


def correct_tracking(order_id: str, shipment_id: str, edit: TrackingEdit, by: Caller) -> Shipment:
    """The parcel with its right tracking; what it was before stays in its history."""
    found = store.shipment_for(order_id, shipment_id, by)
    corrected = found.corrected(edit, by.id, clock.now())
    if corrected == found:
        return found
    with Unit() as unit:
        return unit.save(keys.SHIPMENT, edited(corrected, edit.version))
