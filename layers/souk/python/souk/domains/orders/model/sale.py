"""Sales at a store's till: what was handed over, and how it was paid for on the spot."""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from souk.domains.orders.model.by_staff import NoReason, NotYet
from souk.domains.orders.model.quote import StaffLine, set_by_hand
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Id, Input, Line, Minor, MobileNumber, Moment, Noun

MOST_LINES = 28  # one that the books were short of writes three items, and one transaction holds 100
CLOCK_SKEW = timedelta(minutes=5)
OLDEST = timedelta(days=31)


class AnotherTotal(Conflict):
    title = "What was taken is not what the goods cost"


class TooLongAgo(Refused):
    title = "That was too long ago to be entered without orders.override"


class TillSale(Input):
    """A sale as the till rang it up. `sale_id` is the till's own name for it: in one store it is one sale.

    `total_minor` is what was taken, and must be what the goods cost: today's prices, or those that are set by hand with
    `orders.override` and a reason. A member is recognised by the number of a telephone that they have proved.
    """

    goods_are_gone: ClassVar[bool] = False
    store_id: Id
    sale_id: Id
    lines: Annotated[list[StaffLine], Field(min_length=1, max_length=MOST_LINES)]
    total_minor: Minor
    paid_by: Literal["cash", "card_terminal"]
    reference: Line | None = None
    phone: MobileNumber | None = None
    reason: Line | None = None

    @model_validator(mode="after")
    def _referred(self) -> Self:
        if (self.paid_by == "card_terminal") == (self.reference is None):
            raise ValueError("a card terminal gives a reference, and cash has none")
        return self

    @property
    def order_id(self) -> str:
        return ids.derived("ord", "till", self.store_id, self.sale_id)

    @property
    def fingerprint(self) -> str:
        """Not of the time: what broke off at the till comes again with others, which were rung up offline."""
        return ids.fingerprint(self.model_dump_json(exclude={"sold_at"}, exclude_defaults=True))[:32]

    @property
    def overrides(self) -> dict[str, object]:
        return set_by_hand(self.lines)

    def moment(self, by: Caller) -> datetime:
        return clock.now()

    def need_permission(self, by: Caller) -> None:
        by.need_store(self.store_id)
        if self.overrides:
            by.need("orders.override")
            if self.reason is None:
                raise NoReason()

    def need_total(self, total_minor: int) -> None:
        if self.total_minor != total_minor:
            raise AnotherTotal(f"They cost {total_minor}", taken_minor=self.total_minor, total_minor=total_minor)


class OfflineSale(TillSale):
    """A sale of which the shop could not be told at once: the goods are gone, whatever the books say."""

    goods_are_gone: ClassVar[bool] = True
    sold_at: Moment

    def moment(self, by: Caller) -> datetime:
        now = clock.now()
        if self.sold_at > now + CLOCK_SKEW:
            raise NotYet()
        if self.sold_at < now - OLDEST and "orders.override" not in by.may:
            raise TooLongAgo(sold_at=self.sold_at.isoformat())
        return min(self.sold_at, now)


class OfflineBatch(Input):
    sales: Annotated[list[OfflineSale], Field(min_length=1, max_length=50)]


class SaleOutcome(Noun):
    """What became of a sale: the order it is, or the code and the sentence of the refusal."""

    store_id: str
    sale_id: str
    order_id: str | None = None
    number: str | None = None
    code: str | None = None
    detail: str | None = None


class SaleOutcomes(Noun):
    entered: int
    refused: int
    sales: list[SaleOutcome]
