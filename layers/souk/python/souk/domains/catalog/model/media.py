"""Pictures and films of products: what may be sent up, whether it is what it says, and in which order it is shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from souk.domains.catalog.model.product import MOST_MEDIA, Medium, MediumRole, Name
from souk.domains.catalog.model.sku import url_of
from souk.kernel.errors import Missing, Refused, WrongMedia
from souk.kernel.shapes import Id, Input, Line, Noun
from souk.kernel.uploads import MEGABYTE, SIGNATURES, FileDraft, NotUploaded, need_size

LARGEST_IMAGE, LARGEST_VIDEO = 10 * MEGABYTE, 200 * MEGABYTE


class NotAnImageOrVideo(WrongMedia):
    title = f"Pictures and films of products are {', '.join(SIGNATURES)}"


class NoSuchMedium(Missing):
    title = "The product has no such picture or film"


class NoSuchUpload(Missing):
    title = "No such upload for this product"


class TooManyMedia(Refused):
    title = f"A product has at most {MOST_MEDIA} pictures and films"


Position = Annotated[int, Field(strict=True, ge=0, le=MOST_MEDIA)]


class UploadDraft(FileDraft):
    """What will be sent up; `name` is the file's own name, for staff."""

    name: Line

    def need_acceptable(self) -> None:
        if self.content_type not in SIGNATURES:
            raise NotAnImageOrVideo()
        need_fitting(self.content_type, self.bytes)


class Upload(Noun):
    """A file that was announced for a product and is not attached yet."""

    upload_id: str
    product_id: str
    content_type: str
    bytes: int
    name: str
    expires_at: datetime

    @property
    def key(self) -> str:
        return f"uploads/{self.upload_id}"

    def medium(self, role: MediumRole, alt: Name | None) -> Medium:
        suffix = self.content_type.split("/")[1]
        return Medium(
            media_id=media_id_of(self.upload_id),
            key=f"media/{self.product_id}/{self.upload_id.partition('_')[2]}.{suffix}",
            content_type=self.content_type,
            bytes=self.bytes,
            name=self.name,
            role=role,
            alt=alt,
        )


class Attachment(Input):
    """The upload becomes the product's, at the place `position` (0 is the first); `alt` says what is to be seen."""

    upload_id: Id
    role: MediumRole
    position: Position = MOST_MEDIA
    alt: Name | None = None


class MediumEdit(Input):
    role: MediumRole
    position: Position
    alt: Name | None = None


class StaffMedium(Medium):
    """A picture or film as staff see it, with its place and its address."""

    position: int
    url: str


def media_id_of(upload_id: str) -> str:
    """What the upload is called once it is attached."""
    return f"med_{upload_id.partition('_')[2]}"


def need_fitting(content_type: str, size: int) -> None:
    need_size(content_type, size, LARGEST_IMAGE if content_type.startswith("image/") else LARGEST_VIDEO)


def need_as_announced(upload: Upload, size: int, content_type: str, start: bytes) -> None:
    """Refuses a stored file, which begins with `start`, where it is not what the upload said it would be."""
    need_fitting(upload.content_type, size)
    if size != upload.bytes:
        raise NotUploaded(f"{size} bytes of {upload.bytes} are there")
    if content_type != upload.content_type or not SIGNATURES[upload.content_type](start):
        raise NotAnImageOrVideo(f"The file is not {upload.content_type}")


def find(media: Sequence[Medium], media_id: str) -> Medium | None:
    return next((one for one in media if one.media_id == media_id), None)


def get(media: Sequence[Medium], media_id: str) -> Medium:
    medium = find(media, media_id)
    if medium is None:
        raise NoSuchMedium()
    return medium


def without(media: Sequence[Medium], media_id: str) -> tuple[Medium, ...]:
    return tuple(one for one in media if one.media_id != media_id)


def need_room(media: Sequence[Medium]) -> None:
    if len(media) >= MOST_MEDIA:
        raise TooManyMedia()


def placed(media: Sequence[Medium], medium: Medium, position: int) -> tuple[Medium, ...]:
    """With the medium at that place, whether it is new, moved or said anew; behind the last where there is none."""
    others = without(media, medium.media_id)
    need_room(others)
    return (*others[:position], medium, *others[position:])


def for_staff(media: Sequence[Medium]) -> list[StaffMedium]:
    return [StaffMedium(**dict(one), position=position, url=url_of(one.key)) for position, one in enumerate(media)]
