"""A buyer's refunds: ask for one, answer a question about it, follow how it goes on."""

from http import HTTPStatus

from souk.domains.access.model.rights import SHOP
from souk.domains.aftersales import store
from souk.domains.aftersales.actions import photos, review
from souk.domains.aftersales.model.review import Answer, RatingDraft
from souk.domains.aftersales.model.views import CaseCard, CaseView
from souk.domains.aftersales.model.wish import RefundWish
from souk.domains.shipping.model import Tracking
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import refund, returns
from souk.kernel.page import Page
from souk.kernel.uploads import PictureDraft, PictureView, UploadUrl

app, handler = http_api()


@app.post("/me/refunds", may=SHOP, status=HTTPStatus.CREATED)
def ask_refund(wish: RefundWish) -> CaseView:
    return CaseView.of(refund.ask_refund(wish, by=caller()))


@app.get("/me/refunds", may=SHOP)
def list_refunds(limit: Limit = 20, cursor: Cursor = None) -> Page[CaseCard]:
    return paged(lambda position: store.of_buyer(caller().id, limit, position), cursor, of="my refunds")


@app.post("/me/refunds/uploads", may=SHOP, status=HTTPStatus.CREATED)
def begin_upload(draft: PictureDraft) -> UploadUrl:
    """The photo itself goes straight into the bucket; the request or the answer that it belongs to names it."""
    return photos.begin_upload(draft, by=caller())


@app.get("/me/refunds/{case_id}", may=SHOP)
def read(case_id: str) -> CaseView:
    return CaseView.of(store.for_buyer(case_id, caller()))


@app.post("/me/refunds/{case_id}/parcel", may=SHOP)
def send(case_id: str, tracking: Tracking) -> CaseView:
    """By which parcel the goods are sent back."""
    return CaseView.of(returns.send(case_id, tracking, by=caller()))


@app.post("/me/refunds/{case_id}/answer", may=SHOP)
def answer(case_id: str, said: Answer) -> CaseView:
    return CaseView.of(review.answer(case_id, said, by=caller()))


@app.get("/me/refunds/{case_id}/photos/{photo_id}", may=SHOP)
def show_photo(case_id: str, photo_id: str) -> PictureView:
    return photos.shown(store.for_buyer(case_id, caller()), photo_id)


@app.post("/me/refunds/{case_id}/rating", may=SHOP)
def rate(case_id: str, rating: RatingDraft) -> CaseView:
    """Once a case is closed, and once for each."""
    return CaseView.of(review.rate(case_id, rating, by=caller()))
