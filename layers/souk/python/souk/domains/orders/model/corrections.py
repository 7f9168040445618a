"""What staff set right of an order before it goes out, and what they ask its buyer."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, NamedTuple

from souk.domains.orders.model import quote as quoting
from souk.domains.orders.model.quote import DISCOUNTS, FREIGHT, GOODS, Basket, Freight, QuoteLine
from souk.kernel import money
from souk.kernel.errors import Conflict
from souk.kernel.owner import owner_of
from souk.kernel.shapes import Mark, Noun

MOST_CORRECTIONS = 20
MOST_QUESTIONS = 20


class TooLateToCorrect(Conflict):
    title = "The order has left, or has ended: where it goes is not changed any more"


class CorrectedTooOften(Conflict):
    title = "The order was corrected too often"


class AskedTooOften(Conflict):
    title = "Its buyer was asked too often about this order"


class RefundedInPart(Conflict):
    title = "Some of the order has been refunded with its freight; refund the difference by a case"


class Question(Noun):
    """What the buyer was asked."""

    text: Annotated[str, Mark.WITHHELD]
    at: datetime
    by: str


class Place(Noun):
    country: str
    region: str | None = None


class Correction(Noun):
    """That address or contact were set right, and what it means for the freight; the addresses are not kept.

    `difference_minor` is what it costs more (or less, below zero) with its tax. A higher freight is waived.
    """

    at: datetime
    by: str
    reason: str
    freight_before_minor: int
    freight_after_minor: int
    difference_minor: int
    refunded_minor: int = 0

    @property
    def borne_minor(self) -> int:
        """The freight that the buyer bears from then on."""
        return self.freight_after_minor if self.refunded_minor else self.freight_before_minor


class FreightTerms(NamedTuple):
    """A store's, with the shop's tax on it."""

    freight_minor: int
    free_from_minor: int | None
    tax_basis_points: int

    def freight_of(self, lines: Iterable[QuoteLine], currency: str, country: str, store_id: str) -> int:
        """As a quote of these lines would have it today."""
        goods = tuple(
            line.but(amounts=tuple(one for one in line.amounts if one.kind in (GOODS, *DISCOUNTS))) for line in lines
        )
        its = Freight(merchant_id=owner_of(store_id), minor=self.freight_minor, free_from_minor=self.free_from_minor)
        basket = Basket(currency=currency, country=country, store_id=store_id, lines=goods, freights=(its,))
        return quoting.freight(basket).sum(FREIGHT)

    def with_tax(self, difference_minor: int) -> int:
        return difference_minor + money.fraction(difference_minor, self.tax_basis_points)
