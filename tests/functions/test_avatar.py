"""A member's picture: what may be sent up, what is shown of it and to whom, and that no former one is left."""

import re
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from souk.domains.access.actions import callers
from souk.gateways import files as gateway
from souk.kernel.caller import Caller
from souk.kernel.errors import Unavailable
from tests.support import files
from tests.support.people import People
from tests.support.pictures import KINDS, opened, taken, tells
from tests.support.shop import Answer, Shop, client
from tests.support.table import before_next_write

AVATAR = "/me/profile/avatar"
FIRST, SECOND = taken(colour=10), taken(colour=80)


class Member:
    """Somebody who has signed up, with pictures at hand."""

    def __init__(self, people: People, email: str = "ines.carvalho@example.com") -> None:
        self.shop: Shop = people.shop
        self.caller: Caller = callers.recognise(f"Bearer {people.sign_up(email).ok()['id_token']}")

    def announce(self, content_type: str = "image/jpeg", size: Any = 9_000, **more: Any) -> Answer:
        said = {"content_type": content_type, "bytes": size, **more}
        return self.shop.post(f"{AVATAR}/uploads", said, as_=self.caller)

    def send_up(self, content: bytes = FIRST, content_type: str = "image/jpeg") -> str:
        """The upload's id."""
        ticket = self.announce(content_type).ok()
        assert files.send_up(ticket, content) == 200
        return str(ticket["upload_id"])

    def replace(self, upload_id: str) -> Answer:
        return self.shop.put(AVATAR, {"upload_id": upload_id}, as_=self.caller)

    def remove(self) -> Answer:
        return self.shop.delete(AVATAR, as_=self.caller)

    def profile(self) -> Any:
        return self.shop.get("/me/profile", as_=self.caller).ok()

    def seen(self) -> bytes | None:
        """What the profile shows, and nothing else of the member's may lie there."""
        shown = self.profile()["avatar"]
        assert len(stored("avatars/")) == bool(shown)
        return files.fetched(shown["url"]) if shown else None


@pytest.fixture
def member(people: People) -> Member:
    return Member(people)


def stored(folder: str) -> list[str]:
    found = client("s3").list_objects_v2(Bucket="souk-test-files", Prefix=folder).get("Contents", [])
    return [one["Key"] for one in found]


def looks_like(seen: bytes | None, sent: bytes) -> bool:
    return seen is not None and opened(seen).tobytes() == opened(sent).tobytes()


@pytest.mark.capability("USR-06")
def test_a_picture_is_shown_without_what_it_tells_of_its_taking(member: Member) -> None:
    assert member.profile()["avatar"] is None
    for kind in KINDS:
        sent = taken(kind)
        answered = member.replace(member.send_up(sent, "image/webp")).ok()
        seen = member.seen()
        assert seen is not None and looks_like(seen, sent) and tells(seen) == set(), kind
        answer = requests.get(answered["url"], timeout=10)
        assert answer.content == seen
        is_what = f"image/{str(opened(sent).format).lower()}"
        assert answer.headers["Content-Type"] == is_what, "whatever it was announced as"
    assert stored("uploads/") == []


@pytest.mark.capability("USR-06")
def test_the_address_is_signed_for_a_quarter_of_an_hour(member: Member) -> None:
    """What lies outside media/ is fetched by no other: tests/house/test_files.py."""
    shown = member.replace(member.send_up()).ok()
    signed = parse_qs(urlsplit(shown["url"]).query)
    assert signed["X-Amz-Expires"] == ["900"] and re.fullmatch("[0-9a-f]{64}", signed["X-Amz-Signature"][0])
    assert stored("media/") == [] != stored("avatars/")


@pytest.mark.capability("USR-06")
def test_another_picture_takes_the_place_of_the_first_and_the_first_is_used_up(member: Member) -> None:
    first = member.send_up(FIRST)
    member.replace(first).ok()
    member.replace(member.send_up(SECOND)).ok()
    assert looks_like(member.seen(), SECOND) and not looks_like(member.seen(), FIRST)
    late = member.replace(first)
    assert (late.status, late["code"]) == (404, "no_avatar_sent")
    assert looks_like(member.seen(), SECOND)


@pytest.mark.capability("USR-06")
def test_a_picture_that_is_taken_away_is_gone_and_does_not_come_back(member: Member) -> None:
    upload_id = member.send_up()
    address = member.replace(upload_id).ok()["url"]
    assert [member.remove().status for _ in range(2)] == [204, 204]
    assert member.profile()["avatar"] is None
    assert stored("") == []
    assert not requests.get(address, timeout=10).ok
    assert member.replace(upload_id).status == 404


def test_the_same_again_is_answered_like_the_first_time(member: Member) -> None:
    upload_id = member.send_up()
    for _ in range(2):
        assert looks_like(files.fetched(member.replace(upload_id).ok()["url"]), FIRST)


