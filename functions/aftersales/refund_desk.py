"""The refund desk: what waits at a store, and what staff decide about it."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.aftersales import store
from souk.domains.aftersales.actions import photos, review
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.lifecycle import CaseStatus
from souk.domains.aftersales.model.review import Said
from souk.domains.aftersales.model.views import CaseCard
from souk.domains.aftersales.model.wish import CaseDraft
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import refund, returns
from souk.kernel.page import Page
from souk.kernel.shapes import Id
from souk.kernel.uploads import PictureView

app, handler = http_api()


@app.get("/staff/refunds", may="refunds.read")
def list_refunds(
    store_id: Annotated[Id, Query()],
    status: Annotated[CaseStatus, Query()] = "requested",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[CaseCard]:
    """Cases of a store in one status, oldest first."""
    caller().need_store(store_id)
    return paged(
        lambda position: store.of_store(store_id, status, limit, position), cursor, of=f"refunds {store_id} {status}"
    )


@app.post("/staff/refunds", may="refunds.review", status=HTTPStatus.CREATED)
def ask_for_buyer(draft: CaseDraft) -> RefundCase:
    """What a buyer asks for on the telephone or at a counter, by who of the staff takes it down."""
    return refund.ask_for_buyer(draft, by=caller())


@app.get("/staff/refunds/orders/{order_id}", may="refunds.read")
def list_of_order(order_id: str) -> Page[CaseCard]:
    return Page(items=store.of_order(order_id, caller()))


@app.get("/staff/refunds/{case_id}", may="refunds.read")
def read(case_id: str) -> RefundCase:
    return store.for_staff(case_id, caller())


@app.get("/staff/refunds/{case_id}/photos/{photo_id}", may="refunds.read")
def show_photo(case_id: str, photo_id: str) -> PictureView:
    return photos.shown(store.for_staff(case_id, caller()), photo_id)


@app.post("/staff/refunds/{case_id}/approve", may="refunds.review")
def approve(case_id: str) -> RefundCase:
    return returns.approve(case_id, by=caller())


@app.post("/staff/refunds/{case_id}/reject", may="refunds.review")
def reject(case_id: str, why: Said) -> RefundCase:
    return review.reject(case_id, why, by=caller())


@app.post("/staff/refunds/{case_id}/ask", may="refunds.review")
def ask_more(case_id: str, question: Said) -> RefundCase:
    return review.ask_more(case_id, question, by=caller())


@app.post("/staff/refunds/{case_id}/close", may="refunds.review")
def close(case_id: str, why: Said) -> RefundCase:
    """Goods that were to come back are not looked for any more."""
    return returns.close(case_id, why.text, by=caller())
