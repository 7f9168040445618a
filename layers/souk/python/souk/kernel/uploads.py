"""Files that people send up: what is said of one beforehand, and how each kind of file begins."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from souk.kernel import pictures
from souk.kernel.errors import Conflict, TooLarge, WrongMedia
from souk.kernel.shapes import Input, Line, Noun

MEGABYTE = 1_000_000
LARGEST_PICTURE = 5 * MEGABYTE
SEND_WITHIN = timedelta(minutes=15)
SHOWN_FOR = timedelta(minutes=15)
SIGNATURE_LENGTH = 16  # bytes from the beginning of a file in which its signature lies
_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ")


def _boxed(*brands: bytes) -> Callable[[bytes], bool]:
    """ISO/IEC 14496-12: a file of boxes begins with its type and major brand."""
    return lambda start: start[4:8] == b"ftyp" and start[8:12] in brands


# How each kind of file begins. SVG is not taken: it may hold scripts.
SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "image/jpeg": lambda start: start[:3] == b"\xff\xd8\xff",
    "image/png": lambda start: start[:8] == b"\x89PNG\r\n\x1a\n",
    "image/gif": lambda start: start[:6] in (b"GIF87a", b"GIF89a"),
    "image/webp": lambda start: start[:4] == b"RIFF" and start[8:12] == b"WEBP",
    "image/avif": _boxed(b"avif", b"avis"),
    "video/mp4": _boxed(*_BRANDS),
    "video/webm": lambda start: start[:4] == b"\x1a\x45\xdf\xa3",
}


class FileTooLarge(TooLarge):
    title = "The file is too large"


class NotUploaded(Conflict):
    title = "The file is not there, or not whole"


class NotAPicture(WrongMedia):
    title = f"A picture is {', '.join(pictures.KINDS)}"


FileSize = Annotated[int, Field(strict=True, ge=1, le=10**15)]


class FileDraft(Input):
    """What will be sent up."""

    content_type: Annotated[Line, Field(max_length=100)]
    bytes: FileSize


class PictureDraft(FileDraft):
    """A picture that is judged by its bytes once it is there, and rewritten."""

    def need_acceptable(self) -> None:
        if self.content_type not in pictures.KINDS:
            raise NotAPicture()
        need_size(self.content_type, self.bytes, LARGEST_PICTURE)


class PictureView(Noun):
    """Where a picture is fetched from, until `expires_at`."""

    url: str
    expires_at: datetime


class Invitation(Noun):
    """Where a file goes: one `PUT` with exactly these headers, until `expires_at`."""

    url: str
    headers: dict[str, str]
    expires_at: datetime


class UploadUrl(Invitation):
    """The file is spoken of by `upload_id` afterwards."""

    upload_id: str


def picture_kind(start: bytes) -> str:
    """Of the kinds that can be rewritten; told by how the file begins, whatever it was sent up as."""
    for kind in pictures.KINDS:
        if SIGNATURES[kind](start):
            return kind
    raise NotAPicture()


def upload_key(caller_id: str, upload_id: str) -> str:
    """Below the id of who sends it up, so nobody else's upload can be named."""
    return f"uploads/{caller_id}/{upload_id}"


def need_size(what: str, size: int, most: int) -> None:
    if size > most:
        raise FileTooLarge(f"{what} may have at most {most} bytes", bytes=size, most_bytes=most)
