"""Product types for staff: make one, read them, widen one."""

from http import HTTPStatus

from souk.domains.catalog.actions import product_types
from souk.domains.catalog.model.attributes import ProductType, ProductTypeDraft, ProductTypeEdit
from souk.domains.catalog.store import product_types as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/staff/product-types", may="catalog.write", status=HTTPStatus.CREATED)
def create(draft: ProductTypeDraft) -> ProductType:
    return product_types.create_product_type(draft, by=caller())


@app.get("/staff/product-types", may="catalog.read")
def list_types() -> Page[ProductType]:
    return Page(items=store.product_types())


@app.get("/staff/product-types/{type_id}", may="catalog.read")
def read(type_id: str) -> ProductType:
    return store.product_type(type_id)


@app.put("/staff/product-types/{type_id}", may="catalog.write")
def edit(type_id: str, edit: ProductTypeEdit) -> ProductType:
    return product_types.edit_product_type(type_id, edit, by=caller())
