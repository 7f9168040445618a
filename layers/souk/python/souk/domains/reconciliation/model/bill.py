"""Bills: what a provider says of one day, how far it has been compared, and what the books know of it."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, computed_field

from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Missing, Refused
from souk.kernel.journal import JournalEntry
from souk.kernel.shapes import Date, Input, Noun, Versioned
from souk.kernel.uploads import Invitation, need_size

Provider = Literal["stripe", "wechat_pay", "alipay"]
Status = Literal["waiting", "compared", "refused"]
CONTENT_TYPE = "text/csv"
LARGEST, MOST_LINES = 100_000_000, 200_000
# More than this and it is not the bill of this shop, or not of this day.
MOST_DIFFERENCES = 2_000


class NoSuchBill(Missing):
    title = "No such bill"


class DayNotOver(Refused):
    title = "That day is not over yet at the provider"


class BillTooLong(Refused):
    title = "The bill has too many lines"


class TooDifferent(Refused):
    title = "The bill and the shop agree in too little"


class BillDraft(Input):
    """`day` is the provider's: UTC for Stripe, Beijing's for WeChat Pay and Alipay."""

    provider: Provider
    day: Annotated[Date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
    bytes: Annotated[int, Field(strict=True, ge=1, le=10**15)]


class BillUrl(Invitation):
    """The file is compared by itself once it is there; another one for the same day takes its place."""

    bill_id: str


class DaySum(Noun):
    """What moved on the provider's account in one currency: `net_minor` is how its balance changed.

    `exchanged_minor` is by how much what came in is more than the books had it for, where currencies were changed.
    """

    currency: str
    lines: int = 0
    received_minor: int = 0
    paid_back_minor: int = 0
    fees_minor: int = 0
    paid_out_minor: int = 0
    exchanged_minor: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def net_minor(self) -> int:
        return self.received_minor - self.paid_back_minor - self.fees_minor - self.paid_out_minor

    def moves(self, provider: str) -> dict[str, int]:
        """What the books did not know before; what was received and paid back they did."""
        known = self.exchanged_minor - self.fees_minor - self.paid_out_minor
        return {
            f"clearing:{provider}": known,
            f"provider_fees:{provider}": self.fees_minor,
            "bank": self.paid_out_minor,
            "exchange": -self.exchanged_minor,
        }


LATE = timedelta(days=2)  # well before a month is closed


class Bill(Versioned):
    """`etag` is that of the file that was read last, none while one waits to be read.

    `booked` is, by currency and account, what was booked of it.
    """

    bill_id: str
    provider: Provider
    day: date
    by: str
    asked_at: datetime
    etag: str | None = None
    compared_at: datetime | None = None
    refused: str | None = None
    matched: int = 0
    sums: tuple[DaySum, ...] = ()
    booked: dict[str, dict[str, int]] = {}
    entries: int = 0

    @property
    def key(self) -> str:
        return f"bills/{self.bill_id}.csv"

    @property
    def month(self) -> str:
        return self.day.isoformat()[:7]

    @property
    def owner(self) -> str | None:
        """Whose task its differences are at first; nobody's where the shop fetched it by itself."""
        return None if self.by.startswith("system:") else self.by

    @property
    def status(self) -> Status:
        if self.etag is None:
            return "waiting"
        return "refused" if self.refused is not None else "compared"

    def refusing(self, etag: str, why: str) -> "Bill":
        """What an earlier file said stays as it is."""
        return self.but(etag=etag, refused=why)

    def compared(self, etag: str, sums: Iterable[DaySum], matched: int, at: datetime) -> "Bill":
        return self.but(etag=etag, refused=None, compared_at=at, matched=matched, sums=tuple(sums))

    def news(self) -> tuple["Bill", list[JournalEntry]]:
        """The bill as booked, and what is to be booked for that: of a file that says the same as before nothing."""
        wanted = {one.currency: one.moves(self.provider) for one in self.sums}
        number, entries = self.entries + 1, []
        for currency in sorted({*wanted, *self.booked}):
            moves = Counter(wanted.get(currency, {}))
            moves.subtract(self.booked.get(currency, {}))
            entry = JournalEntry.of(
                self.bill_id,
                f"bill:{number}:{currency}",
                at=self._booked_at(),
                store_id=HEAD_OFFICE,
                currency=currency,
                moves=moves,
            )
            if entry.postings:
                entries.append(entry)
        return self.but(booked=wanted, entries=number if entries else self.entries), entries

    def _booked_at(self) -> datetime:
        """At the end of its day in UTC, as the books count their days; of a day that is long past, when it is compared.

        Its month may be closed by then.
        """
        end = datetime.combine(self.day, time(23, 59, 59), UTC)
        late = self.compared_at and self.compared_at > end + LATE
        return self.compared_at if late and self.compared_at else end


class BillReport(Noun):
    """`refused` says why the last file was not taken; the sums are those of the last one that was."""

    bill_id: str
    provider: Provider
    day: date
    status: Status
    by: str
    compared_at: datetime | None
    refused: str | None
    matched: int
    sums: tuple[DaySum, ...]

    @classmethod
    def of(cls, bill: Bill) -> "BillReport":
        return cls(**{name: getattr(bill, name) for name in cls.model_fields})


def need_readable(size: int) -> None:
    need_size("A bill", size, LARGEST)


def period(day: date, ahead: timedelta) -> tuple[datetime, datetime]:
    """From when to when a provider counts a day whose clocks are so far ahead of UTC."""
    begins = datetime.combine(day, time(), UTC) - ahead
    return begins, begins + timedelta(days=1)


def need_over(day: date, ahead: timedelta, now: datetime) -> None:
    if period(day, ahead)[1] > now:
        raise DayNotOver(day=day.isoformat())


class Sums:
    """Adds up a bill, currency by currency."""

    def __init__(self) -> None:
        self._sums: dict[str, Counter[str]] = {}

    def add(self, currency: str, **counts: int) -> None:
        self._sums.setdefault(currency, Counter()).update(counts)

    def all(self) -> list[DaySum]:
        return [DaySum(currency=currency, **found) for currency, found in sorted(self._sums.items())]
