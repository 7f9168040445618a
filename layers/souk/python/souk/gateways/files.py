"""Files in the shop's bucket: addresses to send them to and fetch them from, and a look at what lies there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from botocore.exceptions import ClientError

from souk.gateways.aws import client
from souk.kernel import clock, ids, pictures, settings
from souk.kernel.errors import Conflict
from souk.kernel.uploads import (
    LARGEST_PICTURE,
    SEND_WITHIN,
    SHOWN_FOR,
    Invitation,
    NotUploaded,
    PictureDraft,
    PictureView,
    UploadUrl,
    need_size,
    picture_kind,
    upload_key,
)

_ABSENT = {"403", "404", "AccessDenied", "NoSuchKey", "NotFound"}  # without the right to list, an absent file is a 403
_CHUNK = 1 << 20


class FileReplaced(Conflict):
    title = "The file was replaced while it was being read"


@dataclass(frozen=True)
class StoredFile:
    bytes: int
    content_type: str
    etag: str


def _s3() -> Any:
    return client("s3")


def invitation(key: str, content_type: str, size: int) -> Invitation:
    """To send up this file, of this kind and of exactly this size."""
    said = {"Bucket": settings.files_bucket(), "Key": key, "ContentType": content_type, "ContentLength": size}
    url = _s3().generate_presigned_url("put_object", Params=said, ExpiresIn=int(SEND_WITHIN.total_seconds()))
    headers = {"Content-Type": content_type, "Content-Length": str(size)}
    return Invitation(url=url, headers=headers, expires_at=clock.now() + SEND_WITHIN)


def begin_picture(draft: PictureDraft, by: str) -> UploadUrl:
    """To send up a picture that only who sends it can speak of."""
    upload_id = ids.new("upl")
    invited = invitation(upload_key(by, upload_id), draft.content_type, draft.bytes)
    return UploadUrl(upload_id=upload_id, **dict(invited))


def sent_picture(key: str, stored: StoredFile) -> tuple[bytes, str]:
    """With its kind: judged by its bytes, and rewritten without what it tells of its taking."""
    if not stored.bytes:
        raise NotUploaded()
    need_size("A picture", stored.bytes, LARGEST_PICTURE)
    content = beginning(key, stored.etag, stored.bytes)
    kind = picture_kind(content)
    return pictures.rewritten(content, kind), kind


def picture_view(key: str, name: str) -> PictureView:
    url = download_url(key, name, int(SHOWN_FOR.total_seconds()))
    return PictureView(url=url, expires_at=clock.now() + SHOWN_FOR)


def download_url(key: str, name: str, seconds: int) -> str:
    said = _at(key) | {"ResponseContentDisposition": f'attachment; filename="{name}"'}
    return str(_s3().generate_presigned_url("get_object", Params=said, ExpiresIn=seconds))


def look(key: str) -> StoredFile | None:
    try:
        found = _s3().head_object(**_at(key))
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    return StoredFile(found["ContentLength"], found["ContentType"], found["ETag"])


def beginning(key: str, etag: str, length: int) -> bytes:
    with _unreplaced():
        return bytes(_s3().get_object(**_at(key), IfMatch=etag, Range=f"bytes=0-{length - 1}")["Body"].read())


def fetch(key: str, etag: str, into: BinaryIO) -> None:
    """The whole file, piece by piece."""
    with _unreplaced():
        found = _s3().get_object(**_at(key), IfMatch=etag)
    for piece in found["Body"].iter_chunks(_CHUNK):
        into.write(piece)
    into.seek(0)


def put(key: str, content: bytes, content_type: str) -> None:
    _s3().put_object(**_at(key), Body=content, ContentType=content_type)


def copy(source: str, etag: str, target: str) -> None:
    """With its kind; the same again is the same copy."""
    with _unreplaced():
        _s3().copy_object(**_at(target), CopySource=_at(source), CopySourceIfMatch=etag)


def remove(key: str) -> None:
    """No file there afterwards, whether or not there was one."""
    _s3().delete_object(**_at(key))


@contextmanager
def _unreplaced() -> Iterator[None]:
    """A file that no longer has the tag it was seen with is another one."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in {"PreconditionFailed", "412", *_ABSENT}:
            raise FileReplaced() from None
        raise


def _at(key: str) -> dict[str, str]:
    return {"Bucket": settings.files_bucket(), "Key": key}
