"""Stores, their hours and reach, and the shop's settings."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from souk.kernel.errors import Conflict, Missing
from souk.kernel.shapes import (
    Address,
    BasisPoints,
    Count,
    Country,
    Currency,
    Date,
    Email,
    Flag,
    Id,
    Input,
    Line,
    Mark,
    Minor,
    Noun,
    Phone,
    Seconds,
    Version,
    Versioned,
)

MICRO = 1_000_000
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PaymentMethod = Literal["card"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ClockTime = Annotated[str, StringConstraints(strict=True, pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]


class NoSuchStore(Missing):
    title = "No such store"


class OutsideDeliveryAreas(Conflict):
    title = "The shop does not deliver there"


class PaymentMethodOff(Conflict):
    title = "The shop does not take this method of payment now"


class NoSuchVersion(Missing):
    title = "The settings have no such version"


class NotDeliveredThere(Conflict):
    title = "No store delivers to that country"


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not an IANA time zone")
    return name


TimeZone = Annotated[str, StringConstraints(strict=True, max_length=64), AfterValidator(_known_zone)]


class GeoPoint(Noun):
    """WGS 84, in millionths of a degree: integers, so that a point reads back as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latitude_micro: Annotated[int, Field(strict=True, ge=-90 * MICRO, le=90 * MICRO)]
    longitude_micro: Annotated[int, Field(strict=True, ge=-180 * MICRO, le=180 * MICRO)]


class Hours(Noun):
    """From opening to closing on one day of the week, in the store's time zone; closing comes after opening."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: Day
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("a store closes after it opens")
        return self


class StoreDraft(Input):
    """`serves` are the countries it delivers to, empty for all; the lower the `rank`, the earlier it is chosen."""

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
    freight_minor: Minor = 0
    free_freight_from_minor: Minor | None = None


class StoreEdit(StoreDraft):
    version: Version


class Store(Versioned):
    """A branch: stock lies here and orders are served from here. Closed means: offered to nobody."""

    store_id: Id
    name: Line
    address: Annotated[Address, Mark.SHOWN]
    point: GeoPoint
    phone: Annotated[Phone, Mark.SHOWN]
    time_zone: str
    hours: list[Hours] = []
    holidays: list[date] = []
    manager: Annotated[Line, Mark.WITHHELD]
    serves: list[Country] = []
    rank: int = 100
    open: bool = True
    freight_minor: int = 0
    free_freight_from_minor: int | None = None

    def in_shop(self, shop: "ShopSettings") -> "Store":
        """The store as it works: what it leaves open is as the shop has it."""
        return self if self.hours else self.but(hours=shop.hours)

    def delivers_to(self, country: str) -> bool:
        return self.open and (not self.serves or country in self.serves)

    def open_at(self, at: datetime) -> bool:
        """Whether its doors are open: by the hours of the weekday, never on a holiday."""
        now = at.astimezone(ZoneInfo(self.time_zone)).strftime("%H:%M")
        return any(one.opens <= now < one.closes for one in self._hours_on(at))

    def works_on(self, at: datetime) -> bool:
        """Whether it packs parcels on the day that `at` is there; without hours it packs on every day but holidays.

        The hour does not count: what is bought at night is packed in the morning, and a quote holds for the day.
        """
        return bool(self._hours_on(at)) or (not self.hours and not self._is_holiday(at))

    def _hours_on(self, at: datetime) -> list[Hours]:
        if not self.open or self._is_holiday(at):
            return []
        weekday = at.astimezone(ZoneInfo(self.time_zone)).weekday()
        return [one for one in self.hours if one.day == DAYS[weekday]]

    def _is_holiday(self, at: datetime) -> bool:
        return at.astimezone(ZoneInfo(self.time_zone)).date() in self.holidays


class StoreCard(Noun):
    """A store as everybody may see it."""

    store_id: str
    name: str
    address: Address
    point: GeoPoint
    phone: str
    time_zone: str
    hours: list[Hours]
    holidays: list[date]
    open_now: bool

    @classmethod
    def of(cls, store: Store, at: datetime) -> "StoreCard":
        return cls(**store.model_dump(include=cls.model_fields.keys() - {"open_now"}), open_now=store.open_at(at))


def shown(stores: Iterable[Store], at: datetime) -> list[StoreCard]:
    """Closed branches are left out; whether the others' doors are open is told of that moment."""
    return [StoreCard.of(store, at) for store in stores if store.open]


MOST_CANDIDATES = 8  # stores whose stock one checkout reads


class Shortage(Noun):
    """The SKU that the stores are shortest of, with what the best of them has."""

    sku: str
    wanted: int
    available: int


class Allocation(Noun):
    """Which store serves the order, and why: what was found at each store that was asked, in order."""

    store: Store | None = None
    shortage: Shortage | None = None
    explanation: list[str]


def candidates(stores: Sequence[Store], country: str, at: datetime) -> list[Store]:
    """The stores to ask, in order: those of the buyer's country, of these the ones that work that day, then by rank."""
    serving = [store for store in stores if store.delivers_to(country)]
    if not serving:
        raise NotDeliveredThere(country=country)
    serving.sort(
        key=lambda store: (store.address.country != country, not store.works_on(at), store.rank, store.store_id)
    )
    return serving[:MOST_CANDIDATES]


def allocate(asked: Sequence[Store], wanted: Mapping[str, int], available: Mapping[tuple[str, str], int]) -> Allocation:
    """The first store that can serve the order whole, or what it fails for. `available` is by (SKU, store)."""
    explanation: list[str] = []
    for store in asked:
        short = [sku for sku, units in wanted.items() if available.get((sku, store.store_id), 0) < units]
        if not short:
            return Allocation(store=store, explanation=[*explanation, f"{store.name} has all of it"])
        explanation.append(f"{store.name} is short of {', '.join(short)}")
    best = {sku: max(available.get((sku, store.store_id), 0) for store in asked) for sku in wanted}
    sku = min(best, key=lambda one: best[one] - wanted[one])
    shortage = Shortage(sku=sku, wanted=wanted[sku], available=best[sku])
    return Allocation(shortage=shortage, explanation=explanation)


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
