"""Pictures are rewritten: the image stays as it is, and whatever else the file told is gone."""

import random

import pytest
from PIL import Image, ImageOps

from souk.kernel.pictures import BrokenPicture, rewritten
from tests.support.pictures import CANARY, DRAWING, KINDS, PHOTOGRAPH, moving, opened, taken, tells


def kind_of(content: bytes) -> str:
    return f"image/{str(opened(content).format).lower()}"


def shown(content: bytes) -> Image.Image:
    return ImageOps.exif_transpose(opened(content))


@pytest.mark.parametrize("kind", KINDS)
def test_the_image_stays_and_nothing_else_is_told(kind: str) -> None:
    before = taken(kind)
    assert tells(before) >= {"canary", "Make", "GPSInfo"}
    after = rewritten(before, kind_of(before))
    assert tells(after) == set()
    one, other = opened(before), opened(after)
    assert (one.mode, one.size, one.tobytes()) == (other.mode, other.size, other.tobytes())
    assert one.info.get("icc_profile") == other.info.get("icc_profile")
    assert one.info.get("transparency") == other.info.get("transparency")
    assert rewritten(after, kind_of(after)) == after


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_held_the_same_way_up(orientation: int) -> None:
    before = taken(PHOTOGRAPH, orientation)
    after = rewritten(before, "image/jpeg")
    assert tells(after) == ({"Orientation"} if orientation > 1 else set())
    assert shown(after).size == shown(before).size
    assert shown(after).tobytes() == shown(before).tobytes()


def test_a_moving_picture_goes_on_moving() -> None:
    before = moving()
    after = rewritten(before, "image/webp")
    assert CANARY in before and tells(after) == set()
    assert getattr(opened(after), "n_frames", 1) == getattr(opened(before), "n_frames", 1) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_not_whole_is_refused(kind: str) -> None:
    whole = rewritten(taken(kind), kind_of(taken(kind)))
    for length in range(12, len(whole)):
        with pytest.raises(BrokenPicture):
            rewritten(whole[:length], kind_of(whole))


@pytest.mark.parametrize("kind", [PHOTOGRAPH, DRAWING, "a light photograph"])
def test_whatever_was_done_to_a_file_it_is_rewritten_or_refused(kind: str) -> None:
    content, chance = taken(kind, orientation=6), random.Random(kind)
    outcomes = {"refused": 0, "rewritten": 0}
    for _ in range(3_000):
        spoilt = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            spoilt[chance.randrange(len(spoilt))] = chance.choice((0, 1, 0x80, 0xFF, chance.randrange(256)))
        try:
            rewritten(bytes(spoilt), kind_of(content))
            outcomes["rewritten"] += 1
        except BrokenPicture:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 100, outcomes


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image/jpeg", b"\xff\xd8" + b"\xff" * 10_000_000),
        ("image/jpeg", b"\xff\xd8" + b"\xff\xe5\0\2" * 2_500_000),
        ("image/jpeg", b"\xff\xd8\xff\xd9"),
        ("image/png", b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0tEXt\0\0\0\0" * 800_000),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\0\0\0\0"),
        ("image/webp", b"RIFF" + (8_000_004).to_bytes(4, "little") + b"WEBP" + b"EXIF\0\0\0\0" * 1_000_000),
        ("image/webp", b"RIFF\4\0\0\0WEBP"),
    ],
)
def test_a_file_that_is_all_structure_and_no_image_is_refused(kind: str, content: bytes) -> None:
    with pytest.raises(BrokenPicture):
        rewritten(content, kind)
