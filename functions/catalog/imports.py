"""Imports for staff: fetch the template, send up a file of products, see how far it is and what became of its rows."""

from http import HTTPStatus

from souk.domains.catalog.actions import imports
from souk.domains.catalog.model.imports import (
    Format,
    ImportDraft,
    ImportProgress,
    ImportUrl,
    Outcome,
    RowOutcome,
    Template,
)
from souk.domains.catalog.store import imports as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/imports/template", may="catalog.import")
def read_template(format: Format = "csv") -> Template:
    return imports.template(format)


@app.post("/staff/imports", may="catalog.import", status=HTTPStatus.CREATED)
def begin(draft: ImportDraft) -> ImportUrl:
    """The file itself goes straight into the bucket, by the address in the answer."""
    return imports.begin_import(draft, by=caller())


@app.get("/staff/imports/{import_id}", may="catalog.import")
def read(import_id: str) -> ImportProgress:
    caller().need_store(None)
    return store.import_progress(import_id)


@app.get("/staff/imports/{import_id}/rows", may="catalog.import")
def read_rows(
    import_id: str, outcome: Outcome = "failed", limit: Limit = 20, cursor: Cursor = None
) -> Page[RowOutcome]:
    caller().need_store(None)
    store.get_import(import_id)
    return paged(
        lambda position: store.imported_rows(import_id, outcome, limit, position),
        cursor,
        of=f"import {import_id} {outcome}",
    )
