"""What is told of sales."""

from datetime import datetime

from souk.kernel.fact import Fact


class SaleTimed(Fact):
    """When the first may order and when it ends; told again where it is ended before its time."""

    sale_id: str
    opens_at: datetime
    ends_at: datetime


class _SetAside(Fact):
    sale_id: str
    store_id: str
    sku: str
    units: int


class SaleOpened(_SetAside):
    """So many units of the store's are set aside for the sale."""


class SaleEnded(_SetAside):
    """Of so many that were set aside, those that were not sold are the store's to sell again."""
