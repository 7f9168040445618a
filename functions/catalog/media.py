"""Pictures and films of a product for staff: send one up, attach it, put them in order, take one away."""

from http import HTTPStatus

from souk.domains.catalog.actions import media
from souk.domains.catalog.model.media import Attachment, MediumEdit, StaffMedium, UploadDraft, for_staff
from souk.domains.catalog.store import products as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.page import Page
from souk.kernel.uploads import UploadUrl

app, handler = http_api()


@app.get("/staff/products/{product_id}/media", may="catalog.read")
def read(product_id: str) -> Page[StaffMedium]:
    return Page(items=for_staff(store.get_for(product_id, caller()).media))


@app.post("/staff/products/{product_id}/media/uploads", may="catalog.write", status=HTTPStatus.CREATED)
def begin_upload(product_id: str, draft: UploadDraft) -> UploadUrl:
    """The file itself goes straight into the bucket, by the address in the answer."""
    return media.begin_upload(product_id, draft, by=caller())


@app.post("/staff/products/{product_id}/media", may="catalog.write", status=HTTPStatus.CREATED)
def attach(product_id: str, wanted: Attachment) -> Page[StaffMedium]:
    return Page(items=media.attach(product_id, wanted, by=caller()))


@app.put("/staff/products/{product_id}/media/{media_id}", may="catalog.write")
def edit(product_id: str, media_id: str, edit: MediumEdit) -> Page[StaffMedium]:
    return Page(items=media.edit_medium(product_id, media_id, edit, by=caller()))


@app.delete("/staff/products/{product_id}/media/{media_id}", may="catalog.write")
def detach(product_id: str, media_id: str) -> Page[StaffMedium]:
    return Page(items=media.detach(product_id, media_id, by=caller()))
