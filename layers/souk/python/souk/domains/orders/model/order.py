"""The order: a snapshot of what was bought, and the moves it makes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, computed_field

from souk.domains.orders.model.corrections import (
    MOST_CORRECTIONS,
    MOST_QUESTIONS,
    AskedTooOften,
    CorrectedTooOften,
    Correction,
    FreightTerms,
    Place,
    Question,
    RefundedInPart,
    TooLateToCorrect,
)
from souk.domains.orders.model.delivery import NotFetched, NotWaiting, ToBeFetched
from souk.domains.orders.model.goods import OrderGoods, OrderLine, Step, held_by, store_of
from souk.domains.orders.model.lifecycle import (
    AWAITED,
    CROWDED,
    EVERYDAY,
    HELD_BY_MANY,
    LAPSED,
    STATES,
    TO_ACCEPT,
    TO_CORRECT,
    TO_SHIP,
    LettingGo,
)
from souk.domains.orders.model.quote import (
    MOST_LINES,
    Holding,
    TooManyLines,
)
from souk.domains.orders.model.refusals import (
    AnotherStores,
    CostsNothing,
    IdempotencyKeyReused,
    InThisOrder,
    NoSuchOrder,
    NotInThisOrder,
    ToBeSplit,
)
from souk.domains.orders.model.shortage import (
    MOST_SHORTAGES,
    NoSuchShortage,
    Shortage,
    ShortageOpen,
    Substitute,
    TooManyShortages,
)
from souk.kernel import money, states
from souk.kernel.caller import HEAD_OFFICE, Caller, system
from souk.kernel.masking import last_digits
from souk.kernel.owner import need_own_store, owner_of
from souk.kernel.shapes import Noun
from souk.kernel.states import NotInThatState

if TYPE_CHECKING:
    from souk.domains.orders.model.correction_requests import AddressCorrection

CLOCK = system("close_unpaid")  # ends what is not paid in time


class Decline(Noun):
    """A store that would not serve the order, and why."""

    store_id: str
    reason: str
    at: datetime
    by: str


class Origin(Noun):
    """Whence an order came: for the audit trail only."""

    ip: str
    request_id: str


class Order(OrderGoods):
    """Everything about a purchase as it was then; later changes of products, prices and addresses do not reach it.

    Its key is derived from buyer and Idempotency-Key, so a repeated checkout meets its own first run; its lines are
    the reservation: units that are still to leave of an order that is not cancelled are reserved in its store, if it
    has one.
    `moved_at` is when its last move was made, whatever date staff gave to the move; `chased_at` when its store was
    reminded to accept it. `held_for` are the reasons for which it, or what it is a part of, was held for review.
    `letting_go` says who has asked the provider to let go of its money, and why, whether or not it came to that.
    `sold_to` is where it went when it was paid, if that was corrected: reports count it there. `exchange_of` names the
    after-sales case of which it sends the goods. `origin` is kept of a
    buyer's own order, which has no entry in the audit trail.
    """

    # Orders were stored without it before they told when they moved.
    moved_at: Annotated[datetime, Field(default_factory=lambda said: said["placed_at"])]
    chased_at: datetime | None = None
    declines: tuple[Decline, ...] = ()
    held_for: tuple[str, ...] = ()
    letting_go: LettingGo | None = None
    sold_to: Place | None = None
    corrections: tuple[Correction, ...] = ()
    questions: tuple[Question, ...] = ()
    request_fingerprint: str
    assisted_by: str | None = None
    exchange_of: str | None = None
    origin: Origin | None = None

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def buyer_name(self) -> str:
        return self.contact.name

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def phone_tail(self) -> str:
        """The last four digits: enough to recognise a caller on the telephone."""
        return last_digits(self.contact.phone)

    @property
    def charged_in(self) -> str:
        return self.charge.currency if self.charge else self.currency

    @property
    def crowd(self) -> str:
        """Orders of one crowd share a partition of the desk: of those that a sale brings at once each is its own."""
        return self.order_id if self.sale and self.status in CROWDED else EVERYDAY

    @property
    def step(self) -> int:
        """How many moves it has made: the same store has it again only some steps later."""
        return len(self.history)

    def moved(self, to: str, at: datetime, by: str) -> "Order":
        """The order one move further; a Conflict where the table does not allow it."""
        states.move(STATES, self.status, to, f"Order {self.number}")
        if self.held and to not in HELD_BY_MANY:
            raise ToBeSplit()
        return self.but(status=to, history=(*self.history, Step(status=to, at=at, by=by)))

    def begun_at(self, status: str) -> "Order":
        """As it was placed, in another state than most."""
        (first,) = self.history
        return self.but(status=status, history=(first.but(status=status),))

    def handed_to(self, holders: Sequence[Holding], at: datetime, by: str) -> "Order":
        """Another store's to accept, several stores' to be split between, or head office's where there is none.

        What was agreed with the buyer stays.
        """
        self.need_to_be_served_by(holders)
        handed = self.moved("reassigned" if holders else "unassigned", at, by)
        store_id = store_of(holders) if holders else HEAD_OFFICE
        return handed._closing(lambda _: True).but(store_id=store_id, held=held_by(holders), chased_at=None)

    def declined(self, reason: str, at: datetime, by: str) -> "Order":
        decline = Decline(store_id=self.store_id, reason=reason, at=at, by=by)
        return self.but(declines=(*self.declines, decline))

    def may_go_to(self, store_id: str) -> bool:
        """Where no store is chosen by hand: another than its own, and none that has declined it."""
        return not self.has_declined(store_id) and self.store_id != store_id and self.may_be_served_by(store_id)

    def may_be_served_by(self, store_id: str) -> bool:
        """What its buyer fetches waits where it was promised, or nowhere."""
        return self.pickup_store_id in (None, store_id)

    def need_to_be_served_by(self, holders: Iterable[Holding]) -> None:
        for one in holders:
            if not self.may_be_served_by(one.store_id):
                raise ToBeFetched(store_id=self.pickup_store_id)
            for sku in one.units:
                need_own_store(one.store_id, self.line_of(sku).merchant_id)

    def has_gone_from(self, store_id: str) -> bool:
        """Whether the store has declined it and has not been given it again."""
        return self.has_declined(store_id) and self.store_id != store_id

    def has_declined(self, store_id: str) -> bool:
        return any(decline.store_id == store_id for decline in self.declines)

    def need_scope(self, by: Caller) -> None:
        if not by.in_scope(self.store_id):
            raise NoSuchOrder()

    def need_taken_back_at(self, store_id: str, by: Caller) -> None:
        """What another sold is missing to whoever is bound to a store or a merchant."""
        if by.is_bound and owner_of(store_id) != self.merchant_id:
            raise NoSuchOrder()
        need_own_store(store_id, self.merchant_id)

    def need_store(self, store_id: str, by: Caller) -> None:
        """Who speaks for a store must name the order's own; out of scope the order is missing."""
        self.need_scope(by)
        if self.store_id != store_id:
            raise AnotherStores()

    @property
    def awaits_acceptance(self) -> bool:
        return self.status in TO_ACCEPT and not self.held

    @property
    def awaits_split(self) -> bool:
        return self.status in TO_ACCEPT and bool(self.held)

    def accept_by(self, accept_time: timedelta) -> datetime | None:
        """Until when its store should have accepted it or declined."""
        return self.moved_at + accept_time if self.awaits_acceptance else None

    def needs_chase(self, accept_time: timedelta, now: datetime) -> bool:
        deadline = self.accept_by(accept_time)
        return deadline is not None and deadline <= now and self.chased_at is None

    @property
    def counted_in(self) -> Place:
        return self.sold_to or Place(country=self.address.country, region=self.address.region)

    def is_as(self, wanted: "AddressCorrection") -> bool:
        return wanted.address in (None, self.address) and wanted.contact in (None, self.contact)

    @property
    def may_revive(self) -> bool:
        """Whether money that comes after its end may bring it back: it was never paid, and its goods were no others'.

        What was set aside for a flash sale is the sale's again, and an exchange has a case of its own.
        """
        never_paid = self.status == "cancelled" and not self.has_been("paid")
        return never_paid and self.sale is None and self.exchange_of is None

    @property
    def timed_out(self) -> bool:
        """Whether nobody ended it but the clock."""
        return self.history[-1].by == CLOCK.id

    def revived(self, holders: Sequence[Holding], at: datetime, by: str) -> "Order":
        """Paid after its end and served after all, by these."""
        if not self.may_revive:
            raise NotInThatState(f"Order {self.number} cannot be brought back", state=self.status)
        store_id, held = store_of(holders), held_by(holders)
        return self.moved("paid", at, by).but(store_id=store_id, held=held, cancel_reason=None, letting_go=None)

    def asks_to_let_go(self, asked: LettingGo) -> "Order":
        if not self.awaits_payment:
            self.need_to_ship()
        return self.but(letting_go=asked)

    def was_let_go(self, asked: LettingGo) -> bool:
        return self.status == "cancelled" and self.letting_go == asked

    def let_go_for(self, heard_by: str) -> LettingGo:
        """Why it ends, now that somebody has heard that the provider holds its money no more."""
        return self.letting_go or LettingGo(reason=LAPSED, by=heard_by, lapsed=True)

    def corrected(self, to: "AddressCorrection", terms: FreightTerms | None, at: datetime, by: str) -> "Order":
        """Going elsewhere, or to be reached otherwise; without `terms` nothing changes about its freight."""
        if self.status not in TO_CORRECT:
            raise TooLateToCorrect(state=self.status)
        if to.address and self.pickup_store_id:
            raise ToBeFetched(store_id=self.pickup_store_id)
        if len(self.corrections) >= MOST_CORRECTIONS:
            raise CorrectedTooOften(most=MOST_CORRECTIONS)
        address, contact = to.address or self.address, to.contact or self.contact
        before = self.corrections[-1].borne_minor if self.corrections else self.freight_minor
        after = terms.freight_of(self.bought, self.currency, address.country, self.store_id) if terms else before
        difference = terms.with_tax(after - before) if terms else 0
        refunded = -difference if to.refund_difference and difference < 0 else 0
        if refunded and self.held:  # a part gets its share of all that was paid, so all of it must be there
            raise ToBeSplit()
        if refunded and any(line.settled for line in self.lines):
            raise RefundedInPart()
        correction = Correction(
            at=at,
            by=by,
            reason=to.reason,
            freight_before_minor=before,
            freight_after_minor=after,
            difference_minor=difference,
            refunded_minor=refunded,
        )
        return self._paid_back(refunded, tax_minor=refunded and refunded - (before - after)).but(
            address=address,
            contact=contact,
            corrections=(*self.corrections, correction),
            sold_to=self.counted_in if self.has_been("paid") else None,
        )

    def _paid_back(self, freight_minor: int, tax_minor: int) -> "Order":
        """With so much less borne for its lines, each by its share: what is refunded of them later is of the rest.

        `tax_minor` of it is the tax on the freight.
        """
        parts = money.apportion(freight_minor, [line.borne_minor for line in self.lines])
        taxes = money.apportion(tax_minor, parts)
        lines = (
            line.but(freight_back_minor=line.freight_back_minor + part, tax_back_minor=line.tax_back_minor + tax)
            for line, part, tax in zip(self.lines, parts, taxes, strict=True)
        )
        return self.but(lines=tuple(lines))

    def with_commission(self, fees: Mapping[str, int]) -> "Order":
        """With the shop's commission on these lines, by SKU; what is refunded of it later is a share of this."""
        lines = (line.but(commission_minor=fees.get(line.sku, line.commission_minor)) for line in self.lines)
        return self.but(lines=tuple(lines))

    def asked(self, text: str, at: datetime, by: str) -> "Order":
        if len(self.questions) >= MOST_QUESTIONS:
            raise AskedTooOften(most=MOST_QUESTIONS)
        return self.but(questions=(*self.questions, Question(text=text, at=at, by=by)))

    def shipped_by(self, units: Mapping[str, int], at: datetime, by: str) -> "Order":
        """The order after a parcel with these units; all gone means shipped."""
        if self.pickup_store_id:
            raise ToBeFetched(store_id=self.pickup_store_id)
        states.move(STATES, self.status, "shipped", f"Order {self.number}")
        self._need_left(units)
        after = self._with(lambda line: line.but(shipped=line.shipped + units.get(line.sku, 0)))
        return after.moved("part_shipped" if after.unshipped() else "shipped", at, by)

    def without(self, units: Mapping[str, int], at: datetime, by: str) -> "Order":
        """The order after these units were left out; where nothing is left to ship it is shipped, or is cancelled."""
        self.need_to_ship()
        self._need_left(units)
        after = self._with(lambda line: line.but(dropped=line.dropped + units.get(line.sku, 0)))
        if after.unshipped():
            return after
        return after.moved("shipped" if any(line.shipped for line in self.lines) else "cancelled", at, by)

    def with_substitute(self, sku: str, goods: Substitute, units: int) -> "Order":
        """With a line of other goods for units that are missing; what was paid stays as it is."""
        if any(line.sku == goods.sku for line in self.lines):
            raise InThisOrder(sku=goods.sku)
        if len(self.lines) >= MOST_LINES:
            raise TooManyLines(f"At most {MOST_LINES} different SKUs in one order", most=MOST_LINES)
        added = self.but(lines=(*self.lines, self.line_of(sku).replaced_by(goods, units)))
        return added._with(lambda line: line.but(substituted=line.substituted + units) if line.sku == sku else line)

    def shortage(self, shortage_id: str) -> Shortage:
        for one in self.shortages:
            if one.shortage_id == shortage_id:
                return one
        raise NoSuchShortage()

    def with_shortage(self, shortage: Shortage) -> "Order":
        """With one that is new, of units that are still to leave; of each SKU one at a time waits for its answer."""
        self.need_to_ship()
        if self.held:
            raise ToBeSplit()
        self._need_left({shortage.sku: shortage.units})
        if shortage.sku in self.short():
            raise ShortageOpen(sku=shortage.sku)
        if len(self.shortages) >= MOST_SHORTAGES:
            raise TooManyShortages(most=MOST_SHORTAGES)
        return self.but(shortages=(*self.shortages, shortage))

    def with_moved(self, shortage: Shortage) -> "Order":
        """With the shortage as it is after a move."""
        known = (shortage if one.shortage_id == shortage.shortage_id else one for one in self.shortages)
        return self.but(shortages=tuple(known))

    def need_to_ship(self) -> None:
        if not self.waits_to_leave and self.status != "ready":
            raise NotInThatState(
                f"Order {self.number} is {self.status}: nothing of it waits to leave", state=self.status
            )

    def _need_none_short(self) -> None:
        """What leaves as a whole waits for the answer about what is missing."""
        for sku in self.short():
            raise ShortageOpen(sku=sku)

    def _need_left(self, units: Mapping[str, int]) -> None:
        left = self.unshipped()
        for sku, quantity in units.items():
            if quantity > left.get(sku, 0):
                raise NotInThisOrder(f"{left.get(sku, 0)} of {sku} are left to ship", sku=sku, left=left.get(sku, 0))

    def _with(self, change: Callable[[OrderLine], OrderLine]) -> "Order":
        """With each line changed; a shortage of which nothing is left to ship is over."""
        after = self.but(lines=tuple(change(line) for line in self.lines))
        left = after.unshipped()
        return after._closing(lambda shortage: shortage.sku not in left)

    def _closing(self, is_over: Callable[[Shortage], bool]) -> "Order":
        return self.but(
            shortages=tuple(one.moved("closed") if one.unsettled and is_over(one) else one for one in self.shortages)
        )

    def laid_out(self, at: datetime, by: str) -> "Order":
        """The order that now waits in its store for its buyer."""
        if self.pickup_store_id is None:
            raise NotFetched()
        self._need_none_short()
        return self.moved("ready", at, by)

    def need_waiting(self) -> None:
        if self.status != "ready":
            raise NotWaiting(state=self.status)

    def fetched(self, at: datetime, by: str) -> "Order":
        """All that was left of it was handed to its buyer: it has arrived with that."""
        self.need_waiting()
        self._need_none_short()
        left = self.unshipped()
        lines = tuple(line.but(shipped=line.shipped + left.get(line.sku, 0)) for line in self.lines)
        return self.but(lines=lines, delivered_at=at).moved("received", at, by)

    def arrived(self, at: datetime, by: str) -> "Order":
        """A parcel has; what waits in a store arrives by being fetched."""
        if self.status == "ready":
            raise ToBeFetched(store_id=self.pickup_store_id)
        return self.moved("received", at, by).but(delivered_at=at)

    def refunded_by(self, units: Mapping[str, int]) -> "Order":
        """The order with so many more units given back; never more than it has."""
        for line in self.lines:
            if line.refunded + units.get(line.sku, 0) > line.quantity:
                raise NotInThisOrder(
                    f"{line.quantity - line.refunded} of {line.sku} can still be refunded", sku=line.sku
                )
        lines = tuple(line.but(refunded=line.refunded + units.get(line.sku, 0)) for line in self.lines)
        return self.but(lines=lines)

    @property
    def awaits_payment(self) -> bool:
        return self.status == "awaiting_payment"

    @property
    def takes_payment(self) -> bool:
        """Whether money that comes for it is for its goods: for an exchange it is what they cost more."""
        return self.status in ("awaiting_payment", "awaiting_return")

    def need_status(self, status: str) -> None:
        if self.status != status:
            raise NotInThatState(f"Order {self.number} is {self.status}, not {status}", state=self.status)

    def has_been(self, status: str) -> bool:
        """Whether the order has been in that state."""
        return any(step.status == status for step in self.history)

    @property
    def sold_at_till(self) -> bool:
        return self.delivery_method == "till"

    def need_something_to_pay(self) -> None:
        if self.total_minor == 0:
            raise CostsNothing()

    @property
    def waits_to_leave(self) -> bool:
        return self.status in TO_SHIP

    def is_past(self, step: str) -> bool:
        """Whether what a waiting step of the workflow waits for has happened."""
        return any(self.has_been(status) for status in AWAITED[step])

    def need_same_request(self, fingerprint: str) -> None:
        """A repeated command meets its own first run; another under the same key is refused."""
        if self.request_fingerprint != fingerprint:
            raise IdempotencyKeyReused()

    def need_buyer(self, caller: Caller) -> None:
        if self.buyer_id != caller.id:
            raise NoSuchOrder()
