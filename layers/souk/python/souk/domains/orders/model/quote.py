"""The quote: a list of pure steps over plain values, each adding labelled amounts that are apportioned to lines."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from souk.kernel import ids, money
from souk.kernel.charging import ChargeOffer
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import MOST_UNITS, BasisPoints, Input, Minor, Noun, Quantity, Sku, Texts, units_by_sku

MOST_LINES = 40  # a checkout writes one stock item a line, and one transaction holds 100 writes

GOODS, LINE_DISCOUNT, FREIGHT, TAX = "goods", "line_discount", "freight", "tax"
DeliveryMethod = Literal["parcel", "pickup", "till"]
DISCOUNTS = (LINE_DISCOUNT,)  # a step that takes something off names its amounts here


class NotForSale(Conflict):
    title = "Not for sale"


class QuoteChanged(Conflict):
    title = "Prices, stock, freight or the rate of exchange have changed; here is the new quote"


class TooManyLines(Refused):
    title = "Too many different goods in one order"


class TooManyOfOne(Refused):
    title = "Too many units of the same goods in one order"


class WantedLine(Input):
    """So many units of a SKU; the same SKU twice is summed."""

    sku: Sku
    quantity: Quantity


class StaffLine(WantedLine):
    """What staff with `orders.override` may set on a line: the unit price and a discount off the line's gross."""

    unit_price_minor: Minor | None = None
    discount_basis_points: BasisPoints = 0


WantedLines = Annotated[list[WantedLine], Field(min_length=1, max_length=90)]
StaffLines = Annotated[list[StaffLine], Field(min_length=1, max_length=90)]


class Amount(Noun):
    """A labelled part of what a line costs; discounts are negative."""

    kind: str
    minor: int


class QuoteLine(Noun):
    """A line with all that is paid for it; `payable_minor` is the sum of its amounts.

    `merchant_id` is who sells it: none where it is the retailer.
    """

    sku: str
    product_id: str
    merchant_id: str | None = None
    name: Texts
    options: dict[str, str] = {}
    quantity: int
    unit_price_minor: int
    amounts: tuple[Amount, ...] = ()

    @property
    def payable_minor(self) -> int:
        return sum(amount.minor for amount in self.amounts)

    def of(self, *kinds: str) -> int:
        return sum(amount.minor for amount in self.amounts if amount.kind in kinds)

    @property
    def discount_minor(self) -> int:
        return -self.of(*DISCOUNTS)

    @property
    def net_minor(self) -> int:
        """The goods after every discount, before freight and tax."""
        return self.of(GOODS, *DISCOUNTS)


class Holding(Noun):
    """What one store holds of an order, or shall."""

    store_id: str
    units: dict[str, int]


class Freight(Noun):
    """What it costs to send the goods of one owner: nothing, from `free_from_minor` of these on."""

    merchant_id: str | None = None
    minor: int = 0
    free_from_minor: int | None = None

    def of(self, goods_minor: int) -> int:
        return 0 if self.free_from_minor is not None and goods_minor >= self.free_from_minor else self.minor


class Basket(Noun):
    """What a quote is made of: the lines with today's prices, and the terms of shop and stores.

    `freights` says them for each owner of goods; `freight_by_hand_minor` is the freight of the whole, if staff set it.
    """

    currency: str
    country: str
    store_id: str
    delivery_method: DeliveryMethod = "parcel"
    lines: tuple[QuoteLine, ...]
    parcels: tuple[Holding, ...] = ()
    discounts: tuple[int, ...] = ()
    freights: tuple[Freight, ...] = ()
    freight_by_hand_minor: int | None = None
    tax_basis_points: int = 0

    def sum(self, *kinds: str) -> int:
        return sum(line.of(*kinds) for line in self.lines)

    def plus(self, kind: str, parts: Sequence[int]) -> "Basket":
        """The basket in which each line has got its part of one more amount; zero parts leave no trace."""
        lines = (
            line.but(amounts=(*line.amounts, Amount(kind=kind, minor=part))) if part else line
            for line, part in zip(self.lines, parts, strict=True)
        )
        return self.but(lines=tuple(lines))


def goods(basket: Basket) -> Basket:
    return basket.plus(GOODS, [line.unit_price_minor * line.quantity for line in basket.lines])


def line_discounts(basket: Basket) -> Basket:
    """Each line's own discount, off its gross, half-up to the minor unit."""
    given = basket.discounts or (0,) * len(basket.lines)
    parts = [-money.fraction(line.of(GOODS), points) for line, points in zip(basket.lines, given, strict=True)]
    return basket.plus(LINE_DISCOUNT, parts)


def freight(basket: Basket) -> Basket:
    """Of each owner the store's flat rate, unless the goods reach its free limit; apportioned by what these cost."""
    costs = [line.payable_minor for line in basket.lines]
    if basket.freight_by_hand_minor is not None:
        return basket.plus(FREIGHT, money.apportion(basket.freight_by_hand_minor, costs))
    parts = [0] * len(costs)
    for one in basket.freights:
        its = [place for place, line in enumerate(basket.lines) if line.merchant_id == one.merchant_id]
        own = [costs[place] for place in its]
        for place, part in zip(its, money.apportion(one.of(sum(own)) if its else 0, own), strict=True):
            parts[place] = part
    return basket.plus(FREIGHT, parts)


