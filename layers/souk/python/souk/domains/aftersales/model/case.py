"""The refund case: what the buyer asks for, what it is worth, and how it went on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from souk.domains.aftersales.model.inspection import KEPT, Inspected, Inspection, inspected, units_of
from souk.domains.aftersales.model.lifecycle import ENDS, ESCALATED, STATES, WAITING, WATCHED
from souk.domains.aftersales.model.photos import NoSuchPhoto, Photo
from souk.domains.aftersales.model.pricing import Bought, CaseLine, priced_lines
from souk.domains.aftersales.model.returns import (
    Condition,
    Consignment,
    NothingToSendBack,
    ReturnIdUsed,
    StoreReturn,
)
from souk.domains.aftersales.model.review import MOST_QUESTIONS, AskedTooMuch, Rating, RatingDraft
from souk.domains.aftersales.model.wish import Kind, Reason
from souk.kernel import states
from souk.kernel.address import Address
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing
from souk.kernel.paying import RefundTo
from souk.kernel.shapes import Mark, Noun, Versioned, units_by_sku


class NoSuchCase(Missing):
    title = "No such case"


class CaseAlreadyOpen(Conflict):
    title = "A case about these goods is open"


class NotClosed(Conflict):
    title = "The case is not closed yet"


class RatedAlready(Conflict):
    title = "The case is rated already"


class Step(Noun):
    """What somebody did about the case, and with which words and photos; it is never changed or taken away."""

    status: str
    at: datetime
    by: str
    text: Annotated[str | None, Mark.WITHHELD] = None
    photos: tuple[Photo, ...] = ()


class CaseFace(Noun):
    """What everybody may see of a case.

    The buyer sends the goods to `return_address` by `parcel`; what the inspection refuses goes back by `sent_back`.
    For an exchange `replacement_id` is the order of the other goods, and `difference_minor` what they cost more, or
    below zero less. `refund_to` is where money goes.
    """

    case_id: str
    order_id: str
    order_number: str
    kind: Kind = "refund"
    status: str = "requested"
    reason: Reason
    currency: str
    amount_minor: int
    refund_to: RefundTo = "source"
    lines: tuple[CaseLine, ...]
    opened_at: datetime
    rating: Rating | None = None
    return_address: Address | None = None
    parcel: Consignment | None = None
    inspection: tuple[Inspected, ...] = ()
    sent_back: Consignment | None = None
    replacement_id: str | None = None
    difference_minor: int = 0


class RefundCase(CaseFace, Versioned):
    """A request for money back, or for other goods; its history is its log: who did what, when.

    `store_id` is the store that sold the goods, `returned_to` the one that has them again. Of `amount_minor` goodwill
    had paid back `ahead_minor` before. `assisted_by` is who of the staff asked in the buyer's name.
    """

    store_id: str
    buyer_id: str
    ahead_minor: int = 0
    escalated: bool = False
    returned_to: str | None = None
    condition: Condition | None = None
    assisted_by: str | None = None
    history: tuple[Step, ...]

    def need_same(self, brought: StoreReturn) -> None:
        """A repeated command meets its own first run; another under the same name is refused."""
        same_order = brought.order_id == self.order_id or brought.number == self.order_number
        said = (brought.units(), brought.condition, brought.refund_to)
        if not same_order or (self.units, self.condition, self.refund_to) != said:
            raise ReturnIdUsed(case_id=self.case_id)

    @property
    def units(self) -> dict[str, int]:
        return {line.sku: line.quantity for line in self.lines}

    def moved(self, to: str, at: datetime, by: str, text: str | None = None) -> "RefundCase":
        states.move(STATES, self.status, to, f"Case {self.case_id}")
        return self._with(Step(status=to, at=at, by=by, text=text)).but(status=to)

    def showing(self, photos: tuple[Photo, ...]) -> "RefundCase":
        """With the photos that came with its last step."""
        return self.but(history=(*self.history[:-1], self.history[-1].but(photos=photos)))

    def asked(self, question: str, at: datetime, by: str) -> "RefundCase":
        if sum(step.status == "more_asked" for step in self.history) >= MOST_QUESTIONS:
            raise AskedTooMuch()
        return self.moved("more_asked", at, by, question)

    def escalated_at(self, at: datetime, by: str) -> "RefundCase":
        """Once for each wait, however often the workflow reminds of it."""
        if self.history[-1].status == ESCALATED:
            return self
        return self._with(Step(status=ESCALATED, at=at, by=by)).but(escalated=True)

    def rated(self, draft: RatingDraft, at: datetime) -> "RefundCase":
        """One rating a case; the same again is the same."""
        if self.status not in ENDS:
            raise NotClosed(state=self.status)
        if self.rating and not self.rating.says(draft):
            raise RatedAlready()
        return self if self.rating else self.but(rating=Rating(at=at, **dict(draft)))

    def photo(self, photo_id: str) -> Photo:
        photos = (photo for step in self.history for photo in step.photos)
        found = next((photo for photo in photos if photo.photo_id == photo_id), None)
        if found is None:
            raise NoSuchPhoto()
        return found

    def _with(self, step: Step) -> "RefundCase":
        return self.but(history=(*self.history, step))

    def priced(self, bought: Sequence[Bought]) -> "RefundCase":
        """At what the units are worth now, after whatever else was given back meanwhile."""
        instead = {line.sku: line.instead for line in self.lines}
        lines = tuple(line.but(instead=instead[line.sku]) for line in priced_lines(self.units, bought))
        return self.but(lines=lines, amount_minor=sum(line.amount_minor for line in lines))

    @property
    def lies_in(self) -> str:
        """The store that has the goods, or is to have them."""
        return self.returned_to or self.store_id

    @property
    def asked_minor(self) -> int:
        """What its goods were worth before anybody had inspected them."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def due_minor(self) -> int:
        return self.amount_minor - self.ahead_minor

    def paid_back(self, at: datetime, by: str) -> "RefundCase":
        """The money is set aside; where none is due that is the end of it."""
        refunding = self.moved("refunding", at, by)
        return refunding if self.due_minor else refunding.moved("refunded", at, by)

    def sent_by(self, parcel: Consignment, by: str) -> "RefundCase":
        """Its buyer has sent the goods."""
        return self.moved("sent", parcel.at, by).but(parcel=parcel)

    def arrived(self, store_id: str, at: datetime, by: str) -> "RefundCase":
        """The goods are in the store, by the parcel or over the counter."""
        return self.moved("received", at, by).but(returned_to=store_id)

    def inspected_by(self, said: Inspection, bought: Sequence[Bought], at: datetime, by: str) -> "RefundCase":
        """With what its units are like, and what they are worth like that."""
        seen = self.moved("inspected", at, by)
        said.need_all(self.units)
        seen = seen.but(inspection=inspected(said, bought))
        if self.kind == "return":
            seen = seen.but(amount_minor=sum(line.refund_minor for line in seen.inspection))
        return seen

    def settled(self, at: datetime, by: str) -> "RefundCase":
        """After its inspection: money follows for what the shop keeps, or other goods, if all units pass."""
        if not self.kept:
            return self.moved("refused" if self.to_send_back else "lapsed", at, by)
        return self.moved("replacing", at, by) if self.kind == "exchange" else self.paid_back(at, by)

    def inspected_as(self, said: Inspection) -> bool:
        """A repeated command meets its own first run."""
        pairs = zip(self.inspection, said.lines, strict=False)
        return len(self.inspection) == len(said.lines) and all(line.is_as(other) for line, other in pairs)

    @property
    def kept(self) -> dict[str, int]:
        """The units that are the shop's again; those of an exchange only where all of them pass."""
        return {} if self._is_refused_whole else units_of(self.inspection, *KEPT)

    @property
    def _is_refused_whole(self) -> bool:
        return self.kind == "exchange" and any(line.outcome != "pass" for line in self.inspection)

    @property
    def deducted(self) -> dict[str, int]:
        """By SKU, what of the units' worth is not paid back."""
        return units_by_sku((line.sku, line.deducted_minor) for line in self.inspection)

    @property
    def to_send_back(self) -> dict[str, int]:
        """The units that the inspection has refused and that are still in the store."""
        if self.sent_back:
            return {}
        return units_of(self.inspection, "wrong_item", *(KEPT if self._is_refused_whole else ()))

    def with_sent_back(self, parcel: Consignment, by: str) -> "RefundCase":
        """What was refused is on its way to the buyer; if money or nothing else follows, that goes on by itself."""
        if not self.to_send_back:
            raise NothingToSendBack(state=self.status)
        if self.status == "refused":
            return self.moved("sent_back", parcel.at, by).but(sent_back=parcel)
        return self._with(Step(status="sent_back", at=parcel.at, by=by)).but(sent_back=parcel)

    @property
    def is_waited_for(self) -> bool:
        return self.status in WATCHED or bool(self.to_send_back)

    def waits_at(self, step: str) -> bool:
        return self.status in WAITING[step] or (step == "AwaitSettlement" and bool(self.to_send_back))

    def need_buyer(self, caller: Caller) -> None:
        if self.buyer_id != caller.id:
            raise NoSuchCase()


class OpenCase(Noun):
    """Stands beside the order while a case about this SKU waits for its decision: there is one at most."""

    order_id: str
    sku: str
    case_id: str


class CaseWait(Noun):
    """The step of the workflow that waits for the case, and how to tell it."""

    case_id: str
    step: str
    token: str


def need_none_open(skus: Iterable[str], opened: Mapping[str, str]) -> None:
    """`opened` tells the case that is open about a SKU."""
    for sku in skus:
        if sku in opened:
            raise CaseAlreadyOpen(sku=sku, case_id=opened[sku])


def status_by_refunds(amount_minor: int, refunds: Iterable[tuple[str, int]]) -> str:
    """Where a case of that amount stands by status and amount of its refunds.

    An earlier one may have failed before another was posted, and it may need several that make the amount together.
    """
    sums = {"posted": 0, "pending": 0, "awaiting": 0, "voided": 0}
    for status, part_minor in refunds:
        sums[status] += part_minor
    return (
        "refunded"
        if sums["posted"] >= amount_minor
        else "refunding"
        if sums["pending"] or sums["awaiting"]
        else "failed"
    )
