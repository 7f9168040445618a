"""Photos of a case: what may be sent up, and where each lies."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from souk.kernel import pictures
from souk.kernel.errors import Missing, WrongMedia
from souk.kernel.shapes import Id, Noun
from souk.kernel.uploads import MEGABYTE, FileDraft, NotUploaded, need_size, picture_kind

LARGEST = 5 * MEGABYTE
MOST_PHOTOS = 9
SHOWN_FOR = timedelta(minutes=15)


class NotAPhoto(WrongMedia):
    title = f"Photos of a case are {', '.join(pictures.KINDS)}"


class NoPhotoSent(Missing):
    title = "No photo was sent up under that id"


class NoSuchPhoto(Missing):
    title = "The case has no such photo"


Uploads = Annotated[list[Id], Field(max_length=MOST_PHOTOS)]


class PhotoDraft(FileDraft):
    def need_acceptable(self) -> None:
        if self.content_type not in pictures.KINDS:
            raise NotAPhoto()
        need_size(self.content_type, self.bytes, LARGEST)


class Photo(Noun):
    photo_id: str
    content_type: str
    bytes: int


class PhotoView(Noun):
    """Where the photo is fetched from, until `expires_at`."""

    url: str
    expires_at: datetime


def photo_key(order_id: str, photo_id: str) -> str:
    """Of the order and not of the case, so that a request which broke off and comes again leaves no second copy."""
    return f"cases/{order_id}/{photo_id}"


def need_whole(size: int) -> None:
    """Whatever was said beforehand of the file that is there."""
    if not size:
        raise NotUploaded()
    need_size("A photo", size, LARGEST)


def kind_of(start: bytes) -> str:
    kind = picture_kind(start)
    if kind is None:
        raise NotAPhoto()
    return kind
