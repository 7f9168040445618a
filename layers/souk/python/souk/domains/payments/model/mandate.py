"""A mandate: what a member lets the shop charge to a kept method without asking each time, and up to which limits."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from souk.kernel.errors import Forbidden, Missing
from souk.kernel.paying import PaymentPassword
from souk.kernel.shapes import MAX_MINOR, Id, Input, Mark, Noun, Versioned

# So long what was charged on a day is counted for those who ask.
DAY_KEPT = timedelta(days=60)


class NoSuchMandate(Missing):
    title = "No such mandate"


class OverMandate(Forbidden):
    """`limit` says which: that of a `charge`, or of a `day`."""

    title = "More than the mandate lets the shop charge"


class MandateOver(Forbidden):
    title = "The mandate has been revoked"


class MandateProofNeeded(Forbidden):
    title = "To let so much be charged tell the payment password"


class MandateDraft(Input):
    """In the shop's currency; `terms_version` names the text that was agreed to.

    With the payment password, where a limit is above what is paid out of a balance without a proof.
    """

    method_id: Id
    charge_limit_minor: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
    day_limit_minor: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
    terms_version: Id
    payment_password: Annotated[PaymentPassword | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _a_day_has_a_charge(self) -> Self:
        if self.charge_limit_minor > self.day_limit_minor:
            raise ValueError("charge_limit_minor is above day_limit_minor")
        return self

    def terms(self) -> dict[str, str | int]:
        return self.model_dump(exclude={"payment_password"})


class MandateView(Noun):
    """`revoked_at` is None while it holds."""

    mandate_id: str
    method_id: str
    currency: str
    charge_limit_minor: int
    day_limit_minor: int
    terms_version: str
    agreed_at: datetime
    revoked_at: datetime | None = None


class MandateToday(MandateView):
    """What is left of the limit of that day of the shop's calendar."""

    day: str
    left_minor: int


class Mandate(MandateView, Versioned):
    """What was agreed to, when and whence; revoked it stays, to prove what was charged before."""

    member_id: str
    ip: Annotated[str, Mark.WITHHELD] = ""

    def today(self, day: str, charged_minor: int) -> MandateToday:
        left = 0 if self.revoked_at else max(0, self.day_limit_minor - charged_minor)
        return MandateToday(**self.model_dump(include={*MandateView.model_fields}), day=day, left_minor=left)

    def is_for(self, draft: MandateDraft, currency: str) -> bool:
        """Agreed to twice, it is the same."""
        terms = draft.terms()
        said = self.model_dump(include={*terms})
        return self.revoked_at is None and self.currency == currency and said == terms

    def need(self, amount_minor: int, currency: str) -> None:
        """Refused where a charge is above the limit of one; that of a day is counted as it is charged."""
        if self.revoked_at:
            raise MandateOver(mandate_id=self.mandate_id)
        if currency != self.currency or amount_minor > self.charge_limit_minor:
            raise self.over("charge", self.charge_limit_minor, amount_minor)

    def over(self, limit: str, limit_minor: int, asked_minor: int) -> OverMandate:
        return OverMandate(
            mandate_id=self.mandate_id,
            limit=limit,
            limit_minor=limit_minor,
            asked_minor=asked_minor,
            currency=self.currency,
        )


class MandateDay(Noun):
    """What was charged to a kept method without asking on a day of the shop's calendar, or is just being charged: by
    whichever mandate, so that to agree anew makes no room.
    """

    member_id: str
    method_id: str
    day: str
    charged_minor: int = 0
    expires_at: datetime | None = None


def day_of(at: datetime, time_zone: str) -> str:
    return at.astimezone(ZoneInfo(time_zone)).date().isoformat()
