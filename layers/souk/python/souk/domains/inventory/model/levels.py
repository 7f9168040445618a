"""Levels of stock, as staff set and see them."""

from collections.abc import Sequence
from typing import Self

from pydantic import model_validator

from souk.domains.inventory.model.stock import AlertTo, Stock
from souk.kernel.shapes import Count, Input, Noun


class LevelsEdit(Input):
    """At or below the threshold the store is warned, or head office, or both; null warns nobody.

    From the reorder point on it is filled up to the target.
    """

    threshold: Count | None
    alert_to: AlertTo = "both"
    reorder_point: Count | None = None
    target: Count | None = None
    version: Count

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.reorder_point is not None and (self.target is None or self.target < self.reorder_point):
            raise ValueError("the target is below the reorder point")
        return self


class StockLevel(Noun):
    """Stock as staff see it; `version` is that of the levels."""

    sku: str
    store_id: str
    product_id: str
    on_hand: int
    reserved: int
    available: int
    incoming: int
    threshold: int | None
    reorder_point: int | None
    target: int | None
    alert_to: AlertTo
    low: bool
    version: int

    @classmethod
    def of(cls, stock: Stock) -> "StockLevel":
        return cls(**stock.model_dump(exclude={"version"}), version=stock.threshold_version)


class SkuLevels(Noun):
    """A SKU in the stores of the caller's scope, and their sum."""

    sku: str
    on_hand: int
    reserved: int
    available: int
    stores: list[StockLevel]

    @classmethod
    def of(cls, sku: str, stocks: Sequence[Stock]) -> "SkuLevels":
        return cls(
            sku=sku,
            stores=[StockLevel.of(stock) for stock in stocks],
            on_hand=sum(stock.on_hand for stock in stocks),
            reserved=sum(stock.reserved for stock in stocks),
            available=sum(stock.available for stock in stocks),
        )
