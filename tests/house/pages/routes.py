"""docs/api.md: every route, who may use it, and the function that answers it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from aws_lambda_powertools.event_handler.api_gateway import Route

from souk.domains.access.model.rights import PROFILE, ROLES, SHOP, SIGN_OUT
from tests.house.code import apis
from tests.house.pages.markdown import PRINTED, code, table
from tests.support.examples import EXAMPLES, Whose
from tests.support.template import FunctionResource

INTRODUCTION = f"""# Routes

{PRINTED}

`/shop` and `/hooks` are open to all, `/access` to whoever wants to come in; `/me` is a buyer's, `/staff` the
staff's: these need a bearer token. A right that staff have reaches the stores, or the merchant, that they are
bound to; what lies beyond, and all that is head office's, is missing (404) for them, whatever their role. Requests
and answers: `docs/api/openapi.json`.
"""
WHOSE: Mapping[Whose, str] = {
    "head office": "head office",
    "office": "head office, merchant",
    "merchant": "head office, merchant",
    "range": "who sells the goods",
    "goods": "who sells the goods",
    "store": "store",
}


@dataclass(frozen=True)
class Entry:
    """One line of the route table; `may` None is open to all."""

    method: str
    path: str
    may: str | None
    function: FunctionResource
    route: Route

    @property
    def audience(self) -> str:
        return self.path.split("/")[1]

    @property
    def domain(self) -> str:
        return self.function.path.parent.name


@cache
def entries() -> list[Entry]:
    found = [entry for function, app in apis() for entry in _of(function, app)]
    return sorted(found, key=lambda one: (one.path, one.method))


def _of(function: FunctionResource, app: object) -> Iterator[Entry]:
    routes = {(route.method, route.openapi_path): route for route in app._static_routes + app._dynamic_routes}  # type: ignore[attr-defined]
    for door in app.doors:  # type: ignore[attr-defined]
        yield Entry(door.method, door.path, door.may, function, routes[door.method, door.path])


def page() -> str:
    parts, roles = [INTRODUCTION], list(ROLES)
    for audience in dict.fromkeys(entry.audience for entry in entries()):
        mine = [entry for entry in entries() if entry.audience == audience]
        staff = roles if audience == "staff" else []
        head = ["Route", "Needs", "Function", *(["Whose", *staff] if staff else [])]
        rows = (
            [
                f"{entry.method} {code(entry.path)}",
                code(entry.may) or "nothing",
                entry.function.path.stem,
                *([WHOSE.get(EXAMPLES[f"{entry.method} {entry.path}"][-1].whose, "")] if staff else []),
                *("yes" if entry.may in ROLES[role] else "" for role in staff),
            ]
            for entry in mine
        )
        parts += [f"## /{audience}\n", table(head, rows)]
    parts.append(
        f"`{SHOP}` is what every guest and every member may do, `{PROFILE}` every member, and `{SIGN_OUT}` whoever has "
        "signed in with a password.\n"
    )
    return "\n".join(parts)
