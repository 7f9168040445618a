"""What buyers send to be quoted."""

from typing import Self

from pydantic import model_validator

from souk.domains.orders.model.delivery import Delivery
from souk.domains.orders.model.quote import WantedLines
from souk.kernel.address import GeoPoint
from souk.kernel.paying import Device
from souk.kernel.shapes import Country, Currency, Input, Line, Quantity


class QuoteRequest(Delivery):
    """Where to; the region as soon as it is known, for a shop may not deliver to all of a country.

    Stores that deliver around themselves are asked only where the `point` is known. The methods of payment that are
    offered are those for the `device`. Asked for in another `currency` than the shop's it says what is charged.
    """

    lines: WantedLines
    country: Country | None = None
    region: Line | None = None
    point: GeoPoint | None = None
    shown_currency: Currency | None = None
    currency: Currency | None = None
    device: Device = "desktop"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.country is None) == (self.pickup_store_id is None):
            raise ValueError("needs either country or pickup_store_id")
        return self


class SaleQuoteRequest(Input):
    """So many of the units of a flash sale, and where to; a store that delivers around itself needs the `point`.

    What is charged in a `currency`, as a `QuoteRequest` asks it.
    """

    quantity: Quantity
    country: Country
    region: Line | None = None
    point: GeoPoint | None = None
    currency: Currency | None = None
