"""The profile: what a member says of themselves, and the proof that they are reached where they say."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic.types import StringConstraints

from souk.kernel import clock, masking
from souk.kernel.audit import AuditEntry
from souk.kernel.errors import Conflict, TooMany
from souk.kernel.one_time_code import PAUSE, Code, OneTimeCode, WrongCode
from souk.kernel.shapes import Date, Input, Language, Line, Mark, MobileNumber, Noun, SignInEmail, Versioned
from souk.kernel.uploads import PictureView

Channel = Literal["email", "phone"]
MOST_TRIES = 5
SETTLING = timedelta(days=1)
KEPT = timedelta(days=7)  # so long the former address can still be told
OLDEST = date(1900, 1, 1)


class SameAddress(Conflict):
    title = "That is the address already"


class ContactTooNew(Conflict):
    title = "That address was changed a short while ago; nothing is paid by a code that is sent there yet"


class NoTriesLeft(TooMany):
    title = "Tried too often; ask for another code"


def _has_been(day: date) -> date:
    if not OLDEST <= day <= clock.now().date():
        raise ValueError("is not a birthday")
    return day


Nickname = Annotated[Line, StringConstraints(max_length=40)]
Gender = Literal["female", "male", "other"]


class ProfileEdit(Input):
    """What it names is changed, null takes it away. Phone and e-mail are changed by a code that is sent there."""

    nickname: Nickname | None = None
    gender: Gender | None = None
    birthday: Annotated[Date, AfterValidator(_has_been)] | None = None


class NewEmail(Input):
    email: SignInEmail


class NewPhone(Input):
    phone: MobileNumber


class Proof(Input):
    code: Code


class Profile(Versioned):
    """`avatar` is the upload that the picture came from; `reached_since` says when an address was last changed."""

    member_id: str
    nickname: Annotated[str | None, Mark.WITHHELD] = None
    gender: Annotated[str | None, Mark.WITHHELD] = None
    birthday: Annotated[date | None, Mark.WITHHELD] = None
    phone: Annotated[str | None, Mark.WITHHELD] = None
    avatar: Annotated[str | None, Mark.WITHHELD] = None
    tier: int = 0
    reached_since: dict[Channel, datetime] = {}

    def need_settled(self, channel: Channel, at: datetime) -> None:
        """Whoever has got into an account changes the address first; until its owner could object, it proves little."""
        settled_at = self.reached_since.get(channel, at - SETTLING) + SETTLING
        if at < settled_at:
            raise ContactTooNew(settled_at=clock.text(settled_at))


class TierEdit(Input):
    tier: Annotated[int, Field(strict=True, ge=0, le=9)]


class MemberTier(Noun):
    """How a member stands with the shop; a higher tier goes first."""

    member_id: str
    tier: int


class PhoneOwner(Noun):
    """Who proved a number last, under a hash of it."""

    phone_hash: str
    member_id: str


class ProfileView(Noun):
    """`email` is what the member signs in with, `name` what they signed up by."""

    name: str | None
    email: str | None
    phone: str | None
    nickname: str | None
    gender: str | None
    birthday: date | None
    avatar: PictureView | None
    tier: int


class CodeSent(Noun):
    channel: Channel
    sent_to: str
    valid_until: datetime
    again_at: datetime


class ContactCode(OneTimeCode):
    """The last code that a member was sent on a channel; `former` is where they were reached before.

    It stays for a while after it was used: the same code sent again finds that it is done.
    """

    member_id: str
    channel: Channel
    address: str
    former: str | None = None
    language: Language
    expires_at: datetime
    tries_left: int = MOST_TRIES

    def need_proof(self, code: str, at: datetime) -> None:
        """Of a try that has been counted."""
        self.need_time(at)
        if not self.is_right(code):
            raise WrongCode(tries_left=self.tries_left)

    def former_contact(self, change_id: str, at: datetime, email: str | None) -> "FormerContact | None":
        """Where to tell of the change: at the address of before; of a first one by mail."""
        former = self.former or email
        if former is None:
            return None
        return FormerContact(
            member_id=self.member_id,
            change_id=change_id,
            channel=self.channel if self.former else "email",
            former=former,
            after=masked(self.channel, self.address) or "",
            language=self.language,
            expires_at=at + KEPT,
        )

    @property
    def change(self) -> dict[str, str | None]:
        """What the audit trail and the member's own history tell of it."""
        return {
            "channel": self.channel,
            "before": masked(self.channel, self.former),
            "after": masked(self.channel, self.address),
        }


class FormerContact(Noun):
    """Where a member was reached before a change, and what is said there: a later code does not touch it."""

    member_id: str
    change_id: str
    channel: Channel
    former: str
    after: str
    language: Language
    expires_at: datetime


class ContactChange(Noun):
    """A line of the member's own history."""

    at: datetime
    channel: str
    before: str | None
    after: str


def code_sent(code: OneTimeCode, channel: Channel, address: str) -> CodeSent:
    """What is told of it to whoever asked for it."""
    return CodeSent(
        channel=channel,
        sent_to=masked(channel, address) or "",
        valid_until=code.valid_until,
        again_at=code.sent_at + PAUSE,
    )


def masked(channel: Channel, address: str | None) -> str | None:
    masks = {"email": masking.domain, "phone": masking.tail}
    return address and masks[channel](address)


def contact_changes(entries: list[AuditEntry]) -> list[ContactChange]:
    told: list[tuple[datetime, Mapping[str, Any]]] = [(entry.at, entry.details) for entry in entries]
    return [ContactChange(at=at, **details) for at, details in told if "channel" in details]
