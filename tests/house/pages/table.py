"""docs/table.md: every kind of item with its keys, and every question that is asked of them."""

import re
from types import ModuleType
from typing import TypeVar

from souk.table import keys, patterns
from souk.table.entity import Entity
from souk.table.patterns import Pattern
from tests.house.pages.markdown import PRINTED, code, table
from tests.support.template import ROOT

T = TypeVar("T")
INTRODUCTION = f"""# The table

{PRINTED}

Keys are spelled in `layers/souk/python/souk/table/keys.py` and asked in `patterns.py` beside it. One table,
three overloaded indexes, no scan. `{{at:month}}` is the month of a time, `{{number:012d}}` is padded, and
`{{id:shard4}}` one of four partitions, by a checksum. An item stands in an index while it has all the fields
that its key there names; it shows its *card* there, the few fields that a list needs.
"""


def sections(module: ModuleType, kind: type[T]) -> dict[str, list[tuple[str, T]]]:
    """What the module declares of a kind, under the headings `# -- name` of its source."""
    place = ROOT / f"layers/souk/python/{module.__name__.replace('.', '/')}.py"
    found: dict[str, list[tuple[str, T]]] = {}
    heading = ""
    for line in place.read_text().splitlines():
        if line.startswith("# -- "):
            heading = line.removeprefix("# -- ")
        elif (name := re.match(r"([A-Z_]+) = ", line)) and isinstance(one := getattr(module, name[1]), kind):
            found.setdefault(heading, []).append((name[1], one))
    return found


def page() -> str:
    parts = [INTRODUCTION]
    questions = sections(patterns, Pattern)
    for room, entities in sections(keys, Entity).items():
        parts.append(f"## {room.capitalize()}\n")
        parts.append(
            table(["Item", "Key", "In the indexes", "Beside the body", "Expires"], (_item(one) for _, one in entities))
        )
        if room in questions:
            parts.append(table(["Question", "Where", "Answers"], (_question(one) for _, one in questions[room])))
    return "\n".join(parts)


def _item(one: Entity) -> list[str]:
    indexes = "<br>".join(f"{index}: {code(key.pk)} {code(key.sk)}" for index, key in one.by.items())
    return [one.kind, f"{code(one.main.pk)} {code(one.main.sk)}", indexes, ", ".join(one.numbers), code(one.expires)]


def _question(one: Pattern) -> list[str]:
    where = f"{one.index or 'table'}: {code(one.pk)}" + (f" from {code(one.sk)}" if one.sk else "")
    shards = f", {one.shards} shards" if one.shards > 1 else ""
    return [one.title, where + shards, ", ".join(entity.kind for entity in one.returns)]
