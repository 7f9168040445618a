"""The avatar: a picture of the member, shown by addresses that are signed for whoever may see it."""

from datetime import datetime, timedelta

from souk.kernel import pictures
from souk.kernel.errors import Missing, WrongMedia
from souk.kernel.shapes import Id, Input, Noun
from souk.kernel.uploads import MEGABYTE, FileDraft, NotUploaded, need_size, picture_kind

LARGEST = 5 * MEGABYTE
SHOWN_FOR = timedelta(minutes=15)


class NotAPicture(WrongMedia):
    title = f"An avatar is {', '.join(pictures.KINDS)}"


class NoAvatarSent(Missing):
    title = "No file was sent up under that id"


class AvatarDraft(FileDraft):
    def need_acceptable(self) -> None:
        if self.content_type not in pictures.KINDS:
            raise NotAPicture()
        need_size(self.content_type, self.bytes, LARGEST)


class NewAvatar(Input):
    upload_id: Id


class AvatarView(Noun):
    """Where the picture is fetched from, until `expires_at`."""

    url: str
    expires_at: datetime


def avatar_key(member_id: str) -> str:
    """One place for each member: whatever breaks off in between, no former picture is left anywhere."""
    return f"avatars/{member_id}"


def need_whole(size: int) -> None:
    """Whatever was said beforehand of the file that is there."""
    if not size:
        raise NotUploaded()
    need_size("An avatar", size, LARGEST)


def kind_of(start: bytes) -> str:
    kind = picture_kind(start)
    if kind is None:
        raise NotAPicture()
    return kind
