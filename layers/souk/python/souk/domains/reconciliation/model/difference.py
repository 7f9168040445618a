"""Differences: what a bill and the shop tell differently of one transaction, until somebody has settled it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from pydantic import computed_field

from souk.domains.reconciliation.model.bill import Bill, Provider
from souk.kernel import ids, states
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Missing
from souk.kernel.journal import JournalEntry
from souk.kernel.shapes import Flag, Id, Input, Line, Noun, Versioned
from souk.kernel.states import States

# Resolved ones open again where a corrected bill says something else.
STATES: States = {"open": {"resolved"}, "resolved": {"open"}}
Status = Literal["open", "resolved"]
Kind = Literal["missing_here", "missing_there", "amount_differs"]
Place = tuple[str, str]  # a transaction's number, and the currency that the buyer paid it in
Named = tuple[str, str]  # a bill, and a difference of it
Moves = dict[str, dict[str, int]]  # by currency and account


class NoSuchDifference(Missing):
    title = "No such difference"


class Side(Noun):
    """What one side says: `minor` in the buyer's currency, and how it stands in the account, or in the books."""

    minor: int
    account_minor: int
    account_currency: str

    def plus(self, other: "Side") -> "Side":
        """Of the same transaction on the same day: it lies on one account."""
        return self.but(minor=self.minor + other.minor, account_minor=self.account_minor + other.account_minor)


Sides = tuple[Side | None, Side | None]  # theirs and ours of one transaction


class Movement(NamedTuple):
    """One movement of money, as the bill or as the shop has it."""

    number: str
    currency: str
    side: Side
    order_id: str | None = None


class Resolution(Input):
    """`write_off` books what the bill has more, or less, as other income or expense."""

    reason: Line
    write_off: Flag = False


class Assignment(Input):
    owner: Id


class Difference(Versioned):
    """A task for its owner. `booked` is, by currency and account, what its resolution booked.

    `partners` are the bills and differences with which it makes up one transaction, that the two tell on other days.
    """

    difference_id: str
    bill_id: str
    provider: Provider
    day: date
    number: str
    currency: str
    order_id: str | None = None
    theirs: Side | None = None
    ours: Side | None = None
    status: Status = "open"
    owner: str | None = None
    found_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    reason: str | None = None
    partners: tuple[Named, ...] = ()
    booked: Moves = {}

    @computed_field  # type: ignore[prop-decorator]
    @property
    def kind(self) -> Kind:
        if self.ours is None:
            return "missing_here"
        return "missing_there" if self.theirs is None else "amount_differs"

    @property
    def place(self) -> Place:
        return self.number, self.currency

    @property
    def sides(self) -> Sides:
        return self.theirs, self.ours

    def says_as(self, other: "Difference") -> bool:
        return self.sides == other.sides

    @property
    def named(self) -> Named:
        return self.bill_id, self.difference_id

    def settled_among(self, whole: Sequence["Difference"], at: datetime, booked: Moves) -> "Difference":
        others = [one for one in whole if one.named != self.named]
        days = " and ".join(sorted({one.day.isoformat() for one in others}))
        return self._resolved("system", f"It is in the bill of {days}", at, booked).but(
            partners=tuple(one.named for one in others)
        )

    def resolved(self, said: Resolution, at: datetime, by: str) -> "Difference":
        return self._resolved(by, said.reason, at, self._written_off() if said.write_off else {})

    def opened(self) -> "Difference":
        status = states.move(STATES, self.status, "open", f"The difference of {self.number}")
        return self.but(status=status, resolved_at=None, resolved_by=None, reason=None, partners=(), booked={})

    def entries(self, cause: str, at: datetime, back: bool = False) -> list[JournalEntry]:
        """What its resolution books, or takes back; `version` tells one resolution from the next."""
        sign = -1 if back else 1
        return [
            JournalEntry.of(
                self.bill_id,
                f"{cause}:{self.difference_id}:{self.version}:{currency}",
                at=at,
                store_id=HEAD_OFFICE,
                currency=currency,
                moves={account: sign * minor for account, minor in moves.items()},
                reference=self.number,
            )
            for currency, moves in self.booked.items()
        ]

    def _resolved(self, by: str, reason: str, at: datetime, booked: Moves) -> "Difference":
        status = states.move(STATES, self.status, "resolved", f"The difference of {self.number}")
        return self.but(status=status, resolved_at=at, resolved_by=by, reason=reason, booked=booked)

    def _written_off(self) -> Moves:
        """So that the account holds in the books what it holds at the provider."""
        over: Counter[str] = Counter()
        if self.theirs:
            over[self.theirs.account_currency] += self.theirs.account_minor
        if self.ours:
            over[self.ours.account_currency] -= self.ours.account_minor
        return {
            currency: {f"clearing:{self.provider}": minor, "other_income" if minor > 0 else "other_expense": -minor}
            for currency, minor in over.items()
            if minor
        }


def summed(movements: Iterable[Movement]) -> dict[Place, Movement]:
    """A refund that was sent and came back is two movements of one number."""
    sums: dict[Place, Movement] = {}
    for one in movements:
        known = sums.get((one.number, one.currency))
        sums[one.number, one.currency] = one._replace(side=known.side.plus(one.side)) if known else one
    return sums


def agree(parts: Iterable[Sides]) -> bool:
    """On one transaction, by what the buyer paid; nothing is the same as what came and went."""
    return sum((theirs.minor if theirs else 0) - (ours.minor if ours else 0) for theirs, ours in parts) == 0


def exchanged(parts: Iterable[Sides]) -> Counter[str]:
    """By how much the account holds more than the books had it for, by currency, of what both sides agree on."""
    more: Counter[str] = Counter()
    for theirs, ours in parts:
        if theirs:
            more[theirs.account_currency] += theirs.account_minor
        if ours:
            more[ours.account_currency] -= ours.account_minor
    return Counter({currency: minor for currency, minor in more.items() if minor})


def exchange_moves(provider: str, more: Mapping[str, int]) -> Moves:
    return {currency: {f"clearing:{provider}": minor, "exchange": -minor} for currency, minor in more.items()}


def compared(
    bill: Bill, theirs: Mapping[Place, Movement], ours: Mapping[Place, Movement], now: datetime
) -> tuple[int, Counter[str], list[Difference]]:
    """How many transactions agree, what was gained on them by exchange, and the differences."""
    matched, more, found = 0, Counter[str](), list[Difference]()
    for place in theirs.keys() | ours.keys():
        said, known = theirs.get(place), ours.get(place)
        sides = said.side if said else None, known.side if known else None
        if agree([sides]):
            matched += 1
            more.update(exchanged([sides]))
        else:
            found.append(_difference(bill, place, *sides, known.order_id if known else None, now))
    return matched, more, found


def _difference(
    bill: Bill, place: Place, theirs: Side | None, ours: Side | None, order_id: str | None, now: datetime
) -> Difference:
    return Difference(
        difference_id=ids.derived("dif", bill.bill_id, *place),
        bill_id=bill.bill_id,
        provider=bill.provider,
        day=bill.day,
        number=place[0],
        currency=place[1],
        order_id=order_id,
        theirs=theirs,
        ours=ours,
        owner=bill.owner,
        found_at=now,
    )
