"""A buyer's refunds: ask for one, answer a question about it, follow how it goes on."""

from http import HTTPStatus

from souk.domains.access.model import SHOP
from souk.domains.aftersales import store
from souk.domains.aftersales.actions import review
from souk.domains.aftersales.model.case import CaseCard, CaseView
from souk.domains.aftersales.model.review import Said
from souk.domains.aftersales.model.wish import RefundWish
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import refund
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/me/refunds", may=SHOP, status=HTTPStatus.CREATED)
def ask_refund(wish: RefundWish) -> CaseView:
    return CaseView.of(refund.ask_refund(wish, by=caller()))


@app.get("/me/refunds", may=SHOP)
def list_refunds(limit: Limit = 20, cursor: Cursor = None) -> Page[CaseCard]:
    return paged(lambda position: store.of_buyer(caller().id, limit, position), cursor, of="my refunds")


@app.get("/me/refunds/{case_id}", may=SHOP)
def read(case_id: str) -> CaseView:
    return CaseView.of(store.for_buyer(case_id, caller()))


@app.post("/me/refunds/{case_id}/answer", may=SHOP)
def answer(case_id: str, said: Said) -> CaseView:
    return CaseView.of(review.answer(case_id, said, by=caller()))
