"""Tables of Markdown."""

from collections.abc import Iterable, Sequence

PRINTED = "Printed from the code by `make docs`; a test holds it to the code."


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def code(text: object) -> str:
    return f"`{text}`" if text else ""


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
