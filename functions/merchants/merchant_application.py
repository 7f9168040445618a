"""A member applies to sell here, follows what is said about it, and answers."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.merchants import actions
from souk.domains.merchants.model.application import Application, ApplicationView, DocumentDraft
from souk.domains.merchants.store import merchants as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.owner import merchant_id_of
from souk.kernel.uploads import PictureView, UploadUrl

app, handler = http_api()


@app.post("/me/merchant-application/uploads", may=PROFILE, status=HTTPStatus.CREATED)
def begin_upload(draft: DocumentDraft) -> UploadUrl:
    """The file itself goes straight into the bucket, by the address in the answer."""
    return actions.begin_upload(draft, by=caller())


@app.post("/me/merchant-application", may=PROFILE, status=HTTPStatus.CREATED)
def apply(application: Application) -> ApplicationView:
    return ApplicationView.of(actions.apply(application, by=caller()))


@app.get("/me/merchant-application", may=PROFILE)
def read() -> ApplicationView:
    return ApplicationView.of(store.get(merchant_id_of(caller().id)))


@app.get("/me/merchant-application/documents/{document_id}", may=PROFILE)
def read_document(document_id: str) -> PictureView:
    return actions.shown(store.get(merchant_id_of(caller().id)), document_id)
