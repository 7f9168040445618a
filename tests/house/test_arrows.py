"""Who may know whom, and which words belong to one room."""

import ast
import re
from collections.abc import Iterator

from tests.house.code import Source, docstrings, everything, sources
from tests.support.template import ROOT

KNOWS = {
    "functions": {"edge", "flows", "domains", "kernel"},
    "flows": {"domains", "gateways", "table", "kernel"},
    "domains": {"table", "gateways", "kernel"},
    "edge": {"kernel", "table", "gateways"},
    "gateways": {"kernel"},
    "table": {"kernel"},
    "kernel": set(),
}
# Inside a domain; `table.unit` is the writing half of table/, `table.ask` the reading half.
INSIDE = {
    "actions": {
        "actions",
        "store",
        "model",
        "events",
        "table.unit",
        "table.keys",
        "table.conditions",
        "table.again",
        "table.audit",
        "table.limits",
        "gateways",
        "kernel",
    },
    "store": {
        "store",
        "model",
        "table.ask",
        "table.entity",
        "table.keys",
        "table.patterns",
        "table.port",
        "table.current",
        "kernel",
    },
    "model": {"model", "templates", "kernel"},
    "templates": {"kernel"},
    "events": {"events", "kernel"},
}
# `on(Fact)(action)` hands the Unit on: the function names its type.
ALSO = {("functions", "souk.table.unit.Unit")}


def arrows(source: Source) -> Iterator[tuple[int, str]]:
    return ((line, name) for line, name in source.imports() if name.startswith(("souk.", "functions.")))


def room(name: str) -> str:
    return name.split(".")[0 if name.startswith("functions") else 1]


def wrong_arrows(source: Source) -> list[str]:
    here = room(source.name) if "." in source.name else ""
    found = []
    for line, target in arrows(source):
        there = room(target)
        if there != here and there not in KNOWS[here] and (here, target) not in ALSO:
            found.append(f"{source.at(line)}: {here} may not know {target}")
        elif here == there == "domains" and source.name.split(".")[2] != target.split(".")[2]:
            found.append(f"{source.at(line)}: a domain may not know another: {target}")
        elif here == there == "functions":
            found.append(f"{source.at(line)}: a function may not know another: {target}")
        elif here == "domains" and not source.is_package:
            found += wrong_inside(source, line, target)
    return found


def wrong_inside(source: Source, line: int, target: str) -> list[str]:
    file, parts = source.name.split(".")[3], target.split(".")
    there = parts[1]
    if there == "domains":
        there = parts[3] if len(parts) > 3 else "model"
    elif there == "table":
        there = f"table.{parts[2]}"
    return [] if there in INSIDE[file] else [f"{source.at(line)}: {file} may not know {target}"]


def test_every_import_follows_the_arrows() -> None:
    wrong = [one for source in sources() for one in wrong_arrows(source)]
    assert not wrong, "\n".join(wrong)


def known_tests(source: Source) -> list[str]:
    found = [(line, name) for line, name in source.imports() if re.match(r"tests\.(.+\.)?test_", name)]
    return [f"{source.at(line)}: nothing may know a test: {name}" for line, name in found]


def test_nothing_knows_a_test() -> None:
    """What several tests do is a module of its own: who changes a test breaks no other."""
    wrong = [one for source in everything() for one in known_tests(source)]
    assert not wrong, "\n".join(wrong)
    text = "import tests.a.test_b\nfrom tests import test_b\nfrom tests.test_b import c\nfrom .test_b import c\n"
    assert len(known_tests(Source(ROOT / "tests/a/test_c.py", "tests.a.test_c", text, ast.parse(text)))) == 4


# -- words
GATEWAYS, TABLE = r"souk\.gateways\.", r"souk\.table\."
FUNCTION = r"functions\."
IMPORTS = {
    "jwt": r"souk\.gateways\.tokens|functions\.access\.authorize",
    "chalice": r"souk\.gateways\.tokens|functions\.access\.authorize",
    "stripe": r"souk\.gateways\.stripe",
    "boto3": rf"{GATEWAYS}|{TABLE}",
    "botocore": rf"{GATEWAYS}|{TABLE}",
    "pynamodb": rf"{GATEWAYS}|{TABLE}",
    "uuid": r"souk\.kernel\.ids",
    "random": r"souk\.kernel\.ids",
    "secrets": r"souk\.kernel\.ids",
}
NAMES = {
    "environ": r"souk\.kernel\.settings",
    "getenv": r"souk\.kernel\.settings",
    "HTTPStatus": rf"souk\.edge\.http$|{FUNCTION}",
    "statusCode": rf"souk\.edge\.http$|{FUNCTION}",
    "PK": TABLE,
    "SK": TABLE,
    "GSI": TABLE,
}
KEY_TEXT = re.compile(r"#\{|\bgsi\d|^(PK|SK)$|^[A-Z_]+#")
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}


def words(source: Source) -> Iterator[tuple[int, str, str]]:
    """Each word of the table that stands in the file, with the rooms where it may stand."""
    for line, name in source.imports():
        if (root := name.split(".")[0]) in IMPORTS:
            yield line, root, IMPORTS[root]
    documentation = docstrings(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in NAMES:
                yield node.lineno, name, NAMES[name]
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, name) in CLOCKS:
                yield node.lineno, f"{node.value.id}.{name}", r"souk\.kernel\.(clock|ids)"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            if KEY_TEXT.search(node.value):
                yield node.lineno, node.value, TABLE
            elif node.value == "statusCode":
                yield node.lineno, node.value, NAMES["statusCode"]


def test_words_stay_in_their_room() -> None:
    astray = [
        f"{source.at(line)}: {word}"
        for source in sources()
        for line, word, rooms in words(source)
        if not re.match(rooms, source.name)
    ]
    assert not astray, "\n".join(astray)


def test_only_the_edge_catches_everything() -> None:
    found = [
        source.at(node.lineno)
        for source in sources()
        if not source.name.startswith("souk.edge.")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node)
    ]
    assert not found, "\n".join(found)


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}


def test_the_words_are_found_where_they_are_not_allowed() -> None:
    text = (
        "import stripe\nfrom os import environ\nat = datetime.now()\nk = f'ORDER#{x}'\nrow['PK']\n"
        "HTTPStatus.OK\ntry:\n    pass\nexcept Exception:\n    pass\n"
    )
    planted = Source(sources()[0].path, "souk.domains.orders.actions", text, ast.parse(text))
    found = {word for _, word, rooms in words(planted) if not re.match(rooms, planted.name)}
    assert found == {"stripe", "datetime.now", "ORDER#", "PK", "HTTPStatus"}
    text = "from souk.domains.carts import store\nfrom souk.edge.http import refused\nfrom souk.table import ask\n"
    planted = Source(sources()[0].path, "souk.domains.orders.actions", text, ast.parse(text))
    assert len(wrong_arrows(planted)) == 3
