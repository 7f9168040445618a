"""Pictures as they may be shown: rewritten from the parts that make up the image, and nothing else.

Cameras and programs write into a picture where, when and by whom it was taken (Exif, XMP, IPTC, comments, small copies
of what was cut away, whole files behind the end). What is not known to be needed for the image is left out.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from souk.kernel.errors import Refused

_MOST_PARTS = 10_000  # a picture of 10 MB in pieces of a kilobyte; cameras and programs make some hundreds


class BrokenPicture(Refused):
    title = "The picture cannot be read"


def rewritten(content: bytes, content_type: str) -> bytes:
    """The same image, and the way up to hold it; refused where the file is not one whole picture."""
    return _WRITERS[content_type](content)


# ITU-T T.81, table B.1
_END, _SCAN = 0xD9, 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_OF_IMAGE = _FRAMES | {0xC4, 0xCC, _SCAN, *range(0xDB, 0xE0)}
# Segments of applications that say how the colours are meant; without JFIF's, colours are read as by default.
_COLOURS = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_EXIF = (0xE1, b"Exif\0\0")
_MARKER = re.compile(rb"\xff+([\x01-\xfe])")
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def _jpeg(content: bytes) -> bytes:
    segments = [(segment[0], segment[3:], segment) for segment in _segments(content)]
    codes = {code for code, _, _ in segments}
    if _SCAN not in codes or not codes & _FRAMES:
        raise BrokenPicture()
    kept = [
        b"\xff" + segment
        for code, said, segment in segments
        if code in _OF_IMAGE or (code in _COLOURS and said.startswith(_COLOURS[code]))
    ]
    exif = next((said for code, said, _ in segments if code == _EXIF[0] and said.startswith(_EXIF[1])), b"")
    return b"".join((b"\xff\xd8", _turned(_orientation(exif[len(_EXIF[1]) :])), *kept, b"\xff\xd9"))


def _segments(content: bytes) -> Iterator[bytes]:
    """Each from its code on: code, length, what it says, and after a scan's the image's own data, up to the end."""
    at = 2
    for _ in range(_MOST_PARTS):
        marker = _MARKER.match(content, at)
        if marker is None:
            break
        if marker[1][0] == _END:
            return
        length = int.from_bytes(content[marker.end() : marker.end() + 2])
        start, at = marker.start(1), marker.end() + length
        if length < 2 or at > len(content):
            break
        if marker[1][0] == _SCAN:
            after = _AFTER_SCAN.search(content, at)
            at = after.start() if after else len(content)
        yield content[start:at]
    raise BrokenPicture()


def _orientation(tiff: bytes) -> int:
    """Exif 3.0, 4.6.5: which way up the camera was held, in the first directory; 1, upright, where it is not told."""
    order: Literal["big", "little"] = "big" if tiff[:2] == b"MM" else "little"

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], order)

    first = number(4, 4)
    ends = min(first + 2 + 12 * number(first, 2), len(tiff))
    return next((number(at + 8, 2) for at in range(first + 2, ends, 12) if number(at, 2) == 0x0112), 1)


def _turned(orientation: int) -> bytes:
    """A segment that says so and nothing else."""
    if orientation not in range(2, 9):
        return b""
    directory = b"\0\1\x01\x12\0\3\0\0\0\1" + orientation.to_bytes(2) + bytes(6)
    said = _EXIF[1] + b"MM\0*\0\0\0\x08" + directory
    return bytes((0xFF, _EXIF[0])) + (len(said) + 2).to_bytes(2) + said


# PNG, third edition, 5.6: the image, its transparency and its colours. An animation is shown as its first picture.
_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"cICP", b"gAMA", b"iCCP", b"sBIT", b"sRGB"}


def _png(content: bytes) -> bytes:
    kept, kinds, at = [content[:8]], set[bytes](), 8
    for _ in range(_MOST_PARTS):
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if end > len(content):
            break
        kind = content[at + 4 : at + 8]
        kinds.add(kind)
        if kind in _CHUNKS:
            kept.append(content[at:end])
        if kind == b"IEND":
            if kinds >= {b"IHDR", b"IDAT"}:
                return b"".join(kept)
            break
        at = end
    raise BrokenPicture()


# RFC 9649, 2.7
_IMAGES = {b"VP8 ", b"VP8L", b"ANMF"}
_RIFF_CHUNKS = _IMAGES | {b"VP8X", b"ALPH", b"ANIM", b"ICCP"}
_TELLS = 0x0C  # the flags of VP8X that promise Exif and XMP


def _webp(content: bytes) -> bytes:
    kept, kinds, at = list[bytes](), set[bytes](), 12
    ends = 8 + int.from_bytes(content[4:8], "little")
    for _ in range(_MOST_PARTS):
        if at == ends and kinds & _IMAGES:
            body = b"WEBP" + b"".join(kept)
            return b"RIFF" + len(body).to_bytes(4, "little") + body
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if end > min(ends, len(content)):
            break
        kind, chunk = content[at : at + 4], content[at:end]
        kinds.add(kind)
        if kind == b"VP8X" and length:
            chunk = chunk[:8] + bytes((chunk[8] & ~_TELLS,)) + chunk[9:]
        if kind in _RIFF_CHUNKS:
            kept.append(chunk)
        at = end
    raise BrokenPicture()


_WRITERS: dict[str, Callable[[bytes], bytes]] = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
KINDS = tuple(_WRITERS)  # of which there is a writer
