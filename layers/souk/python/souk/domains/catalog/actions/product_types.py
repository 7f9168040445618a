"""What is done with product types: one is made, or becomes wider; products tell their attributes by it."""

from collections.abc import Mapping
from typing import Any

from souk.domains.catalog.model.attributes import (
    MOST_TYPES,
    ProductType,
    ProductTypeDraft,
    ProductTypeEdit,
    TooManyProductTypes,
    UnknownProductType,
    WrongAttribute,
)
from souk.domains.catalog.model.product import AttributeValue
from souk.domains.catalog.store import product_types as store
from souk.kernel import ids
from souk.kernel.caller import Caller
from souk.kernel.edits import edited
from souk.kernel.errors import Missing
from souk.table import keys
from souk.table.conditions import Present, version
from souk.table.unit import ChangedMeanwhile, Unit


def create_product_type(draft: ProductTypeDraft, by: Caller) -> ProductType:
    by.need_store(None)
    if len(store.product_types()) >= MOST_TYPES:
        raise TooManyProductTypes()
    with Unit() as unit:
        return unit.save(keys.PRODUCT_TYPE, ProductType(type_id=ids.new("typ"), **dict(draft)))


def edit_product_type(type_id: str, edit: ProductTypeEdit, by: Caller) -> ProductType:
    """While products use it, whatever they tell must stay right; a product that begins to use it is an edit too."""
    by.need_store(None)
    before = store.product_type(type_id)
    after = edited(before, edit.version, name=edit.name, attributes=edit.attributes)
    before.need_wider(edit.attributes)
    with Unit() as unit:
        return unit.save(keys.PRODUCT_TYPE, after)


def used_type(type_id: str | None) -> ProductType | None:
    """The type by which a product tells its attributes."""
    try:
        return store.product_type(type_id) if type_id else None
    except Missing:
        raise UnknownProductType(type_id=type_id) from None


def told(kind: ProductType | None, attributes: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """The product's fields: its attributes in the type's order and spelling, and what lists find it by."""
    if kind is None:
        if code := next(iter(attributes), None):
            raise WrongAttribute("Only a product with a type has attributes", attribute=code)
        return {"attributes": {}, "facets": ()}
    attributes = kind.read(attributes)
    return {"attributes": attributes, "facets": kind.facets(attributes)}


def count_type(unit: Unit, before: str | None, after: ProductType | None) -> None:
    """Counts who uses a type; the one by which attributes were read must still be as it was read."""
    if before and before != (after and after.type_id):
        unit.change(keys.PRODUCT_TYPE, type_id=before, add={"products": -1}, only_if=(Present(),))
    if after and before != after.type_id:
        only_if = (version(after.version),)
        unit.change(
            keys.PRODUCT_TYPE,
            type_id=after.type_id,
            add={"products": 1},
            only_if=only_if,
            otherwise=ChangedMeanwhile(),
        )
