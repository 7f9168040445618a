"""What is done with pictures and films: one is sent up, attached to its product, moved, and taken away."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from souk.domains.catalog.actions.saving import present, save
from souk.domains.catalog.model.media import (
    Attachment,
    MediumEdit,
    NoSuchUpload,
    StaffMedium,
    Upload,
    UploadDraft,
    find,
    for_staff,
    get,
    media_id_of,
    need_as_announced,
    need_room,
    placed,
    without,
)
from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import Medium
from souk.domains.catalog.store import uploads as store
from souk.gateways import files
from souk.gateways.files import StoredFile
from souk.kernel import clock, ids, pictures
from souk.kernel.caller import Caller
from souk.kernel.uploads import SIGNATURE_LENGTH, NotUploaded, UploadUrl
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import Present
from souk.table.unit import Unit

ATTACH_WITHIN = timedelta(days=1)


def begin_upload(product_id: str, draft: UploadDraft, by: Caller) -> UploadUrl:
    by.need_office()
    draft.need_acceptable()
    present(product_id, by)
    upload = Upload(
        upload_id=ids.new("upl"), product_id=product_id, expires_at=clock.now() + ATTACH_WITHIN, **dict(draft)
    )
    with Unit() as unit:
        unit.add(keys.UPLOAD, upload)
    invited = files.invitation(upload.key, upload.content_type, upload.bytes)
    return UploadUrl(upload_id=upload.upload_id, **dict(invited))


def attach(product_id: str, wanted: Attachment, by: Caller) -> list[StaffMedium]:
    """The file is looked at where it lies; whoever attaches an upload twice has it attached once.

    The upload is used up by it, so that what is taken away later does not come back with a late repeat.
    """
    by.need_office()
    return again(lambda: _attached(product_id, wanted, by))


def _attached(product_id: str, wanted: Attachment, by: Caller) -> list[StaffMedium]:
    page = present(product_id, by)
    media = page.product.media
    if find(media, media_id_of(wanted.upload_id)):
        return for_staff(media)
    upload = store.upload(wanted.upload_id)
    if upload is None or upload.product_id != product_id or upload.expires_at <= clock.now():
        raise NoSuchUpload()
    medium = upload.medium(wanted.role, wanted.alt)
    need_room(media)
    stored = files.look(upload.key)
    if stored is None:
        raise NotUploaded()
    start = files.beginning(upload.key, stored.etag, SIGNATURE_LENGTH)
    need_as_announced(upload, stored.bytes, stored.content_type, start)
    # Before the product shows it, and just the file that was looked at: another could still be sent to its address.
    medium = _laid_out(upload.key, stored, medium)
    with Unit() as unit:
        unit.remove(keys.UPLOAD, Present(), upload_id=upload.upload_id)
        return _save(unit, page, placed(media, medium, wanted.position))


def _laid_out(source: str, stored: StoredFile, medium: Medium) -> Medium:
    """Where it is fetched from: a film, a GIF or an AVIF as it is, any other picture rewritten."""
    if medium.content_type not in pictures.KINDS:
        files.copy(source, stored.etag, medium.key)
        return medium
    content = pictures.rewritten(files.beginning(source, stored.etag, stored.bytes), medium.content_type)
    files.put(medium.key, content, medium.content_type)
    return medium.but(bytes=len(content))


def edit_medium(product_id: str, media_id: str, edit: MediumEdit, by: Caller) -> list[StaffMedium]:
    by.need_office()

    def moved(page: ProductPage) -> Sequence[Medium]:
        medium = get(page.product.media, media_id)
        return placed(page.product.media, medium.but(role=edit.role, alt=edit.alt), edit.position)

    return _change(product_id, by, moved)


def detach(product_id: str, media_id: str, by: Caller) -> list[StaffMedium]:
    """The file goes too; the bucket keeps it for a while as an old version."""
    by.need_office()
    medium = get(present(product_id, by).product.media, media_id)
    left = _change(product_id, by, lambda page: without(page.product.media, media_id))
    files.remove(medium.key)
    return left


def _change(product_id: str, by: Caller, decide: Callable[[ProductPage], Sequence[Medium]]) -> list[StaffMedium]:
    def change() -> list[StaffMedium]:
        page = present(product_id, by)
        with Unit() as unit:
            return _save(unit, page, decide(page))

    return again(change)


def _save(unit: Unit, page: ProductPage, media: Sequence[Medium]) -> list[StaffMedium]:
    """Another list of what is shown of the product, and so perhaps another picture in the lists of the shop."""
    product = page.product.but(media=tuple(media), changed_at=clock.now())
    return for_staff(save(unit, product, page.shelved(product, page.skus)).media)
