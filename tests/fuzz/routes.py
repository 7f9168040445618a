"""Schemathesis over every route: what is made up, who sends it, and what no answer may be."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema

from tests.fuzz.gateway import CALLER, Gateway
from tests.fuzz.trade import CANARIES, Trade, trading
from tests.house.pages import openapi

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "nobody_comes_in_unknown",
    "nobody_reads_what_is_anothers",
)
# Of each audience: whom its routes are for, and somebody else who is known. A request made up may name nobody too.
SENDERS = {"me": ["ana", "guest", "clerk"], "staff": ["owner", "clerk", "ana"], "access": ["ana", "clerk", "guest"]}
KNOWN, READS_ALL = ("owner", "clerk", "ana", "guest"), "owner"
REAL = 0.7  # how often a field that names something names what is there


@dataclass
class Outcome:
    """`failures` tells what went wrong and, of each, one request that shows it."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return self.answers.total()

    def by_class(self) -> dict[str, int]:
        counted = Counter(f"{status // 100}xx" for _, status in self.answers.elements())
        return dict(sorted(counted.items()))

    def add(self, other: "Outcome") -> None:
        self.answers += other.answers
        self.failures = other.failures | self.failures


@schemathesis.check
def nobody_comes_in_unknown(ctx: CheckContext, response: Response, case: Case) -> None:
    """A browser's preflight is answered before anybody is known."""
    sent, sender = response.request, response.request.headers.get(CALLER)
    if "x-permission" in case.operation.definition.raw and sent.method != "OPTIONS" and sender not in KNOWN:
        assert response.status_code == 401, f"{sender} is answered {response.status_code}"


@schemathesis.check
def nobody_reads_what_is_anothers(ctx: CheckContext, response: Response, case: Case) -> None:
    reader = response.request.headers.get(CALLER)
    if reader != READS_ALL:
        heard = [name for name, canary in CANARIES.items() if canary in response.text]
        assert not heard, f"{reader} reads another's {', '.join(heard)}"


def fuzz(
    seed: int, examples: int, coverage: bool = True, progress: Callable[[int], object] = lambda cases: None
) -> Outcome:
    """One shop of that seed under `examples` random requests a route; `coverage` adds the edges of every schema."""
    outcome = Outcome()
    with trading(seed) as trade:
        for event in from_schema(_schema(trade, seed, examples, coverage)).execute():
            if isinstance(event, events.ScenarioFinished):
                before = outcome.cases
                _note(event, outcome, seed)
                progress(outcome.cases - before)
            elif isinstance(event, events.NonFatalError):
                outcome.failures[f"{event.label}: {event.value}"] = f"# seed {seed}"
        trade.shop.drain()  # whatever was told of it can be heard
    return outcome


def _note(event: events.ScenarioFinished, outcome: Outcome, seed: int) -> None:
    for interaction in event.recorder.interactions.values():
        if interaction.response:
            outcome.answers[event.label or "", interaction.response.status_code] += 1
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info:
                failure = check.failure_info.failure
                told = f"{event.label}: {check.name}: {failure.title}\n{failure.message}"
                outcome.failures.setdefault(told, f"{check.failure_info.code_sample} # seed {seed}")


def _schema(trade: Trade, seed: int, examples: int, coverage: bool) -> BaseSchema:
    document = _prepared(openapi.document())
    settings = {
        "seed": seed,
        "workers": 1,
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        "generation": {"max-examples": examples, "database": "none", "with-security-parameters": False},
        # Stateful testing follows links; the document has none, and `known` leads to what is there.
        "phases": {"coverage": {"enabled": coverage}, "stateful": {"enabled": False}},
        "dictionaries": {name: {"values": values} for name, values in trade.known.items()},
        "parameters": {
            place: {"dictionary": name, "probability": REAL} for place, name in _places(document, trade.known)
        },
    }
    schema = schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(settings))
    schema.app = Gateway(trade.people, {name: trade.callers[name] for name in KNOWN})
    return schema


def _prepared(document: dict[str, Any]) -> dict[str, Any]:
    """Who calls is a part of the request, made up with it. A client bears more in an answer than it knows; not here."""
    mine = deepcopy(document)
    for path, methods in mine["paths"].items():
        for operation in methods.values():
            if operation["security"]:
                caller = {"enum": SENDERS[path.split("/")[1]]}
                named = {"name": CALLER, "in": "header", "required": True, "schema": caller}
                operation["parameters"] = [*operation.get("parameters", ()), named]
    for name, schema in mine["components"]["schemas"].items():
        if "properties" in schema and name != "Problem":
            schema.setdefault("additionalProperties", False)
    return mine


def _places(document: dict[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a request names something: parameters by name, and in bodies `body.lines[*].sku`."""
    yield from ((name, name) for name in known)
    for methods in document["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from _within(content["schema"], "body", document["components"]["schemas"], known)


def _within(
    schema: dict[str, Any], place: str, schemas: dict[str, Any], known: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    for part in schema.get("anyOf", ()):
        yield from _within(part, place, schemas, known)
    if "items" in schema:
        yield from _within(schema["items"], f"{place}[*]", schemas, known)
    for name, below in schema.get("properties", {}).items():
        if name in known:
            yield f"{place}.{name}" + ("[*]" if "items" in below else ""), name
        yield from _within(below, f"{place}.{name}", schemas, known)
