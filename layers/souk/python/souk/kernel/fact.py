"""Facts: what happened, said by the domain in the past tense and told to whoever listens."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """Class name = detail-type, `souk.<domain>` = source; a breaking change counts `schema_version` up."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    schema_version: ClassVar[int] = 1

    @classmethod
    def name(cls) -> str:
        return cls.__name__

    @classmethod
    def source(cls) -> str:
        """`souk.domains.orders.events` -> `souk.orders`."""
        return f"souk.{cls.__module__.split('.')[2]}"
