"""What an order is of, and where its goods are."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from souk.domains.orders.model.lifecycle import GONE, GRACE, TO_PACK
from souk.domains.orders.model.quote import (
    FREIGHT,
    GOODS,
    TAX,
    Amount,
    Holding,
    QuoteLine,
)
from souk.domains.orders.model.refusals import NotInThisOrder, NotToPack
from souk.domains.orders.model.shortage import (
    AllShort,
    Shortage,
    Substitute,
)
from souk.kernel import money
from souk.kernel.address import Address, Contact
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.charging import Charge
from souk.kernel.masking import Guarded, hidden
from souk.kernel.owner import owner_of
from souk.kernel.shapes import Mark, Noun, Versioned


class Step(Noun):
    """One move of the order's life."""

    status: str
    at: datetime
    by: str


class Link(Noun):
    """Another order."""

    order_id: str
    number: str


class SaleShare(Noun):
    """What of an order was had in a flash sale: units that its store had set aside, and where they go back to.

    `tier` names the priority window whose units they count among.
    """

    sale_id: str
    store_id: str
    sku: str
    units: int
    shard: int
    tier: str | None = None


class LineFace(QuoteLine):
    """A quoted line with how much of it has gone out and come back, as its buyer and the staff are shown it.

    `dropped` units never leave, and what was paid for them goes back. In the place of `substituted` units stands a
    line of other goods that names this one in `replaces`: the money of the two is that of this one. Of the freight
    that was paid back `tax_back_minor` is the tax on it.
    """

    shipped: int = 0
    refunded: int = 0
    dropped: int = 0
    substituted: int = 0
    replaces: str | None = None
    freight_back_minor: int = 0
    tax_back_minor: int = 0


class OrderLine(LineFace):
    """`commission_minor` is what the shop keeps of a merchant's sale, none where it is its own; no buyer's business."""

    commission_minor: Annotated[int | None, Guarded("ledger.read", hidden)] = None

    @property
    def borne_minor(self) -> int:
        """What the buyer has paid for it, less what was paid back of the freight."""
        return self.payable_minor - self.freight_back_minor

    @property
    def unshipped(self) -> int:
        return self.quantity - self.shipped - self.left_out

    @property
    def left_out(self) -> int:
        """Units that never leave."""
        return self.dropped + self.substituted

    @property
    def outgoing(self) -> int:
        """Units that leave, or have."""
        return self.quantity - self.left_out

    @property
    def settled(self) -> int:
        """Units whose part of the price has gone back to the buyer or on to other goods."""
        return self.refunded + self.left_out

    def worth(self, units: int) -> int:
        """What so many more units are worth of all that was paid for the line, freight and tax included."""
        return money.share_of_units(self.borne_minor, self.quantity, self.settled, units)

    def goods_worth(self, units: int) -> int:
        """The same of the goods after discounts alone."""
        return money.share_of_units(self.net_minor, self.quantity, self.settled, units)

    def tax_worth(self, units: int) -> int:
        """The same of the tax."""
        return money.share_of_units(self.of(TAX) - self.tax_back_minor, self.quantity, self.settled, units)

    def commission_worth(self, units: int) -> int:
        """The same of the shop's commission."""
        return money.share_of_units(self.commission_minor or 0, self.quantity, self.settled, units)

    def again(self, units: int) -> "OrderLine":
        """A line of the same goods for another order, at exactly what was paid for so many units."""
        return self.replaced_by(Substitute(**dict(self)), units).but(replaces=None)

    def replaced_by(self, goods: Substitute, units: int) -> "OrderLine":
        """A line of other goods in the place of so many units, with exactly what was paid for these."""
        net, tax = self.goods_worth(units), self.tax_worth(units)
        # Each is rounded by itself, as where it is credited: what is left for the freight may be a cent below nothing.
        parts = ((GOODS, net), (FREIGHT, self.worth(units) - net - tax), (TAX, tax))
        return OrderLine(
            **dict(goods),
            merchant_id=self.merchant_id,
            commission_minor=self.commission_worth(units) if self.merchant_id else None,
            quantity=units,
            unit_price_minor=self.unit_price_minor,
            amounts=tuple(Amount(kind=kind, minor=minor) for kind, minor in parts if minor),
            replaces=self.sku,
        )


