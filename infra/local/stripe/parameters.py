"""Reads Stripe's form encoding into typed requests; what does not fit gets Stripe's own complaint."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.local.stripe.errors import ApiError

_CODES = {
    "missing": "parameter_missing",
    "extra_forbidden": "parameter_unknown",
    "int_parsing": "parameter_invalid_integer",
}
_SENTENCES = {
    "missing": "Missing required param: {}.",
    "extra_forbidden": "Received unknown parameter: {}",
    "int_parsing": "Invalid integer: {}",
}

MetadataKey = Annotated[str, Field(max_length=40, pattern=r"^[^\[\]]+$")]
Metadata = Annotated[dict[MetadataKey, Annotated[str, Field(max_length=500)]], Field(max_length=50)]


class Ask(BaseModel):
    """The parameters of a request; `expand` is common to all of them."""

    model_config = ConfigDict(extra="forbid")

    expand: list[str] = []


A = TypeVar("A", bound=Ask)


def read(form: Mapping[str, str], model: type[A]) -> A:
    try:
        return model.model_validate(_nested(form))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name, *path = map(str, first["loc"] or ("request",))
        param = name + "".join(f"[{part}]" for part in path)
        sentence = _SENTENCES.get(first["type"], "Invalid {}.").format(param)
        raise ApiError(sentence, code=_CODES.get(first["type"]), param=param, kept=False) from None


def _nested(form: Mapping[str, str]) -> dict[str, Any]:
    """`metadata[order_id]=o1&expand[0]=charge` -> {"metadata": {"order_id": "o1"}, "expand": ["charge"]}."""
    tree: dict[str, Any] = {}
    for name, value in form.items():
        *above, last = name.replace("]", "").split("[")
        node = tree
        for part in above:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise ApiError(f"Invalid parameter: {name}", param=name, kept=False)
        node[last] = value
    return {name: _listed(value) if name != "metadata" else value for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(part.isdigit() for part in value):
        return [_listed(value[part]) for part in sorted(value, key=int)]
    return {part: _listed(below) for part, below in value.items()}
