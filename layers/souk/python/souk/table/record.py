"""How a noun becomes an item and an item a noun: the pydantic model is the only declaration."""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from souk.kernel import clock
from souk.table.keys import NUMBERS, Entity
from souk.table.port import At, Row

N = TypeVar("N", bound=BaseModel)
_BESIDE = (*NUMBERS, "version")
LONG = 768  # bytes of text from which packing may save a write unit, which is a kilobyte begun


def at(entity: Entity, values: Mapping[str, Any]) -> At:
    return At(*entity.main.of(values))


def row_of(entity: Entity, noun: BaseModel) -> Row:
    """The item: keys, kind, version, numbers beside the body, the body as JSON and its card for the indexes.

    A long body is packed (zlib), for a write is paid by the kilobyte, and twice in a transaction.
    """
    values = {name: getattr(noun, name) for name in entity.fields}
    pk, sk = entity.main.of(values)
    beside = {*entity.numbers, "version"}
    left_out = {*beside, *type(noun).model_computed_fields}  # what is computed is computed again when it is read
    row: Row = {
        "PK": pk,
        "SK": sk,
        "kind": entity.kind,
    }
    text = noun.model_dump_json(exclude=left_out, exclude_none=True)
    row |= {"packed": zlib.compress(text.encode())} if len(text) > LONG else {"body": text}
    row |= {name: getattr(noun, name) for name in beside if hasattr(noun, name)}
    for index, key in entity.by.items():
        if all(values[name] is not None for name in key.fields):
            row[f"{index}pk"], row[f"{index}sk"] = key.of(values)
    if any(name.startswith("gsi") for name in row) and entity.card:
        row["card"] = noun.model_dump_json(include=set(entity.card), exclude_none=True)
    if entity.expires and (expires := getattr(noun, entity.expires)):
        row["expires_at"] = epoch(expires)
    return row


def to(model: type[N], row: Row) -> N:
    """The noun, from the body or, where an index was asked, from the card."""
    noun = model.model_validate_json(text_of(row))
    beside = {name: row[name] for name in _BESIDE if name in row and name in model.model_fields}
    return noun.model_copy(update=beside) if beside else noun


def text_of(row: Mapping[str, Any]) -> str:
    """The JSON text of an item: its body, or the card where an index was asked."""
    if packed := row.get("packed"):
        return zlib.decompress(packed).decode()
    return str(row.get("body") or row["card"])


def epoch(at: datetime) -> int:
    return int(at.timestamp())


def key_body(key: Mapping[str, Any]) -> str:
    """The body of an item that only counts: the values its key is made of."""
    return json.dumps(key, default=clock.text, separators=(",", ":"))
