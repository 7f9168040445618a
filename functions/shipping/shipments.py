"""Shipments for staff: a parcel, a batch of them, and a tracking number set right."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.shipping import actions, store
from souk.domains.shipping.model import BatchOutcomes, Shipment, ShipmentBatch, ShipmentDraft, TrackingEdit
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.flows import ship_order
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.post("/staff/shipments", may="orders.ship", status=HTTPStatus.CREATED)
def ship(draft: ShipmentDraft) -> Shipment:
    """The units named; the same tracking number sent again is the same parcel."""
    return ship_order.ship(draft.order_id, draft, by=caller())


@app.post("/staff/shipments/batch", may="orders.ship")
def ship_batch(batch: ShipmentBatch) -> BatchOutcomes:
    """Parcels by order number; each row is answered for itself."""
    return ship_order.ship_batch(batch, by=caller())


@app.get("/staff/shipments", may="orders.read")
def list_of_order(order_id: Annotated[Id, Query()]) -> Page[Shipment]:
    return Page(items=store.of_order(order_id, by=caller()))


@app.put("/staff/shipments/{order_id}/{shipment_id}", may="orders.ship")
def correct(order_id: str, shipment_id: str, edit: TrackingEdit) -> Shipment:
    """Another carrier or tracking number; what it was before stays in the history."""
    return actions.correct_tracking(order_id, shipment_id, edit, by=caller())
