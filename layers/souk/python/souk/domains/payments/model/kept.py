"""The methods of payment that a member keeps: where the provider has them, and what tells one from another."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.paying import KEEPABLE
from souk.kernel.shapes import Mark, Noun, Versioned

MOST_METHODS = 10
SETUP_LIFE = timedelta(days=1)


class NoSuchMethod(Missing):
    title = "No such kept method of payment"


class NothingKept(Refused):
    title = "There is no kept method of payment"


class TooManyMethods(Conflict):
    title = f"At most {MOST_METHODS} methods of payment are kept"


class StillKept(Conflict):
    title = "The payment provider keeps it still; send the same request again"


class KeptMethod(Noun):
    """By the provider's name for it; `expires` is the month after which it is good no more, as 2034-12."""

    method_id: str
    brand: str
    last4: str
    expires: str


class KeptMethodView(KeptMethod):
    """`mandate_id` names what lets the shop charge it without asking each time."""

    default: bool
    mandate_id: str | None


class MethodSetup(Noun):
    """A method on its way to be kept; `came_from` is the fingerprint of the address it was asked for from."""

    setup_id: str
    method: str = KEEPABLE
    came_from: str = ""
    begun_at: datetime

    def is_fresh(self, at: datetime) -> bool:
        """The provider wants none to lie about."""
        return at < self.begun_at + SETUP_LIFE


class SetupStart(Noun):
    """With these the browser shows the provider's own form, and confirms what is entered there."""

    setup_id: str
    client_secret: str
    publishable_key: str


class MethodBook(Versioned):
    """All that a member keeps, as the provider said last, in one item: so there is one default, and one setup at once.

    `account_id` is where the provider keeps it, `setups` counts what was begun. Of each method `mandates` names the
    mandate by which it is charged without asking, if there is one.
    """

    member_id: str
    account_id: str = ""
    methods: Annotated[tuple[KeptMethod, ...], Mark.WITHHELD] = ()
    default_id: str | None = None
    mandates: dict[str, str] = {}
    setup: MethodSetup | None = None
    setups: int = 0

    def get(self, method_id: str) -> KeptMethod:
        found = next((one for one in self.methods if one.method_id == method_id), None)
        if found is None:
            raise NoSuchMethod()
        return found

    def chosen(self, method_id: str | None) -> KeptMethod:
        """That one, or the default."""
        if method_id or self.default_id:
            return self.get(method_id or str(self.default_id))
        raise NothingKept()

    def view(self, method_id: str) -> KeptMethodView:
        found, mandate_id = self.get(method_id), self.mandates.get(method_id)
        return KeptMethodView(**dict(found), default=method_id == self.default_id, mandate_id=mandate_id)

    def all(self) -> list[KeptMethodView]:
        """The oldest first."""
        return [self.view(one.method_id) for one in self.methods]

    def need_room(self) -> None:
        if len(self.methods) >= MOST_METHODS:
            raise TooManyMethods(most=MOST_METHODS)

    def with_default(self, method_id: str) -> "MethodBook":
        return self.but(default_id=self.get(method_id).method_id)

    def with_mandate(self, method_id: str, mandate_id: str) -> "MethodBook":
        return self.but(mandates={**self.mandates, self.get(method_id).method_id: mandate_id})

    def without_mandate(self, mandate_id: str) -> "MethodBook":
        return self.but(mandates={one: known for one, known in self.mandates.items() if known != mandate_id})

    def holding(self, methods: Iterable[KeptMethod]) -> "MethodBook":
        """With these and no others; without its default the oldest is, and the mandates of what is gone go with it."""
        found = tuple(methods)
        ids = [one.method_id for one in found]
        return self.but(
            methods=found,
            default_id=self.default_id if self.default_id in ids else next(iter(ids), None),
            mandates={one: mandate_id for one, mandate_id in self.mandates.items() if one in ids},
        )
