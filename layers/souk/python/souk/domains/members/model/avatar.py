"""The avatar: a picture of the member, shown by addresses that are signed for whoever may see it."""

from souk.kernel.errors import Missing
from souk.kernel.shapes import Id, Input


class NoAvatarSent(Missing):
    title = "No file was sent up under that id"


class NewAvatar(Input):
    upload_id: Id


def avatar_key(member_id: str) -> str:
    """One place for each member: whatever breaks off in between, no former picture is left anywhere."""
    return f"avatars/{member_id}"
