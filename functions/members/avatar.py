"""A member's picture: send one up, show it, take it away."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.members.actions import avatar
from souk.domains.members.model.avatar import NewAvatar
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.uploads import PictureDraft, PictureView, UploadUrl

app, handler = http_api()


@app.post("/me/profile/avatar/uploads", may=PROFILE, status=HTTPStatus.CREATED)
def begin_upload(draft: PictureDraft) -> UploadUrl:
    """The file itself goes straight into the bucket, by the address in the answer."""
    return avatar.begin_upload(draft, by=caller())


@app.put("/me/profile/avatar", may=PROFILE)
def replace(wanted: NewAvatar) -> PictureView:
    """In the place of the former one, and without what the file tells of where and when it was taken."""
    return avatar.replace(wanted.upload_id, by=caller())


@app.delete("/me/profile/avatar", may=PROFILE, status=HTTPStatus.NO_CONTENT)
def remove() -> None:
    avatar.remove(by=caller())