def tax(basket: Basket) -> Basket:
    """The shop's rate on goods after discounts and on freight, rounded once on the whole and apportioned."""
    costs = [line.payable_minor for line in basket.lines]
    return basket.plus(TAX, money.apportion(money.fraction(sum(costs), basket.tax_basis_points), costs))


# The order is part of the price: discounts before freight (the free limit looks at what is left), tax at the end.
STEPS: tuple[Callable[[Basket], Basket], ...] = (goods, line_discounts, freight, tax)


class Quote(Noun):
    """What is to be paid and why, line by line; `quote_id` is a fingerprint of all of it.

    `parcels` tells which store sends what. `store_id` is the first of them, whose terms hold for the whole; of goods
    of several owners it is head office. `charge` is what it is to be paid with in another currency, where it was asked
    for in one.
    """

    quote_id: str
    store_id: str
    parcels: tuple[Holding, ...]
    currency: str
    country: str
    delivery_method: DeliveryMethod
    lines: tuple[QuoteLine, ...]
    goods_minor: int
    discount_minor: int
    freight_minor: int
    tax_minor: int
    total_minor: int
    charge: ChargeOffer | None = None

    @property
    def charged_in(self) -> str:
        return self.charge.currency if self.charge else self.currency


def quote(basket: Basket) -> Quote:
    """The same basket gives the same quote: nothing but its values goes in."""
    for step in STEPS:
        basket = step(basket)
    return totalled(basket)


def totalled(basket: Basket) -> Quote:
    """The quote of a basket whose lines have all their amounts."""
    nouns = [noun.model_dump(mode="json") for noun in (*basket.parcels, *basket.lines)]
    said = [basket.currency, basket.country, basket.store_id, basket.delivery_method, nouns]
    return Quote(
        quote_id=ids.fingerprint(json.dumps(said, sort_keys=True))[:32],
        store_id=basket.store_id,
        parcels=basket.parcels,
        currency=basket.currency,
        country=basket.country,
        delivery_method=basket.delivery_method,
        lines=basket.lines,
        goods_minor=basket.sum(GOODS),
        discount_minor=-basket.sum(*DISCOUNTS),
        freight_minor=basket.sum(FREIGHT),
        tax_minor=basket.sum(TAX),
        total_minor=sum(line.payable_minor for line in basket.lines),
    )


def summed(lines: Sequence[WantedLine]) -> dict[str, int]:
    """Units wanted of each SKU; however they are spelled, within the limits."""
    wanted = units_by_sku((line.sku, line.quantity) for line in lines)
    if len(wanted) > MOST_LINES:
        raise TooManyLines(f"At most {MOST_LINES} different SKUs in one order", most=MOST_LINES)
    if many := next((sku for sku, units in wanted.items() if units > MOST_UNITS), None):
        raise TooManyOfOne(f"At most {MOST_UNITS} of one SKU in one order", sku=many, most=MOST_UNITS)
    return wanted


def need_offer(sku: str, sellable: bool) -> None:
    if not sellable:
        raise NotForSale(f"{sku} is not for sale", sku=sku)


def need_sold_by(merchant_id: str | None, lines: Sequence[QuoteLine]) -> None:
    """All of one who sells; None is the retailer."""
    for line in lines:
        need_offer(line.sku, line.merchant_id == merchant_id)


def need_same(today: Quote, agreed_id: str | None) -> None:
    """What the buyer agreed to, if to anything, must be what it costs now; otherwise the new quote is the answer."""
    if agreed_id and today.quote_id != agreed_id:
        raise changed(today)


def changed(today: Quote) -> QuoteChanged:
    return QuoteChanged(quote=today.model_dump(mode="json"))


def set_by_hand(lines: Sequence[StaffLine]) -> dict[str, object]:
    """What staff have set on lines, by SKU: for the audit."""
    said = {line.sku: line.model_dump(exclude={"sku", "quantity"}, exclude_defaults=True) for line in lines}
    by_line = {sku: values for sku, values in said.items() if values}
    return {"lines": by_line} if by_line else {}


def by_hand(basket: Basket, lines: Sequence[StaffLine], freight_minor: int | None) -> Basket:
    """The basket with what staff set: unit prices and discounts by SKU, and the freight."""
    said = {line.sku: line for line in lines}
    if len(said) < len(lines):
        raise Refused("A SKU stands twice; with prices by hand each stands once")
    priced = (
        line.but(unit_price_minor=said[line.sku].unit_price_minor)
        if line.sku in said and said[line.sku].unit_price_minor is not None
        else line
        for line in basket.lines
    )
    adjusted = basket.but(
        lines=tuple(priced),
        discounts=tuple(said[line.sku].discount_basis_points if line.sku in said else 0 for line in basket.lines),
    )
    return adjusted.but(freight_by_hand_minor=freight_minor)
