"""One page of a list."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """`next_cursor` is opaque and good for the same caller and the same list only; null on the last page."""

    model_config = ConfigDict(defer_build=True)

    items: list[T]
    next_cursor: str | None = None
