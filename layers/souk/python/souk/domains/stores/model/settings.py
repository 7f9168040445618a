"""How the shop works: what head office sets for all of it."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from souk.domains.stores.model.hours import Hours
from souk.kernel.errors import Conflict, Missing
from souk.kernel.shapes import (
    BasisPoints,
    Count,
    Country,
    Currency,
    Email,
    Flag,
    Input,
    Line,
    Mark,
    Noun,
    Phone,
    Seconds,
    Versioned,
)

PaymentMethod = Literal["card"]


class OutsideDeliveryAreas(Conflict):
    title = "The shop does not deliver there"


class PaymentMethodOff(Conflict):
    title = "The shop does not take this method of payment now"


class NoSuchVersion(Missing):
    title = "The settings have no such version"


class DeliveryArea(Noun):
    """A country, or of a country the regions that are named as addresses name them (ISO 3166-2 or in words)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: Country
    regions: Annotated[list[Line], Field(max_length=100)] = []

    def holds(self, country: str, region: str | None) -> bool:
        named = {one.casefold() for one in self.regions}
        return country == self.country and (not named or region is None or region.casefold() in named)


class ShopInfo(Noun):
    """The shop as everybody may see it."""

    name: Line = "Souk"
    email: Annotated[Email | None, Mark.SHOWN] = None
    phone: Annotated[Phone | None, Mark.SHOWN] = None
    currency: Currency = "EUR"
    hours: Annotated[list[Hours], Field(max_length=21)] = []
    payment_methods: Annotated[list[PaymentMethod], Field(max_length=10)] = ["card"]
    delivery_areas: Annotated[list[DeliveryArea], Field(max_length=250)] = []


class ShopSettings(ShopInfo, Versioned):
    """What head office sets for the whole shop. The times are seconds so that a test may make them short.

    `hours` are those of the stores that have none of their own. No delivery areas means: wherever a store delivers.
    """

    tax_basis_points: BasisPoints = 0
    payment_seconds: Seconds = 1800
    receipt_seconds: Seconds = 14 * 86_400
    completion_seconds: Seconds = 14 * 86_400
    confirm_by_hand: Flag = False
    hide_sold_out: Flag = False
    sold_out: Literal["keep", "delist", "relist"] = "keep"
    accept_seconds: Seconds = 3600

    def info(self) -> ShopInfo:
        return ShopInfo.model_validate(self.model_dump(include={*ShopInfo.model_fields}))

    def need_delivery(self, country: str, region: str | None = None) -> None:
        """A region that is not known yet is not asked about."""
        areas = self.delivery_areas
        if areas and not any(area.holds(country, region) for area in areas):
            raise OutsideDeliveryAreas(country=country, region=region)

    def need_payment_method(self, method: str) -> None:
        if method not in self.payment_methods:
            raise PaymentMethodOff(method=method)

    @property
    def payment_time(self) -> timedelta:
        return timedelta(seconds=self.payment_seconds)

    @property
    def accept_time(self) -> timedelta:
        """How long a store that confirms by hand may take to accept an order or decline it."""
        return timedelta(seconds=self.accept_seconds)

    @property
    def receipt_time(self) -> timedelta:
        return timedelta(seconds=self.receipt_seconds)

    @property
    def completion_time(self) -> timedelta:
        return timedelta(seconds=self.completion_seconds)


class SettingsEdit(ShopSettings, Input):
    """All of the settings, with the version they were read at (0 where nothing was set yet)."""

    version: Count = 0


class Rollback(Input):
    """Goes back to the settings of that version; 0 is what the shop began with."""

    version: Count


class SettingsVersion(Versioned):
    """The settings from one change to the next: whole, and in what they differ from those before."""

    at: datetime
    by: str
    restored: int | None = None
    settings: ShopSettings
    before: dict[str, Any]
    after: dict[str, Any]
