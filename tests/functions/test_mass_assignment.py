"""Whatever a body says beyond what its model takes is refused by name, however deep it lies, and changes nothing."""

import inspect
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from typing_extensions import is_typeddict

from souk.kernel.shapes import Noun
from tests.functions.access_matrix import ROUTES
from tests.house.code import declared
from tests.house.pages.routes import Entry
from tests.support.examples import EXAMPLES, filled
from tests.support.fair import Fair

# What others have tried on shops, beside every field that the shop itself keeps of anything.
TRIED = {"id", "price", "total", "discount", "role", "is_admin", "balance", "paid_at", "customer_id", "__class__"}
KEPT = {name for noun in declared(Noun) for name in noun.model_fields}
CALLERS = {"access": "nobody", "me": "our buyer", "staff": "owner"}
A_TIME = 40  # a refusal names fifty faults at most

Place = tuple[str | int, ...]


def model_of(entry: Entry) -> type[BaseModel] | None:
    """The model of the route's body."""
    annotations = [one.annotation for one in inspect.signature(entry.route.func).parameters.values()]
    return next((one for one in annotations if isinstance(one, type) and issubclass(one, BaseModel)), None)


def models_in(annotation: Any) -> list[type]:
    if is_typeddict(annotation) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return [annotation]
    return [model for one in get_args(annotation) for model in models_in(one)]


def fields_of(model: type) -> dict[str, Any]:
    if issubclass(model, BaseModel):
        return {name: field.annotation for name, field in model.model_fields.items()}
    return get_type_hints(model)


def objects(model: type, body: Any, at: Place = ()) -> Iterator[tuple[Place, type]]:
    """Every object in the body that a model stands for, the body itself first."""
    yield at, model
    for name, value in body.items():
        for below in models_in(fields_of(model)[name]):
            if isinstance(value, dict):
                yield from objects(below, value, (*at, name))
            elif isinstance(value, list) and value:
                yield from objects(below, value[0], (*at, name, 0))


def having(body: Any, at: Place, extra: dict[str, Any]) -> Any:
    changed = deepcopy(body)
    inner = changed
    for step in at:
        inner = inner[step]
    inner.update(extra)
    return changed


WRITABLE = {
    route: model
    for route, entry in ROUTES.items()
    if entry.audience in CALLERS and (model := model_of(entry)) and route in EXAMPLES
}


def batches(names: set[str]) -> Iterator[list[str]]:
    ordered = sorted(names)
    return (ordered[start : start + A_TIME] for start in range(0, len(ordered), A_TIME))


def test_no_body_sets_what_is_not_the_callers_to_set(fair: Fair) -> None:
    before, wrong, asked = fair.shop.everything(), list[str](), set[tuple[str, Place]]()
    for route, model in WRITABLE.items():
        entry, side = ROUTES[route], fair.sides["ours"]
        path, who = filled(entry.path, side), fair.callers[CALLERS[entry.audience]]
        for example in EXAMPLES[route]:
            body = filled(example.body, side)
            for at, inner in objects(model, body):
                asked.add((route, at))
                for names in batches((TRIED | KEPT) - fields_of(inner).keys()):
                    answer = fair.shop.call(entry.method, path, having(body, at, dict.fromkeys(names, 1)), as_=who)
                    refused = {fault["at"] for fault in answer.body.get("errors", [])}
                    if missed := {".".join(map(str, ("body", *at, name))) for name in names} - refused:
                        wrong.append(f"{route} {answer.status}: takes {sorted(missed)}")
    assert not wrong, "\n".join(wrong)
    assert fair.shop.everything() == before
    assert {("POST /me/checkout", ("lines", 0)), ("POST /staff/stores/push", ("values",))} <= asked
    assert len(asked) > len(WRITABLE) > 25
