"""Fees: what the shop keeps of a merchant's sales, by rules that are made for days to come and never changed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from souk.kernel import money
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import BasisPoints, Currency, Date, Id, Input, Minor, Noun

EVERY_MERCHANT = "every-merchant"  # stands where a merchant would, for a rule that is for all of them
MOST_RULES = 500


class FeeReferenceUsed(Conflict):
    title = "There is another fee rule with this reference"


class FeeInThePast(Refused):
    title = "A fee rule begins today or later: what was sold has its fee"


class TooManyFeeRules(Refused):
    title = "Too many fee rules for one merchant"


class FeeRuleDraft(Input):
    """A part of what is paid for the goods, and an amount a unit; together at most `cap_minor` a unit.

    Without a merchant it is for all of them, without a category for all goods; a category has what lies below it. The
    reference is the client's: sent twice, it is one rule.
    """

    reference: Id
    merchant_id: Id | None = None
    category_id: Id | None = None
    from_day: Annotated[Date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
    currency: Currency
    basis_points: BasisPoints = 0
    fixed_minor: Minor = 0
    cap_minor: Minor | None = None

    def need_ahead(self, today: date) -> None:
        if self.from_day < today:
            raise FeeInThePast(from_day=self.from_day.isoformat(), today=today.isoformat())


class FeeRule(Noun):
    """Per unit, so that it is the same however units are grouped into lines and orders."""

    rule_id: str
    reference: str
    merchant_id: str
    category_id: str | None = None
    from_day: date
    currency: str
    basis_points: int
    fixed_minor: int
    cap_minor: int | None = None
    made_at: datetime
    made_by: str

    def need_same(self, draft: FeeRuleDraft) -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        mine = self.model_dump(include=set(FeeRuleDraft.model_fields))
        if mine != draft.model_dump() | {"merchant_id": draft.merchant_id or EVERY_MERCHANT}:
            raise FeeReferenceUsed(rule_id=self.rule_id)

    def fee_minor(self, paid_minor: int, units: int) -> int:
        """Rounded once, and never more than what was paid for the goods."""
        fee = money.fraction(paid_minor, self.basis_points) + self.fixed_minor * units
        if self.cap_minor is not None:
            fee = min(fee, self.cap_minor * units)
        return min(fee, max(0, paid_minor))


def rule_for(rules: Iterable[FeeRule], path: Sequence[str], currency: str, today: date) -> FeeRule | None:
    """Of the rules of one merchant and of all, the most specific, of those the newest that has begun.

    `path` are the categories of the goods, the nearest first.
    """
    depth = {category_id: len(path) - place for place, category_id in enumerate(path)} | {None: 0}
    fitting = (
        rule for rule in rules if rule.currency == currency and rule.from_day <= today and rule.category_id in depth
    )
    return max(
        fitting,
        key=lambda rule: (
            rule.merchant_id != EVERY_MERCHANT,
            depth[rule.category_id],
            rule.from_day,
            rule.made_at,
            rule.rule_id,
        ),
        default=None,
    )
