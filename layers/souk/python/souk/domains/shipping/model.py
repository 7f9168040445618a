"""Pick tasks, parcels, and the carriers with the tracking numbers that each of them gives."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import StringConstraints

from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Id, Input, Line, Moment, Noun, Quantity, Sku, Version, Versioned
from souk.kernel.states import States

PICK_STATES: States = {"open": {"picked"}, "picked": {"open"}}
PickStatus = Literal["open", "picked"]
MOST_PARCELS = 100  # of one order: its page is one query
MOST_CORRECTIONS = 20
CLOCK_SKEW = timedelta(minutes=5)


class UnknownCarrier(Refused):
    title = "There is no such carrier"


class WrongTrackingNumber(Refused):
    title = "That is not a tracking number of this carrier"


class WrongDay(Refused):
    title = "A parcel leaves between the day of its order and now"


class ParcelEntered(Conflict):
    title = "The order has another parcel with this tracking number"


class TooManyParcels(Conflict):
    title = "The order has too many parcels"


class TooManyCorrections(Conflict):
    title = "The tracking number was corrected too often"


class Carrier(Noun):
    """`pattern` is what a tracking number looks like, in capitals and without spaces."""

    name: str
    pattern: str


CARRIERS: Mapping[str, Carrier] = {
    "dhl": Carrier(name="DHL", pattern=r"\d{10}|\d{12}|\d{20}|J[A-Z]{2,3}\d{16,20}|GM\d{16,20}"),
    "ups": Carrier(name="UPS", pattern=r"1Z[0-9A-Z]{16}"),
    "fedex": Carrier(name="FedEx", pattern=r"\d{12}|\d{15}|\d{20}|\d{22}"),
    "sf": Carrier(name="SF Express", pattern=r"SF\d{12,15}|\d{12}"),
    "other": Carrier(name="Other", pattern=r"[0-9A-Z][0-9A-Z-]{2,39}"),
}

Code = Annotated[Line, StringConstraints(max_length=20)]
TrackingText = Annotated[Line, StringConstraints(max_length=60)]
ParcelUnits = Annotated[dict[Sku, Quantity], Field(min_length=1, max_length=40)]


class Tracking(Input):
    """A carrier by its code and the number it gave; `carrier_name` says who, where the code is `other`."""

    carrier: Code
    tracking_number: TrackingText
    carrier_name: Line | None = None

    def checked(self) -> "Tracking":
        """With the number as the carrier spells it; refused where it cannot be one of the carrier's."""
        carrier = CARRIERS.get(self.carrier)
        if carrier is None:
            raise UnknownCarrier(f"Known are {', '.join(CARRIERS)}", carrier=self.carrier)
        number = re.sub(r"\s", "", self.tracking_number).upper()
        if not re.fullmatch(carrier.pattern, number, re.ASCII):
            raise WrongTrackingNumber(carrier=self.carrier, tracking_number=self.tracking_number)
        name = (self.carrier_name if self.carrier == "other" else None) or carrier.name
        return self.model_copy(update={"tracking_number": number, "carrier_name": name})


class Parcel(Tracking):
    """What goes into it, by SKU: whoever packs says what was packed. A time of its own needs `orders.override`."""

    units: ParcelUnits
    shipped_at: Moment | None = None


class ShipmentDraft(Parcel):
    order_id: Id


class BatchRow(Parcel):
    """A parcel of the order with this number."""

    number: Annotated[Line, StringConstraints(max_length=30)]


class ShipmentBatch(Input):
    rows: Annotated[list[BatchRow], Field(min_length=1, max_length=100)]


class BatchOutcome(Noun):
    """What became of a row: the shipment, or the code and the sentence of the refusal."""

    number: str
    shipment_id: str | None = None
    code: str | None = None
    detail: str | None = None


class BatchOutcomes(Noun):
    shipped: int
    refused: int
    rows: list[BatchOutcome]


class TrackingEdit(Tracking):
    version: Version


class Correction(Noun):
    """What the tracking was before, and who changed it when."""

    carrier: str
    carrier_name: str
    tracking_number: str
    by: str
    at: datetime


class Shipment(Versioned):
    """A parcel of an order; `corrections` is the history of its tracking, oldest first."""

    shipment_id: str
    order_id: str
    store_id: str
    carrier: str
    carrier_name: str
    tracking_number: str
    units: dict[str, int]
    shipped_at: datetime
    by: str
    corrections: tuple[Correction, ...] = ()

    def need_same(self, parcel: Parcel) -> None:
        """A repeated command meets its own first run; one that packs other goods under the same number is refused."""
        if dict(parcel.units) != self.units:
            raise ParcelEntered(shipment_id=self.shipment_id)

    def corrected(self, to: Tracking, by: str, at: datetime) -> "Shipment":
        """With another tracking, the present one kept in the history; the same parcel where it says nothing new."""
        after = self.but(**to.checked().model_dump(include={"carrier", "carrier_name", "tracking_number"}))
        if after == self:
            return self
        if len(self.corrections) >= MOST_CORRECTIONS:
            raise TooManyCorrections(most=MOST_CORRECTIONS)
        before = Correction(
            carrier=self.carrier, carrier_name=self.carrier_name, tracking_number=self.tracking_number, by=by, at=at
        )
        return after.but(corrections=(*self.corrections, before))


def need_room(parcels: Sequence[Shipment]) -> None:
    if len(parcels) >= MOST_PARCELS:
        raise TooManyParcels(most=MOST_PARCELS)


def shipped_at(wanted: datetime | None, *, placed_at: datetime, now: datetime) -> datetime:
    """When a parcel left: now, or the time that was given, never before the day of the order."""
    if wanted is None:
        return now
    if wanted.date() < placed_at.date() or wanted > now + CLOCK_SKEW:
        raise WrongDay(shipped_at=wanted.isoformat())
    return wanted


class SlipRequest(Input):
    """What goes into the parcel; all that is left to ship where nothing is said."""

    units: ParcelUnits | None = None


class PrintCount(Versioned):
    """How often an order's packing slips have been printed, and by whom last."""

    order_id: str
    prints: int = 0
    printed_at: datetime | None = None
    printed_by: str | None = None


class PackingSlip(Noun):
    """A document to print: `content` is base64. `prints` says how often the order's slips have been printed by now."""

    order_id: str
    number: str
    prints: int
    content_type: str
    content: str


class PickCard(Noun):
    """A pick task in a list."""

    order_id: str
    number: str
    store_id: str
    status: PickStatus
    made_at: datetime


class Pick(PickCard, Versioned):
    """What the warehouse takes from the shelves for one order."""

    status: PickStatus = "open"
    units: dict[str, int]
    picked_at: datetime | None = None
    picked_by: str | None = None

    def changed(self, out: Mapping[str, int], into: Mapping[str, int]) -> "Pick":
        """Without some units and with others, which open it again."""
        left = {sku: units - out.get(sku, 0) for sku, units in self.units.items() if units > out.get(sku, 0)}
        after = self.but(units=left | dict(into))
        return after.but(status="open", picked_at=None, picked_by=None) if into else after
