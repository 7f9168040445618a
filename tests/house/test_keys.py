"""The single table: no two kinds share a key shape, and every pattern returns exactly the kinds it claims."""

import re
import string
from datetime import UTC, datetime
from itertools import combinations
from types import NoneType
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from souk.kernel.shapes import Noun
from souk.table import ask, keys, patterns
from souk.table.actions import Put
from souk.table.current import table
from souk.table.entity import Entity, Key
from souk.table.keys import ENTITIES, INDEXES
from souk.table.patterns import PATTERNS, Pattern
from souk.table.port import Row
from tests.house.code import declared, sources
from tests.support import template
from tests.support.shop import Shop

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
# Every field has the same value, so that only what the keys spell tells the kinds apart.
SAME = "x"
LITERAL = {"awaited": "awaited", "overdue_since": AT, "announced": "announced", "month": "2026-11", "day": "2026-11-02"}
CLASS_OF = {"Fact": "ToldFact"}  # the class `Fact` is what is told, not how it waits


def value(name: str, spec: str = "") -> Any:
    if name in LITERAL:
        return LITERAL[name]
    if spec.endswith("d"):
        return 7
    return AT if name.endswith("_at") or name in {"at", "deadline"} else SAME


def values(*templates: str) -> dict[str, Any]:
    parts = [part for text in templates for part in string.Formatter().parse(text)]
    return {name: value(name, spec or "") for _, name, spec, _ in parts if name}


def places(entity: Entity) -> dict[str, Key]:
    return {"": entity.main, **entity.by}


def shape(key: Key) -> str:
    """The regular expression of the keys it spells."""
    parts = string.Formatter().parse(f"{key.pk}\n{key.sk}")
    return "".join(re.escape(literal) + ("[^#\n]+" if name else "") for literal, name, _, _ in parts)


def test_no_two_kinds_share_a_key_shape() -> None:
    for index in ("", *INDEXES):
        there = [(entity.kind, places(entity)[index]) for entity in ENTITIES if index in places(entity)]
        for (one, key), (other, foreign) in combinations(there, 2):
            spelled = "\n".join(foreign.of(values(foreign.pk, foreign.sk)))
            written = "\n".join(key.of(values(key.pk, key.sk)))
            assert not re.fullmatch(shape(key), spelled), f"{one} and {other} meet in {index or 'the table'}"
            assert not re.fullmatch(shape(foreign), written), f"{one} and {other} meet in {index or 'the table'}"


def test_every_kind_has_a_name_and_a_key_of_its_own() -> None:
    assert len({entity.kind for entity in ENTITIES}) == len(ENTITIES)
    assert len({pattern.title for pattern in PATTERNS}) == len(PATTERNS)


def row(entity: Entity) -> Row:
    pk, sk = entity.main.of(values(entity.main.pk, entity.main.sk))
    found: Row = {"PK": pk, "SK": sk, "kind": entity.kind, "body": "{}", "card": "{}"}
    for index, key in entity.by.items():
        found[f"{index}pk"], found[f"{index}sk"] = key.of(values(key.pk, key.sk))
    return found


@pytest.mark.capability("PLT-07")
def test_every_pattern_returns_exactly_the_kinds_it_claims(shop: Shop) -> None:
    """Over one item of every kind, on the indexes as infra/data.yaml makes them; each page is one query a shard."""
    rows = [row(entity) for entity in ENTITIES]
    assert len({(one["PK"], one["SK"]) for one in rows}) == len(ENTITIES)
    for start in range(0, len(rows), 50):
        table().write([Put(one) for one in rows[start : start + 50]], f"token-{start}")
    for pattern in PATTERNS:
        assert returned(pattern) == {entity.kind for entity in pattern.returns}, pattern.title


def returned(pattern: Pattern) -> set[str]:
    fields = values(pattern.pk, pattern.sk)
    fields.pop("shard", None)
    return {str(one["kind"]) for one in ask.ask(pattern, **fields).rows}


@pytest.mark.capability("PLT-07")
def test_every_index_is_used_and_every_used_one_exists() -> None:
    ground = template.read("infra/data.yaml")["Resources"]["Table"]["Properties"]
    made = {index["IndexName"]: index for index in ground["GlobalSecondaryIndexes"]}
    asked = {pattern.index for pattern in PATTERNS if pattern.index}
    written = {index for entity in ENTITIES for index in entity.by}
    assert set(made) == set(INDEXES) == asked == written
    defined = {one["AttributeName"] for one in ground["AttributeDefinitions"]}
    for name, index in made.items():
        assert [one["AttributeName"] for one in index["KeySchema"]] == [f"{name}pk", f"{name}sk"]
        assert set(index["Projection"]["NonKeyAttributes"]) == {"kind", "card"}
        assert {f"{name}pk", f"{name}sk"} <= defined


def test_every_kind_in_an_index_is_found_by_a_pattern() -> None:
    asked = {(pattern.index, entity.kind) for pattern in PATTERNS for entity in pattern.returns}
    idle = [(index, entity.kind) for entity in ENTITIES for index in entity.by if (index, entity.kind) not in asked]
    assert idle == []


def test_what_is_none_is_read_as_none() -> None:
    """None is left out of an item: where nothing stands, nothing else may be read, in whatever lies within it."""
    classes = {one.__name__: one for one in declared(Noun)}
    to_see: list[Any] = [classes[CLASS_OF.get(entity.kind, entity.kind)] for entity in ENTITIES]
    seen, wrong = set[Any](), list[str]()
    while to_see:
        one = to_see.pop()
        to_see += get_args(one)
        if one in seen or not (isinstance(one, type) and issubclass(one, BaseModel)):
            continue
        seen.add(one)
        for name, field in one.model_fields.items():
            to_see.append(field.annotation)
            if NoneType in get_args(field.annotation) and field.default is not None:
                wrong.append(f"{one.__name__}.{name}")
    assert len(seen) > len(ENTITIES) / 2 and not wrong, sorted(wrong)


def test_every_noun_has_the_fields_that_its_keys_name() -> None:
    classes = {one.__name__: one for one in declared(Noun)}
    wrong = []
    for entity in ENTITIES:
        noun = classes.get(CLASS_OF.get(entity.kind, entity.kind))
        by_keys_alone = entity.kind in {
            "DaySales",
            "ProductSales",
            "RegionSales",
            "AccountBalance",
            "DayBalance",
            "ProductProfit",
            "CampaignProfit",
        }
        wanted = {*(() if by_keys_alone else entity.fields), *entity.card, *entity.numbers, entity.expires} - {None}
        lacking = sorted(str(name) for name in wanted if not (noun and _has(noun, str(name))))
        if noun is None or lacking:
            wrong.append(f"{entity.kind}: {lacking if noun else 'no noun of this name'}")
    assert not wrong, "\n".join(wrong)


def _has(noun: type[Noun], name: str) -> bool:
    return name in noun.model_fields or hasattr(noun, name)


def test_every_kind_and_pattern_is_used() -> None:
    text = "\n".join(one.text for one in sources() if one.name not in {"souk.table.keys", "souk.table.patterns"})
    declarations = {**vars(keys), **vars(patterns)}.items()
    known = [name for name, one in declarations if isinstance(one, Entity | Pattern)]
    idle = [name for name in known if not re.search(rf"\b{name}\b", text)]
    assert idle == []


@pytest.mark.capability("PLT-07")
def test_nothing_scans() -> None:
    assert [one.at(1) for one in sources() if re.search(r"\.scan\(|rate_limited_scan", one.text)] == []
