"""Stores, their hours and their place."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from souk.domains.stores.model.hours import DAYS, Hours
from souk.domains.stores.model.reach import Reach
from souk.domains.stores.model.settings import ShopSettings
from souk.kernel import geo
from souk.kernel.address import Address, GeoPoint
from souk.kernel.errors import Conflict, Missing
from souk.kernel.owner import owner_of
from souk.kernel.shapes import Country, Id, Line, Mark, Noun, Phone, Versioned

_MOST_ABROAD = 40  # countries under which one transaction can keep a store; of more it is asked for everywhere
_TO_ALL = "to-all"


class NoSuchStore(Missing):
    title = "No such store"


class NotDeliveredByStore(Conflict):
    title = "The order's store does not deliver there: assign the order to one that does first"


class Store(Versioned):
    """A branch: stock lies here and orders are served from here. Closed means: offered to nobody.

    `central` are head office's values of the fields that the store has set for itself.
    """

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
    pickup: bool = False
    freight_minor: int = 0
    free_freight_from_minor: int | None = None
    daily_orders: int | None = None
    reach: Reach | None = None
    central: Annotated[dict[str, Any], Mark.WITHHELD] = {}

    @property
    def merchant_id(self) -> str | None:
        return owner_of(self.store_id)

    @property
    def cell(self) -> str | None:
        """Where it stands on the map that shows open stores."""
        return geo.cell_of(self.point) if self.open else None

    @property
    def places(self) -> list[str]:
        """Under which it is kept for those who look for a store to deliver; see `places_for`."""
        return [_place_of(self.merchant_id, place) for place in self._places()] if self.open else []

    def _places(self) -> list[str]:
        if self.reach:
            return [f"at-{cell}" for cell in self.reach.cells(self.point)]
        home, abroad = self.address.country, [country for country in self.serves if country != self.address.country]
        everywhere = not self.serves or len(abroad) > _MOST_ABROAD
        return [
            *([f"in-{home}"] if self.delivers_to(home) else []),
            *([_TO_ALL] if everywhere else [f"to-{country}" for country in abroad]),
        ]

    def in_shop(self, shop: ShopSettings) -> "Store":
        """The store as it works: what it leaves open is as the shop has it."""
        return self if self.hours else self.but(hours=shop.hours)

    def delivers_to(self, country: str) -> bool:
        return self.open and (not self.serves or country in self.serves)

    def reaches(self, point: GeoPoint | None) -> bool:
        """A store that delivers around itself needs to know where; the others deliver wherever they serve."""
        return self.reach is None or (point is not None and self.reach.holds(point, self.point))

    def need_delivery(self, country: str, point: GeoPoint | None) -> None:
        if not (self.delivers_to(country) and self.reaches(point)):
            raise NotDeliveredByStore(country=country, store_id=self.store_id)

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


class OfferedStore(Store):
    """A store once more, where buyers' orders look for it."""

    place: str


class StorePlace(Noun):
    """Which store it is, and where: what the map says of one."""

    store_id: str
    point: GeoPoint


def places_for(country: str, point: GeoPoint | None, merchant_id: str | None = None) -> list[list[str]]:
    """Where the owner's stores that may deliver there are kept: first those that say how far and the country's own."""
    around = [f"at-{cell}" for cell in geo.cells_above(point)] if point else []
    groups = [[*around, f"in-{country}"], [f"to-{country}", _TO_ALL]]
    return [[_place_of(merchant_id, place) for place in group] for group in groups]


def _place_of(merchant_id: str | None, place: str) -> str:
    """Each owner's stores are asked for by themselves: nobody's stand in the way of another's."""
    return f"{merchant_id}-{place}" if merchant_id else place


class StoreCard(Noun):
    """A store as everybody may see it; how far it is and whether it has the goods, for who asked that."""

    store_id: str
    name: str
    address: Address
    point: GeoPoint
    phone: str
    time_zone: str
    hours: list[Hours]
    holidays: list[date]
    pickup: bool
    open_now: bool
    distance_metres: int | None = None
    in_stock: bool | None = None

    @classmethod
    def of(cls, store: Store, at: datetime) -> "StoreCard":
        said = cls.model_fields.keys() & Store.model_fields.keys()
        return cls(**store.model_dump(include={*said}), open_now=store.open_at(at))


def shown(stores: Iterable[Store], at: datetime) -> list[StoreCard]:
    """Closed branches are left out; whether the others' doors are open is told of that moment."""
    return [StoreCard.of(store, at) for store in stores if store.open]
