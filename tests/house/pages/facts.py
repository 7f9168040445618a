"""docs/events.md and the files in events/: each fact's JSON Schema and an example of it on the bus."""

import json
import types
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from souk.kernel.fact import Fact
from souk.kernel.shapes import Texts
from tests.house.code import declared, snake
from tests.house.pages.markdown import PRINTED, code, table
from tests.support import template
from tests.support.template import ROOT

INTRODUCTION = f"""# Facts

{PRINTED}

A fact is said by the domain in the transaction that makes it true, and told on the bus at least once, in no
certain order: detail-type and source below, and in `detail` the `fact_id` (the same however often it is told),
`told_at`, `schema_version`, `correlation_id` (of the request that it follows from), and the fact itself as `data`.
Schemas and examples lie in `events/`.
"""
SAMPLES: Mapping[str, Any] = {
    "number": "01KAJ-6M2C-9XQ4-T7VE",
    "order_number": "01KAJ-6M2C-9XQ4-T7VE",
    "currency": "EUR",
    "country": "PT",
    "region": "Lisboa",
    "buyer_id": "mem_01KAJ6M2C9XQ4T7VE0000000B1",
    "sku": "MUG-BLUE",
    "by": "system:scheduler",
    "name": {"en": "Mug", "zh": "马克杯"},
    "carrier": "dhl",
    "tracking_number": "JJD014600003",
    "reason": "not_wanted",
    "question": "Is the number of the house right?",
    "failure": "Unavailable",
    "difference_minor": -390,
    "refunded_minor": 390,
    "cause": "refund of MUG-BLUE",
    "decline_code": "insufficient_funds",
    "status": "requested",
    "units": 2,
    "total_minor": 2790,
    "amount_minor": 1395,
    "due_minor": 1395,
    "payable_minor": 1395,
    "minor": 1395,
    "overdrawn_minor": 0,
    "top_up": False,
    "to_balance": False,
    "goods_minor": 2400,
    "freight_minor": 390,
    "discount_minor": 0,
    "tax_minor": 0,
    "available": 3,
    "threshold": 5,
    "due": "2026-11-20",
    "month": "2026-11",
    "old_minor": 1200,
    "new_minor": 1100,
    "store_name": "Souk Chiado",
    "merchant_name": "Teahouse",
    "reference": "D-117",
    "bank_reference": "OUT-117",
    "supplier": "Olaria Lda",
    "kind": "return",
    "condition": "restock",
    "alert_to": "both",
    "channel": "inbox",
    "subject": "ord_01KAJ6M2C9XQ4T7VE0000000X1",
    "also_at": "sto_01KAJ6M2C9XQ4T7VE0000000X2",
    "came_from": "ord_01KAJ6M2C9XQ4T7VE0000000X2",
    "into": "ord_01KAJ6M2C9XQ4T7VE0000000X2",
    "returned_to": "sto_01KAJ6M2C9XQ4T7VE0000000X1",
    "exchange_of": "cas_01KAJ6M2C9XQ4T7VE0000000X1",
    "by_sku": "MUG-GREEN",
    "MerchantDecided.was": "applied",
    "MerchantDecided.status": "active",
    "MerchantDecided.reason": "All documents are in order",
    "SettlementClosed.status": "due",
    "DisputeOpened.status": "open",
    "DisputeOpened.reason": "fraudulent",
    "DisputeClosed.status": "lost",
    "DisputeClosed.reason": "fraudulent",
    "StockMoved.cause": "receipt",
    "StockShort.cause": "adjustment",
}
# Of ids that begin otherwise than what they are called.
PREFIXES = {
    "product": "prd",
    "refund": "rfd",
    "shipment": "shp",
    "stocktake": "stk",
    "from_store": "sto",
    "dispute": "dsp",
    "message": "msg",
    "change": "chg",
    "intent": "pi",
}
AT = "2026-11-02T09:00:00Z"


def facts() -> list[type[Fact]]:
    """What is told; a class with a leading underscore is what several facts have in common."""
    told = [fact for fact in declared(Fact) if not fact.__name__.startswith("_")]
    return sorted(told, key=lambda fact: (fact.source(), fact.__name__))


