"""What staff see of a field that not everybody may see: declared on the field, applied where answers leave."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, GetJsonSchemaHandler

from souk.kernel.caller import Caller

T = TypeVar("T")


class Guarded(NamedTuple):
    """Stands in a field's `Annotated`: staff without the permission see what `masked` leaves of it."""

    permission: str
    masked: Callable[[Any], Any]

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """An answer may hold what is left of the value, which need not look like one."""
        said = handler(schema)
        if handler.mode == "serialization":
            for part in (said, *said.get("anyOf", ())):
                part.pop("pattern", None)
        return said


def tail(phone: str) -> str:
    """`••••0117`: enough to recognise a caller on the telephone."""
    return "••••" + last_digits(phone)


def last_digits(phone: str) -> str:
    """The last four."""
    return "".join(filter(str.isdigit, phone))[-4:]


def domain(email: str) -> str:
    """`••••@example.com`."""
    return "••••@" + email.rpartition("@")[2]


def hidden(_: object) -> None:
    return None


def seen(value: T, by: Caller) -> T:
    """The value as the caller may see it, however deep a guarded field lies in it."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        now = {name: getattr(value, name) for name in fields}
        then = {name: _field(now[name], fields[name].metadata, by) for name in fields}
        changes = {name: then[name] for name in fields if then[name] is not now[name]}
        return value.model_copy(update=changes) if changes else value
    if isinstance(value, list | tuple):
        several = [seen(one, by) for one in value]
        return type(value)(several) if any(a is not b for a, b in zip(several, value, strict=True)) else value
    if isinstance(value, Mapping):
        named = {key: seen(one, by) for key, one in value.items()}
        return named if any(named[key] is not value[key] for key in value) else value  # type: ignore[return-value]
    return value


def _field(value: Any, metadata: list[Any], by: Caller) -> Any:
    guards = [one for one in metadata if isinstance(one, Guarded)]
    if value is None or all(guard.permission in by.may for guard in guards):
        return seen(value, by)
    return guards[0].masked(value)
