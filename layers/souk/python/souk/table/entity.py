"""What a kind of item is, and how its keys are filled in."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any
from zlib import crc32

from souk.kernel import clock
from souk.kernel.errors import Missing

_CALENDAR = {"month": "%Y-%m", "day": "%Y-%m-%d"}
_FOREIGN = re.compile(r"[#\x00-\x1f\x7f]")


class Key:
    """A partition and a sort key as templates: `Key("ORDER#{order_id}", "ORDER")`."""

    def __init__(self, pk: str, sk: str) -> None:
        self.pk, self.sk = pk, sk

    @cached_property
    def fields(self) -> frozenset[str]:
        return fields_of(self.pk) | fields_of(self.sk)

    def of(self, values: Mapping[str, Any]) -> tuple[str, str]:
        return fill(self.pk, values), fill(self.sk, values)


def names(words: str) -> tuple[str, ...]:
    """Of fields, one after another."""
    return tuple(words.split())


def fields_of(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The key with its values; what could never be stored (empty, `#`, control characters) is simply missing.

    `{at:month}` is 2026-11, `{at:day}` 2026-11-22, `{number:012d}` is padded, `{order_id:shard4}` spreads over four
    partitions, of which an integer names one.
    """
    return "".join(
        [literal + _spell(values[name], spec) if name else literal for literal, name, spec in _parts(template)]
    )


@cache
def _parts(template: str) -> tuple[tuple[str, str, str], ...]:
    """A literal, and the field after it with its spelling; the last one may have none."""
    return tuple((literal, name or "", spec or "") for literal, name, spec, _ in string.Formatter().parse(template))


def _spell(value: Any, spec: str) -> str:
    if isinstance(value, datetime):
        return value.strftime(_CALENDAR[spec]) if spec else clock.text(value)
    if isinstance(value, int):
        return format(value, "d" if spec.startswith("shard") else spec)
    text = str(value)
    if not text or len(text.encode("utf-8", "replace")) > 512 or _FOREIGN.search(text):
        raise Missing()
    return str(shard_of(text, int(spec.removeprefix("shard")))) if spec else text


def shard_of(text: str, shards: int) -> int:
    return crc32(text.encode()) % shards


@dataclass(frozen=True)
class Entity:
    """A kind of item.

    `by` puts it into indexes (left out while one of the fields is None), where it shows its `card` fields only.
    `numbers` are kept beside the body, so that a change can count them up and down under a condition.
    `expires` names the field with the time after which the table may delete the item.
    `audited` spells the subject under which the audit trail tells of its changes. What has a history of its own says
    by itself what the shop did to it: of that the trail tells only what people did.
    """

    kind: str
    main: Key
    by: Mapping[str, Key] = field(default_factory=dict)
    card: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    expires: str | None = None
    audited: str | None = None
    own_history: bool = False

    @cached_property
    def fields(self) -> frozenset[str]:
        return self.main.fields.union(*(key.fields for key in self.by.values()))