def file_of(fact: type[Fact], kind: str) -> Path:
    domain = fact.source().removeprefix("souk.")
    return ROOT / f"events/{domain}/{snake(fact.name())}.v{fact.schema_version}.{kind}.json"


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    told = fact.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **told}


def example_of(fact: type[Fact]) -> dict[str, Any]:
    """The fact as EventBridge delivers it."""
    data = fact.model_validate(_sample_of(fact, fact.name())).model_dump(mode="json")
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": fact.name(),
        "source": fact.source(),
        "account": "123456789012",
        "time": AT,
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "fact_id": "fct_01KAJ6M2C9XQ4T7VE0000000F1",
            "told_at": AT.replace("Z", ".000Z"),
            "schema_version": fact.schema_version,
            "correlation_id": "8f1c2b5e-4d0e-4b55-9a57-2f7f0c6f3a10",
            "data": data,
        },
    }


def _sample_of(model: type[BaseModel], of: str) -> dict[str, Any]:
    return {name: _sample(name, field.annotation, of) for name, field in model.model_fields.items()}


def _sample(name: str, kind: Any, of: str) -> Any:
    """A likely value for a field of this name and type, of a fact that may have its own."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _sample(name, next(one for one in inner if one is not types.NoneType), of)
    if origin is Literal:
        return inner[0]
    if origin in (tuple, list):
        return [_sample(name.removesuffix("s"), inner[0], of)]
    if origin is dict:
        return {_sample("sku", inner[0], of): _sample(name, inner[1], of)}
    if kind is Texts or not isinstance(kind, type):
        return SAMPLES["name"]
    if issubclass(kind, BaseModel):
        return _sample_of(kind, of)
    if issubclass(kind, datetime):
        return AT
    own = SAMPLES.get(f"{of}.{name}", SAMPLES.get(name))
    if own is not None:
        return own
    if issubclass(kind, bool):
        return True
    return 1 if issubclass(kind, int) else _id(name)


def _id(name: str) -> str:
    of, suffix, _ = name.rpartition("_id")
    assert suffix, f"an example of `{name}` belongs into SAMPLES"
    return f"{PREFIXES.get(of, of[:3])}_01KAJ6M2C9XQ4T7VE0000000X1"


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Why who reads the old facts could not read the new ones. More fields hurt nobody."""
    found = []
    for name, kind in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            found.append(f"{name} is gone")
        elif new["properties"][name] != kind:
            found.append(f"{name} has changed")
        elif name in old.get("required", []) and name not in new.get("required", []):
            found.append(f"{name} may be missing")
    for name, part in old.get("$defs", {}).items():
        found += [f"{name}.{why}" for why in breaks(part, new.get("$defs", {}).get(name, part))]
    return found


def files() -> dict[Path, str]:
    """Schemas and examples as they should lie in events/; a schema that others rely on is not broken silently."""
    found = {}
    for fact in facts():
        place, schema = file_of(fact, "schema"), schema_of(fact)
        if place.exists() and (why := breaks(json.loads(place.read_text()), schema)):
            raise SystemExit(f"{fact.name()}: {', '.join(why)}; count its schema_version up")
        found[place] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        found[file_of(fact, "example")] = json.dumps(example_of(fact), indent=2, ensure_ascii=False) + "\n"
    return found


def page() -> str:
    parts = [INTRODUCTION]
    heard: dict[str, list[str]] = {}
    for function in template.functions():
        for rule in function.events("EventBridgeRule"):
            for name in rule["Pattern"]["detail-type"]:
                heard.setdefault(name, []).append(function.path.stem)
    sources = dict.fromkeys(fact.source() for fact in facts())
    for source in sources:
        rows = (
            [
                fact.name(),
                f"v{fact.schema_version}",
                " ".join(map(code, fact.model_fields)),
                ", ".join(sorted(heard.get(fact.name(), []))),
            ]
            for fact in facts()
            if fact.source() == source
        )
        parts += [f"## {source}\n", table(["Fact", "Version", "Fields", "Heard by"], rows)]
    return "\n".join(parts)
