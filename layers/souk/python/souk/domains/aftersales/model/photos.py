"""Photos of a case: how many there may be, and where each lies."""

from typing import Annotated

from pydantic import Field

from souk.kernel.errors import Missing
from souk.kernel.shapes import Id, Noun

MOST_PHOTOS = 9


class NoPhotoSent(Missing):
    title = "No photo was sent up under that id"


class NoSuchPhoto(Missing):
    title = "The case has no such photo"


Uploads = Annotated[list[Id], Field(max_length=MOST_PHOTOS)]


class Photo(Noun):
    photo_id: str
    content_type: str
    bytes: int


def photo_key(order_id: str, photo_id: str) -> str:
    """Of the order and not of the case, so that a request which broke off and comes again leaves no second copy."""
    return f"cases/{order_id}/{photo_id}"
