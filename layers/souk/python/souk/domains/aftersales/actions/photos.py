"""What is done with photos of a case: one is sent up, laid with the case, and shown to whoever may see the case."""

from collections.abc import Iterable
from datetime import timedelta

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.photos import NoPhotoSent, Photo, photo_key
from souk.gateways import files
from souk.kernel.caller import Caller
from souk.kernel.uploads import PictureDraft, PictureView, UploadUrl, upload_key
from souk.table import limits
from souk.table.limits import Limit

UPLOADS_OF_BUYER = Limit("photos_of_buyer", most=50, window=timedelta(days=1))


def begin_upload(draft: PictureDraft, by: Caller) -> UploadUrl:
    draft.need_acceptable()
    limits.count((UPLOADS_OF_BUYER, by.id))
    return files.begin_picture(draft, by.id)


def laid(order_id: str, upload_ids: Iterable[str], by: Caller) -> tuple[Photo, ...]:
    """Before the case tells of them, each where it is shown from; the same again is the same photo."""
    return tuple(_laid(order_id, upload_id, by) for upload_id in dict.fromkeys(upload_ids))


def shown(case: RefundCase, photo_id: str) -> PictureView:
    photo = case.photo(photo_id)
    return files.picture_view(photo_key(case.order_id, photo.photo_id), photo.photo_id)


def _laid(order_id: str, upload_id: str, by: Caller) -> Photo:
    sent_up = upload_key(by.id, upload_id)
    stored = files.look(sent_up)
    if stored is None:
        raise NoPhotoSent(upload_id=upload_id)
    content, kind = files.sent_picture(sent_up, stored)
    files.put(photo_key(order_id, upload_id), content, kind)
    return Photo(photo_id=upload_id, content_type=kind, bytes=len(content))
