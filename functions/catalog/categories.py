"""Categories for staff: make one, edit or move one, see the tree with its products counted."""

from http import HTTPStatus

from souk.domains.catalog.actions import categories
from souk.domains.catalog.model.category import Category, CategoryDraft, CategoryEdit, CategoryNode
from souk.domains.catalog.store import categories as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/staff/categories", may="catalog.write", status=HTTPStatus.CREATED)
def create(draft: CategoryDraft) -> Category:
    return categories.create_category(draft, by=caller())


@app.get("/staff/categories", may="catalog.read")
def read_tree() -> Page[CategoryNode]:
    return Page(items=store.tree().nodes())


@app.get("/staff/categories/{category_id}", may="catalog.read")
def read(category_id: str) -> Category:
    return store.tree().get(category_id)


@app.put("/staff/categories/{category_id}", may="catalog.write")
def edit_category(category_id: str, edit: CategoryEdit) -> Category:
    return categories.edit_category(category_id, edit, by=caller())
