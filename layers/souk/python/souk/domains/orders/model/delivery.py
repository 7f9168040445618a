"""How an order comes to its buyer: sent to an address, or fetched in a store."""

from datetime import datetime
from typing import Literal, Self

from pydantic import model_validator

from souk.kernel.errors import Conflict
from souk.kernel.shapes import Id, Input, Noun


class NotFetched(Conflict):
    title = "The order is not one that its buyer fetches"


class ToBeFetched(Conflict):
    title = "The order is fetched from its store"


class NotWaiting(Conflict):
    title = "The goods do not wait to be fetched"


class Delivery(Input):
    """A parcel that is sent, or goods that the buyer fetches from the store named."""

    delivery_method: Literal["parcel", "pickup"] = "parcel"
    pickup_store_id: Id | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.delivery_method == "pickup") == (self.pickup_store_id is None):
            raise ValueError("a pickup names its store, and a parcel none")
        return self


class PickupSlip(Noun):
    """What the buyer shows in the store."""

    code: str
    until: datetime
