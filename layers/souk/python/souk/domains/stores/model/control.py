"""What head office leaves to its stores, and what it sets for many of them at once.

A store's `central` holds head office's value of each field that the store has set for itself: so it is known which
those are, and there is a way back.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from souk.domains.stores.model.hours import Hours
from souk.domains.stores.model.reach import DrawnReach
from souk.domains.stores.model.settings import StoreField
from souk.domains.stores.model.store import Store
from souk.domains.stores.model.store_edit import StoreEdit
from souk.kernel.errors import Forbidden
from souk.kernel.shapes import Count, Date, Flag, Id, Input, Line, Minor, Noun, Phone

Conflicts = Literal["keep", "overwrite"]
Values = Mapping[str, Any]  # of a store's fields, as JSON has them


class FieldOfHeadOffice(Forbidden):
    title = "Head office sets this for its stores"


@with_config(ConfigDict(extra="forbid"))
class StoreValues(TypedDict, total=False):
    """Of some fields; those that are not named are left as they are."""

    open: Flag
    hours: Annotated[list[Hours], Field(max_length=21)]
    holidays: Annotated[list[Date], Field(max_length=100)]
    phone: Phone
    manager: Line
    freight_minor: Minor
    free_freight_from_minor: Minor | None
    daily_orders: Count | None
    reach: DrawnReach | None


class Push(Input):
    """Values for the stores that are named, or for all; those that have set their own keep them or lose them.

    As many as `limit` are seen to at once; `cursor` goes on where the call before ended. It may be sent again. Where no
    value is given, each store is saved as it is: so those of an older release come to stand where orders look now.
    """

    values: StoreValues
    conflicts: Conflicts
    store_ids: Annotated[list[Id], Field(min_length=1, max_length=100)] | None = None
    limit: Annotated[int, Field(strict=True, ge=1, le=100)] = 50
    cursor: Annotated[str, Field(strict=True, max_length=1000, pattern="^[A-Za-z0-9_-]*$")] | None = None

    def given(self) -> Values:
        return dict(self.model_dump(mode="json", include={"values"})["values"])


class PushConflict(Noun):
    """A store had set the field for itself: it keeps its value, or it was overwritten."""

    store_id: str
    name: str
    field: StoreField
    outcome: Literal["kept", "overwritten"]


class Pushed(Noun):
    """What became of the stores that this call has seen to; `missing` are ids that no store has."""

    changed: int
    unchanged: int
    conflicts: list[PushConflict]
    missing: list[str]
    next_cursor: str | None = None


def by_store(store: Store, edit: StoreEdit, may_set: Collection[str]) -> Store:
    """As its own staff edit it; refused for what head office sets."""
    values, before = _changes(store, edit), _json(store)
    if forbidden := [name for name in values if name not in may_set]:
        raise FieldOfHeadOffice(f"{forbidden[0]} is set by head office", field=forbidden[0], fields=forbidden)
    central = {name: before[name] for name in values} | store.central
    return _with(store, values, {name: value for name, value in central.items() if values.get(name, ...) != value})


def by_head_office(store: Store, edit: StoreEdit) -> Store:
    values = _changes(store, edit)
    return _with(store, values, _without(store.central, values))


def pushed(store: Store, values: Values, conflicts: Conflicts) -> tuple[Store, list[PushConflict]]:
    """The store with head office's values, and what was done where it had set its own."""
    before = _json(store)
    own = [name for name in values if name in store.central and before[name] != values[name]]
    kept = {name: values[name] for name in own if conflicts == "keep"}
    after = _with(store, _without(values, kept), _without(store.central, values) | kept)
    outcome: Literal["kept", "overwritten"] = "kept" if conflicts == "keep" else "overwritten"
    return after, [
        PushConflict.model_validate({"store_id": store.store_id, "name": store.name, "field": name, "outcome": outcome})
        for name in own
    ]


def back_to_central(store: Store, field: StoreField) -> Store:
    """With head office's value again, where the store has one of its own."""
    if field not in store.central:
        return store
    return _with(store, {field: store.central[field]}, _without(store.central, [field]))


def _changes(store: Store, edit: StoreEdit) -> dict[str, Any]:
    before, after = _json(store), edit.model_dump(mode="json", exclude={"version"})
    return {name: value for name, value in after.items() if before[name] != value}


def _json(store: Store) -> dict[str, Any]:
    return store.model_dump(mode="json")


def _with(store: Store, values: Values, central: Values) -> Store:
    return Store.model_validate({**_json(store), **values, "central": dict(central)})


def _without(values: Values, names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
