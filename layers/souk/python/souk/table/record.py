"""How a noun becomes an item and an item a noun: the pydantic model is the only declaration."""

import json
import zlib
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from souk.kernel import clock
from souk.table.entity import Entity
from souk.table.keys import NUMBERS
from souk.table.port import At, Row

N = TypeVar("N", bound=BaseModel)
BESIDE = (*NUMBERS, "version")
LONG = 768  # bytes of text from which packing may save a write unit, which is a kilobyte begun


def at(entity: Entity, values: Mapping[str, Any]) -> At:
    return At(*entity.main.of(values))


def row_of(entity: Entity, noun: BaseModel) -> Row:
    """The item: keys, kind, version, numbers beside the body, its card for the indexes, and as JSON what neither says.

    A long body is packed (zlib), for a write is paid by the kilobyte, and twice in a transaction.
    """
    values = {name: getattr(noun, name) for name in entity.fields}
    pk, sk = entity.main.of(values)
    beside = {*entity.numbers, "version"}
    row: Row = {"PK": pk, "SK": sk, "kind": entity.kind}
    row |= {name: getattr(noun, name) for name in beside if hasattr(noun, name)}
    for index, key in entity.by.items():
        if all(values[name] is not None for name in key.fields):
            row[f"{index}pk"], row[f"{index}sk"] = key.of(values)
    left_out = {*beside, *type(noun).model_computed_fields}  # what is computed is computed again when it is read
    if entity.card and any(name.startswith("gsi") for name in row):
        row["card"] = noun.model_dump_json(include=set(entity.card), exclude_none=True)
        left_out.update(entity.card)
    text = noun.model_dump_json(exclude=left_out, exclude_none=True)
    row |= {"packed": zlib.compress(text.encode())} if len(text) > LONG else {"body": text}
    if entity.expires and (expires := getattr(noun, entity.expires)):
        row["expires_at"] = epoch(expires)
    return row


def to(model: type[N], row: Row) -> N:
    """The noun; where an index was asked, what the card says of it."""
    noun = model.model_validate_json(text_of(row))
    beside = {name: row[name] for name in _beside(model) if name in row}
    return noun.model_copy(update=beside) if beside else noun


@cache
def _beside(model: type[BaseModel]) -> list[str]:
    return [name for name in BESIDE if name in model.model_fields]


def row_in(image: Mapping[str, Any]) -> Row:
    """What of an item its stream tells that is text."""
    return {name: b64decode(value["B"]) if "B" in value else value.get("S") for name, value in image.items()}


def text_of(row: Mapping[str, Any]) -> str:
    """The JSON text of an item, which its card begins and its body goes on; an index shows the card alone."""
    packed = row.get("packed")
    body = zlib.decompress(packed).decode() if packed else str(row.get("body", "{}"))
    said = [text[1:-1] for text in (str(row.get("card", "{}")), body)]
    return f"{{{','.join(filter(None, said))}}}"


def epoch(at: datetime) -> int:
    return int(at.timestamp())


def key_body(key: Mapping[str, Any]) -> str:
    """The body of an item that only counts: the values its key is made of."""
    return json.dumps(key, default=clock.text, separators=(",", ":"))