@pytest.mark.capability("USR-06")
def test_only_pictures_of_a_fitting_size_are_announced(member: Member) -> None:
    for kind in ("image/gif", "image/svg+xml", "image/avif", "video/mp4", "text/html", "IMAGE/PNG", "image/png;x=y"):
        refused = member.announce(kind)
        assert (refused.status, refused["code"]) == (415, "not_a_picture"), kind
    sizes = ((5_000_000, 201), (5_000_001, 413), (10**15, 413), (0, 422), (-1, 422), (1.5, 422), ("9", 422))
    for size, status in sizes:
        assert member.announce(size=size).status == status, size
    for more in ({"name": "me.jpg"}, {"key": "media/a"}, {"member_id": "mem_1"}):
        assert member.announce(**more).status == 422, more


WRONG: dict[str, tuple[bytes, int]] = {
    "a page with a script": (b"<script>alert(1)</script>", 415),
    "a GIF": (b"GIF89a" + bytes(100), 415),
    "half a photograph": (FIRST[: len(FIRST) // 4], 422),
    "a photograph of nothing": (b"\xff\xd8\xff\xd9", 422),
    "nothing": (b"", 409),
    "more than was said": (FIRST + bytes(5_000_000), 413),
}


@pytest.mark.capability("USR-06")
def test_what_has_come_is_looked_at_whatever_was_said_of_it(member: Member) -> None:
    member.replace(member.send_up(SECOND)).ok()
    for what, (content, status) in WRONG.items():
        upload_id = member.send_up(content)
        with member.shop.unchanged():
            assert member.replace(upload_id).status == status, what
    assert looks_like(member.seen(), SECOND)


@pytest.mark.capability("USR-06")
def test_nobody_elses_upload_becomes_ones_picture(member: Member, people: People) -> None:
    other = Member(people, "otto@example.com")
    upload_id = other.send_up()
    foreign, absent = member.replace(upload_id), member.replace("upl_0")
    assert (foreign.status, foreign.body) == (absent.status, absent.body) == (404, absent.body)
    other.replace(upload_id).ok()
    assert member.profile()["avatar"] is None
    member.remove()
    assert stored("avatars/") == [f"avatars/{other.caller.id}"]


def before_next_file(patch: pytest.MonkeyPatch, meanwhile: Callable[[], Any]) -> None:
    """Once: somebody else is quicker than the next command that writes or removes a file."""
    real = {name: getattr(gateway, name) for name in ("put", "remove")}

    def late(name: str, *args: Any) -> None:
        for one, call in real.items():
            patch.setattr(gateway, one, call)
        meanwhile()
        real[name](*args)

    for name in real:
        patch.setattr(gateway, name, partial(late, name))


DEEDS: dict[str, Callable[[Member, str], Answer]] = {
    "another picture": lambda member, upload_id: member.replace(upload_id),
    "taken away": lambda member, _: member.remove(),
    "another name": lambda member, _: member.shop.call("PATCH", "/me/profile", {"nickname": "Nê"}, as_=member.caller),
}
MOMENTS: tuple[Callable[..., None], ...] = (before_next_file, partial(before_next_write, of="Profile"))


@pytest.mark.capability("USR-06")
def test_whatever_is_done_at_once_the_profile_shows_what_is_there(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment, deed, is_shown in product(MOMENTS, DEEDS, (True, False)):
        member.shop.pass_time(days=1)
        member.replace(member.send_up(SECOND)).ok()
        one, other = member.send_up(FIRST), member.send_up(SECOND)
        done: list[Answer] = []
        moment(monkeypatch, lambda done=done, deed=deed, other=other: done.append(DEEDS[deed](member, other)))
        (member.replace(one) if is_shown else member.remove()).ok()
        assert [answer.status < 300 for answer in done] == [True]
        seen = member.seen()
        assert looks_like(seen, FIRST) if is_shown else seen is None, (moment, deed)


def test_what_broke_off_is_finished_by_the_same_again(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = member.send_up()
    for name in ("put", "remove"):
        with monkeypatch.context() as patch:
            patch.setattr(gateway, name, lambda *_: (_ for _ in ()).throw(Unavailable()))
            assert member.replace(upload_id).status == 503
    assert looks_like(files.fetched(member.replace(upload_id).ok()["url"]), FIRST)
    assert stored("uploads/") == []


@pytest.mark.capability("USR-06")
def test_a_picture_taken_away_does_not_come_back_with_a_late_repeat(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever showed it had broken off before the upload was used up."""
    upload_id = member.send_up()
    with monkeypatch.context() as patch:
        patch.setattr(gateway, "remove", lambda *_: (_ for _ in ()).throw(Unavailable()))
        assert member.replace(upload_id).status == 503
    member.remove().ok()
    assert member.replace(upload_id).status == 404
    assert member.seen() is None


@pytest.mark.capability("USR-06")
def test_pictures_are_sent_up_so_many_times_a_day(member: Member) -> None:
    assert [member.announce().status for _ in range(21)] == [201] * 20 + [429]
    member.shop.pass_time(days=1)
    assert member.announce().status == 201
