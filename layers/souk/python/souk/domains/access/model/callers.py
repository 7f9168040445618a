"""What is known of everyone who calls: their sessions, their records, and who of them works here."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.types import StringConstraints

from souk.domains.access.model.rights import PROFILE, SHOP, SIGN_OUT, Role, permissions
from souk.kernel import ids
from souk.kernel.caller import GUEST_PREFIX, Caller
from souk.kernel.errors import Conflict, Refused
from souk.kernel.owner import owner_of
from souk.kernel.shapes import Id, Input, Line, Mark, Noun, SignInEmail, Version, Versioned

GUEST_LIFE = timedelta(days=30)


class EmailTaken(Conflict):
    title = "There is an account with this e-mail address"


class LastOwner(Conflict):
    title = "The shop would be left without an owner"


class WrongSearch(Refused):
    title = "Say whose or what about: one actor or one subject, and days in their order"


# How strong it must be is the user pool's policy (infra/identity.yaml).
Password = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256)]
AuditName = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_:-]{1,100}$")]


def _no_doubles(values: list[str]) -> list[str]:
    return sorted(set(values))


class SignUp(Input):
    email: SignInEmail
    name: Line
    password: Password


class SignIn(Input):
    email: SignInEmail
    password: Password


class Refresh(Input):
    refresh_token: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=5000)]


class Session(Noun):
    """`id_token` goes into `Authorization: Bearer ...` for `expires_in` seconds; a refresh gives no `refresh_token`."""

    id_token: str
    refresh_token: str | None = None
    expires_in: int


class GuestSession(Noun):
    """A guest's `token` goes where a member's `id_token` goes. It cannot be asked for again."""

    token: str
    expires_at: datetime


_Stores = Annotated[list[Id], Field(max_length=50), AfterValidator(_no_doubles)]


class _StaffRights(Input):
    """No `stores` means all of them: of the merchant, if they work for one."""

    name: Line
    roles: Annotated[list[Role], Field(min_length=1, max_length=8), AfterValidator(_no_doubles)]
    stores: _Stores
    merchant_id: Id | None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if "owner" in self.roles and (self.stores or self.merchant_id):
            raise ValueError("an owner is bound to no store and no merchant")
        if "merchant" in self.roles and not self.merchant_id:
            raise ValueError("who runs a merchant's business needs a merchant")
        if any(owner_of(store_id) != self.merchant_id for store_id in self.stores):
            raise ValueError("who works for a merchant works in its stores, and nobody else does")
        if "store_manager" in self.roles and not self.stores:
            raise ValueError("a store manager needs a store")
        return self


class StaffDraft(_StaffRights):
    stores: _Stores = []
    merchant_id: Id | None = None
    email: SignInEmail
    password: Password


class StaffEdit(_StaffRights):
    """Says whose they are: left out, a merchant's clerk would be one of head office."""

    status: Literal["active", "disabled"]
    version: Version


class StaffMember(Noun):
    """Somebody who works here, as staff see each other."""

    caller_id: str
    email: str
    name: str
    roles: list[str]
    stores: list[str]
    merchant_id: str | None = None
    status: str
    version: int = 0


class CallerRecord(Versioned):
    """What the door reads of everyone who calls; it holds at the next request.

    `caller_id` is the user pool's `sub`, or a guest's `guest_id`. Tokens issued up to `valid_after` are void.
    """

    caller_id: Id
    kind: Literal["guest", "member", "staff"]
    status: Literal["active", "disabled"] = "active"
    email: Annotated[str | None, Mark.WITHHELD] = None
    name: Annotated[str | None, Mark.WITHHELD] = None
    roles: list[str] = []
    stores: list[str] = []
    merchant_id: str | None = None
    valid_after: datetime | None = None
    expires_at: datetime | None = None

    @property
    def directory(self) -> str | None:
        """Staff are listed by e-mail; buyers are not."""
        return "staff" if self.kind == "staff" else None

    @property
    def is_owner(self) -> bool:
        return self.status == "active" and "owner" in self.roles

    def admits(self, issued_at: datetime | None, now: datetime) -> bool:
        """Whether a token of that time lets its bearer in; a guest's token has no time."""
        if self.status != "active" or (self.expires_at and self.expires_at <= now):
            return False
        return not (self.valid_after and issued_at and issued_at <= self.valid_after)

    def caller(self) -> Caller:
        rights = {
            "guest": frozenset({SHOP}),
            "member": frozenset({SHOP, PROFILE, SIGN_OUT}),
            "staff": permissions(self.roles) | {SIGN_OUT},
        }
        may, stores = rights[self.kind], frozenset(self.stores)
        return Caller(id=self.caller_id, kind=self.kind, may=may, stores=stores, merchant_id=self.merchant_id)

    def as_staff(self) -> StaffMember:
        return StaffMember.model_validate(self.model_dump())


class StaffCount(Noun):
    """How many active owners there are: counted with every change, so that the last one stays."""

    owners: int = 0


class AuditSearch(Noun):
    """What was done to a subject, or by an actor, from the first to the last day, both included."""

    subject: str | None
    actor: str | None
    first: date
    last: date

    @property
    def since(self) -> str:
        return self.first.isoformat()

    @property
    def until(self) -> str:
        return (self.last + timedelta(days=1)).isoformat()

    def check(self) -> None:
        if bool(self.subject) == bool(self.actor) or self.last < self.first:
            raise WrongSearch()


def guest_id(token: str) -> str:
    """Of a guest's token nothing is kept but this."""
    return GUEST_PREFIX + ids.fingerprint(token)[:32]
