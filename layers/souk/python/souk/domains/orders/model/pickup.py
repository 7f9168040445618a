"""Goods that wait in a store for their buyer: how they are asked for, until when, and for which code they leave."""

import hmac
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.ids import CROCKFORD
from souk.kernel.shapes import Id, Input, Line, Versioned

CODE_LETTERS, MOST_TRIES = 8, 5


class NotLaidOut(Missing):
    title = "The order has not been laid out for its buyer"


class PickupExpired(Conflict):
    title = "The time to fetch the goods is over"


class PickupLocked(Conflict):
    title = "A wrong code was tried too often; staff may issue another"


class WrongPickupCode(Refused):
    title = "That is not the code of this order"


class HandOut(Input):
    """By the buyer's code in the store named; without it for a reason, which needs `orders.override`."""

    store_id: Id
    code: Annotated[str, Field(strict=True, pattern=rf"^[{CROCKFORD}]{{{CODE_LETTERS}}}$")] | None = None
    reason: Line | None = None

    @model_validator(mode="after")
    def _code_or_reason(self) -> Self:
        if (self.code is None) == (self.reason is None):
            raise ValueError("needs either code or reason")
        return self


class Pickup(Versioned):
    """Goods laid out for their buyer. `issue` counts the codes there have been; each of them has so many tries."""

    order_id: str
    store_id: str
    ready_at: datetime
    until: datetime
    reminded_at: datetime | None = None
    issue: int = 1
    tries_left: int = MOST_TRIES

    @property
    def remind_at(self) -> datetime:
        """When half of the time is over."""
        return self.ready_at + (self.until - self.ready_at) // 2

    def needs_reminder(self, now: datetime) -> bool:
        return self.reminded_at is None and now >= self.remind_at

    def is_over(self, now: datetime) -> bool:
        return now >= self.until

    def need_time(self, now: datetime) -> None:
        if self.is_over(now):
            raise PickupExpired(until=self.until.isoformat())

    def need_code(self, given: str, code: str) -> None:
        """Of a try that has been counted."""
        if not hmac.compare_digest(given, code):
            raise WrongPickupCode(tries_left=self.tries_left)

    def issued_anew(self) -> "Pickup":
        return self.but(issue=self.issue + 1, tries_left=MOST_TRIES)
