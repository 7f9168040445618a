"""One page of a list."""

from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """`next_cursor` is opaque and good for the same caller and the same list only; null on the last page."""

    items: list[T]
    next_cursor: str | None = None
