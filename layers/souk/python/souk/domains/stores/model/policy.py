"""The after-sales policy: what the shop promises about goods that are given back, as it is published."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import ConfigDict, Field

from souk.kernel.shapes import Id, Noun, Texts

Days = Annotated[int, Field(strict=True, ge=0, le=3650)]


class CategoryWindow(Noun):
    """Of goods in the category, and in those below it that have no window of their own; None is for ever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category_id: Id
    return_days: Days | None = None


class AfterSalesPolicy(Noun):
    """`text` are the standards in the shop's own words. Goods are given back until the end of the day that comes
    `return_days` after the day of their arrival, by the shop's calendar; None is for ever.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Texts | None = None
    return_days: Days | None = None
    categories: Annotated[Sequence[CategoryWindow], Field(max_length=200)] = []

    def days_of(self, path: Sequence[str]) -> int | None:
        """`path` are the goods' categories, the nearest first."""
        known = {one.category_id: one.return_days for one in self.categories}
        return next((known[category_id] for category_id in path if category_id in known), self.return_days)


class PublishedPolicy(AfterSalesPolicy):
    """`version` is that of the settings which it came into force with or stood unchanged in; orders name it."""

    version: int
    time_zone: str
