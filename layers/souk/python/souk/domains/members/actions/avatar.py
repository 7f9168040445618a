"""What a member does with the own picture."""

from datetime import timedelta

from souk.domains.members.model.avatar import NoAvatarSent, avatar_key
from souk.domains.members.model.profile import Profile
from souk.domains.members.store import profile as store
from souk.gateways import files
from souk.kernel.caller import Caller
from souk.kernel.uploads import PictureDraft, PictureView, UploadUrl, upload_key
from souk.table import keys, limits
from souk.table.again import again
from souk.table.limits import Limit
from souk.table.unit import ChangedMeanwhile, Unit

UPLOADS_OF_MEMBER = Limit("avatars_of_member", most=20, window=timedelta(days=1))


def begin_upload(draft: PictureDraft, by: Caller) -> UploadUrl:
    draft.need_acceptable()
    limits.count((UPLOADS_OF_MEMBER, by.id))
    return files.begin_picture(draft, by.id)


def replace(upload_id: str, by: Caller) -> PictureView:
    """The upload is used up by it, so that a picture that was taken away does not come back with a late repeat."""
    sent_up = upload_key(by.id, upload_id)

    def change() -> None:
        # Looked for before the profile is read: it goes only after the profile tells that it became the picture.
        stored = files.look(sent_up)
        before = store.of_member(by.id)
        if before.avatar == upload_id:
            return
        if stored is None:
            raise NoAvatarSent()
        content, kind = files.sent_picture(sent_up, stored)
        # Before the profile tells of it; where the picture is taken away meanwhile, the profile is another, and all
        # of this is done again.
        files.put(avatar_key(by.id), content, kind)
        _use_up(before)
        _save(before.but(avatar=upload_id))

    again(change)
    files.remove(sent_up)
    return _view(by.id)


def remove(by: Caller) -> None:
    """The file too, even where the profile tells of none: a picture may have been put there and not been told of."""

    def change() -> None:
        before = store.of_member(by.id)
        files.remove(avatar_key(by.id))
        # Always another version, so that whoever is putting a picture there just now notices.
        _use_up(before)
        _save(before.but(avatar=None))

    again(change)


def shown(profile: Profile) -> PictureView | None:
    return _view(profile.member_id) if profile.avatar else None


def _use_up(former: Profile) -> None:
    """What the picture came from, should whoever showed it have broken off before that."""
    if former.avatar:
        files.remove(upload_key(former.member_id, former.avatar))


def _save(profile: Profile) -> None:
    with Unit() as unit:
        unit.save(keys.PROFILE, profile, otherwise=ChangedMeanwhile())


def _view(member_id: str) -> PictureView:
    return files.picture_view(avatar_key(member_id), "avatar")
