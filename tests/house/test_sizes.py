"""Sizes and shape of files: aims are printed, what is far above fails."""

import ast
import re
from collections.abc import Iterator

from tests.house.code import Source, docstrings, everything, sources
from tests.support.template import ROOT

FUNCTION, FILE, FUNCTION_FILE = (60, 80), (400, 500), (60, 100)  # aim, limit
WITHOUT_MONEY = r"(?!access|messaging)"
EXACT = re.compile(rf"souk\.domains\.{WITHOUT_MONEY}|souk\.flows\.|souk\.kernel\.money|functions\.{WITHOUT_MONEY}")


def lengths(source: Source) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """What is long, how long, and what it may be."""
    whole = FUNCTION_FILE if source.name.startswith("functions.") else FILE
    yield source.at(1), len(source.text.splitlines()), whole
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef):
            yield f"{source.at(node.lineno)} {node.name}", (node.end_lineno or 0) - node.lineno + 1, FUNCTION


def test_nothing_is_far_longer_than_the_aim() -> None:
    found = [(what, length, *allowed) for source in everything() for what, length, allowed in lengths(source)]
    print(*(f"{what}: {length} lines, aim {aim}" for what, length, aim, _ in found if length > aim), sep="\n")
    wrong = [f"{what}: {length} lines, at most {limit}" for what, length, _, limit in found if length > limit]
    assert not wrong, "\n".join(wrong)


def test_every_module_says_what_it_is_for() -> None:
    silent = [source.at(1) for source in everything() if source.tree.body and not ast.get_docstring(source.tree)]
    assert not silent, "\n".join(silent)


def inexact(source: Source) -> Iterator[tuple[int, str]]:
    """Floats: literals, calls, annotations, divisions. Money never meets one."""
    documentation = docstrings(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in {"float", "Decimal"}:
            yield node.lineno, node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, float) and id(node) not in documentation:
            yield node.lineno, str(node.value)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield node.lineno, "/"
        elif isinstance(node, ast.AnnAssign | ast.arg) and _is_inexact_money(node):
            yield node.lineno, ast.unparse(node)


def _is_inexact_money(node: ast.AnnAssign | ast.arg) -> bool:
    name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
    kind = ast.unparse(node.annotation) if node.annotation else "int"
    return name.endswith("_minor") and not re.search(r"int|Minor", kind)


def test_no_float_touches_money() -> None:
    wrong = [
        f"{source.at(line)}: {what}"
        for source in sources()
        if EXACT.match(source.name)
        for line, what in inexact(source)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_float_would_be_found() -> None:
    text = "price_minor: float = 1\nrate = 0.5\nhalf = price_minor / 2\n"
    planted = Source(ROOT / "x.py", "souk.domains.x.model", text, ast.parse(text))
    assert {what for _, what in inexact(planted)} >= {"float", "0.5", "/"}
