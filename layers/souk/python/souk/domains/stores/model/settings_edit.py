"""What head office sends to change the settings, and what is kept of each change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from souk.domains.stores.model.hours import TimeZone
from souk.domains.stores.model.policy import AfterSalesPolicy, CategoryWindow, Days
from souk.domains.stores.model.settings import ShopSettings
from souk.kernel.errors import Missing
from souk.kernel.shapes import (
    Count,
    Input,
    Versioned,
)


class NoSuchVersion(Missing):
    title = "The settings have no such version"


class CategoryWindowDraft(CategoryWindow):
    """Whoever sets one says for how long."""

    return_days: Days | None


class AfterSalesPolicyDraft(AfterSalesPolicy):
    categories: Annotated[Sequence[CategoryWindowDraft], Field(max_length=200)] = []


class SettingsEdit(ShopSettings, Input):
    """All of the settings, with the version they were read at (0 where nothing was set yet)."""

    version: Count = 0
    after_sales: AfterSalesPolicyDraft = AfterSalesPolicyDraft()
    # Here only: to know the zones reads six hundred files, and settings are read by every function of buyers.
    time_zone: TimeZone = "UTC"


class Rollback(Input):
    """Goes back to the settings of that version; 0 is what the shop began with."""

    version: Count


class SettingsVersion(Versioned):
    """The settings from one change to the next: whole, and in what they differ from those before."""

    at: datetime
    by: str
    restored: int | None = None
    settings: ShopSettings
    before: dict[str, Any]
    after: dict[str, Any]
