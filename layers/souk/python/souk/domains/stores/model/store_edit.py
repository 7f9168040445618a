"""What staff say of a store."""

from typing import Annotated

from pydantic import Field

from souk.domains.stores.model.hours import Hours, TimeZone
from souk.domains.stores.model.reach import DrawnReach
from souk.kernel.address import Address, GeoPoint
from souk.kernel.shapes import Count, Country, Date, Flag, Id, Input, Line, Minor, Phone, Version


class StoreDraft(Input):
    """`serves` are the countries it delivers to, empty for all; the lower the `rank`, the earlier it is chosen.

    `pickup` says that buyers may fetch there what they ordered.
    With a `reach` it delivers within that only. Once it has its `daily_orders`, others go before it for that day.
    """

    name: Line
    address: Address
    point: GeoPoint
    phone: Phone
    time_zone: TimeZone
    hours: Annotated[list[Hours], Field(max_length=21)] = []
    holidays: Annotated[list[Date], Field(max_length=100)] = []
    manager: Line
    serves: Annotated[list[Country], Field(max_length=250)] = []
    rank: Count = 100
    open: Flag = True
    pickup: Flag = False
    freight_minor: Minor = 0
    free_freight_from_minor: Minor | None = None
    daily_orders: Count | None = None
    reach: DrawnReach | None = None


class StoreOpening(StoreDraft):
    """A merchant's, or the retailer's own where none is named; that does not change."""

    merchant_id: Id | None = None


class StoreEdit(StoreDraft):
    version: Version
