"""docs/refusals.md: every way the shop says no."""

import inspect

from souk.edge.http import STATUS, status_of
from souk.kernel.errors import Refusal
from tests.house.code import declared
from tests.house.pages.markdown import PRINTED, code, table

INTRODUCTION = f"""# Refusals

{PRINTED}

A refusal is answered as `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `code`, `detail`,
and what else there is to know. Somebody else's thing is answered exactly like an absent one. Beside these, `405
method_not_allowed` names the methods of the path in `Allow`, and `500 unexpected` gives the request's id and
nothing more.
"""


def refusals() -> list[type[Refusal]]:
    return sorted(declared(Refusal), key=lambda one: (status_of(one), one.__module__, one.__name__))


def page() -> str:
    parts = [INTRODUCTION]
    for status in sorted(set(STATUS.values())):
        rows = ([code(one.code()), one.title, _room(one), _says(one)] for one in refusals() if status_of(one) is status)
        parts += [f"## {int(status)} {status.phrase}\n", table(["Code", "Title", "Room", ""], rows)]
    return "\n".join(parts)


def _room(one: type[Refusal]) -> str:
    rooms = one.__module__.split(".")
    return rooms[2] if rooms[1] == "domains" else rooms[1]


def _says(one: type[Refusal]) -> str:
    return inspect.cleandoc(one.__doc__ or "").split("\n")[0]