class OrderFace(Versioned):
    """What of an order its buyer and the staff are shown; `history` is its timeline.

    `policy_version` is that of the after-sales policy it was placed under.
    One that was split or merged names the orders it `became`, and each of those what it `came_from`.
    What its buyer is asked for in another currency is the `charge`: all of it, but for what their balance pays.
    """

    order_id: str
    number: str
    status: str = "awaiting_payment"
    buyer_id: str
    store_id: str
    currency: str
    lines: tuple[LineFace, ...]
    goods_minor: int
    discount_minor: int
    freight_minor: int
    tax_minor: int
    total_minor: int
    charge: Charge | None = None
    address: Address
    contact: Contact
    payment_method: str = "card"
    delivery_method: str = "parcel"
    pickup_store_id: str | None = None
    placed_at: datetime
    policy_version: int | None = None
    pay_until: datetime
    delivered_at: datetime | None = None
    cancel_reason: Annotated[str | None, Mark.WITHHELD] = None
    history: tuple[Step, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    came_from: tuple[Link, ...] = ()
    became: tuple[Link, ...] = ()
    sale: SaleShare | None = None


class OrderGoods(OrderFace):
    """With where its goods are: what is still to leave, what its store lacks, and what each store holds for it.

    Where several stores hold it, until it is split between them, `held` tells what each of them does.
    """

    lines: tuple[OrderLine, ...]
    held: tuple[Holding, ...] = ()

    @property
    def bought(self) -> tuple[OrderLine, ...]:
        """The lines as they were sold: what stands in for one of them costs nothing by itself."""
        return tuple(line for line in self.lines if line.replaces is None)

    @property
    def merchant_id(self) -> str | None:
        """Who sells it: none where it is the retailer, or several before it is split; then its lines tell."""
        owners = {line.merchant_id for line in self.lines}
        return owners.pop() if len(owners) == 1 else None

    def line_of(self, sku: str) -> OrderLine:
        return next(line for line in self.lines if line.sku == sku)

    def unshipped_by_owner(self) -> dict[str | None, dict[str, int]]:
        found: dict[str | None, dict[str, int]] = {}
        for line in self.lines:
            if line.unshipped:
                found.setdefault(line.merchant_id, {})[line.sku] = line.unshipped
        return found

    def unshipped(self) -> dict[str, int]:
        """What is still to leave."""
        return {line.sku: line.unshipped for line in self.lines if line.unshipped}

    @property
    def intact(self) -> bool:
        """Whether nothing of it has left, was left out or was paid back."""
        return not any(line.shipped or line.settled or line.freight_back_minor for line in self.lines)

    @property
    def is_part(self) -> bool:
        """Of one that was split; what several were merged into came from more."""
        return len(self.came_from) == 1

    def short(self) -> dict[str, int]:
        """What of it its store lacks, as far as is known."""
        left = self.unshipped()
        lacking = {one.sku: min(one.units, left.get(one.sku, 0)) for one in self.shortages if one.unsettled}
        return {sku: units for sku, units in lacking.items() if units}

    def waits_for_answer(self, now: datetime) -> bool:
        """Whether it is rightly held up by a shortage: that of which the time is over should have been settled."""
        return any(one.unsettled and now <= one.due + GRACE for one in self.shortages)

    def at_hand(self) -> dict[str, int]:
        """What of it can leave now."""
        short = self.short()
        ready = {sku: units - short.get(sku, 0) for sku, units in self.unshipped().items()}
        return {sku: units for sku, units in ready.items() if units}

    def reserved(self) -> dict[str, dict[str, int]]:
        """What each store holds for it."""
        if self.status in ("unassigned", *GONE):
            return {}
        return by_store(self.held) if self.held else {self.store_id: self.unshipped()}

    @property
    def also_at(self) -> tuple[str, ...]:
        """The stores that hold it beside its own."""
        return tuple(store_id for store_id in by_store(self.held) if store_id != self.store_id)

    def held_for_sale(self) -> SaleShare | None:
        """What goes back to the sale rather than to the store; nothing once another store has the order."""
        if self.sale is None or self.store_id != self.sale.store_id:
            return None
        units = min(self.sale.units, self.reserved().get(self.store_id, {}).get(self.sale.sku, 0))
        return self.sale.but(units=units) if units else None

    def packed(self, units: Mapping[str, int] | None) -> dict[str, int]:
        """What a parcel of it holds: these units, otherwise all that can leave now; or all that left, where all has."""
        if self.status not in TO_PACK:
            raise NotToPack(state=self.status)
        outgoing = {line.sku: line.outgoing for line in self.lines}
        for sku, quantity in (units or {}).items():
            if quantity > outgoing.get(sku, 0):
                raise NotInThisOrder(f"{outgoing.get(sku, 0)} of {sku} go out", sku=sku)
        if units:
            return dict(units)
        if not self.unshipped():
            return {line.sku: line.shipped for line in self.lines if line.shipped}
        if not self.at_hand():
            raise AllShort()
        return self.at_hand()


def by_store(holders: Iterable[Holding]) -> dict[str, dict[str, int]]:
    """What each store holds; one that stands twice holds both."""
    sums: dict[str, dict[str, int]] = {}
    for one in holders:
        at_store = sums.setdefault(one.store_id, {})
        for sku, units in one.units.items():
            at_store[sku] = at_store.get(sku, 0) + units
    return sums


def store_of(holders: Sequence[Holding]) -> str:
    """Whose desk an order stands at: the first holder's, or head office's while several owners' goods are in it."""
    owners = {owner_of(one.store_id) for one in holders}
    return holders[0].store_id if len(owners) == 1 else HEAD_OFFICE


def held_by(holders: Sequence[Holding]) -> tuple[Holding, ...]:
    """Who holds an order, where that is worth saying: what one store has says `store_id`."""
    return tuple(holders) if len(holders) > 1 else ()
