"""Pictures as cameras and programs leave them: an image, and much beside it that nobody else should read."""

import io
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin

CANARY = b"canary 38.7223 N 9.1393 W"
BEHIND = b"a film that a telephone hides behind the end: " + CANARY
# What Pillow is told to write, each kind of file in the ways that differ in structure.
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a photograph": ("JPEG", "RGB", {}),
    "a photograph that is shown step by step": ("JPEG", "RGB", {"progressive": True}),
    "a photograph in grey": ("JPEG", "L", {"restart_marker_blocks": 2}),
    "a photograph for print": ("JPEG", "CMYK", {}),
    "a drawing": ("PNG", "RGB", {}),
    "a drawing with holes": ("PNG", "RGBA", {}),
    "a drawing of few colours": ("PNG", "P", {"transparency": 0}),
    "a light photograph": ("WEBP", "RGB", {}),
    "a light photograph with holes": ("WEBP", "RGBA", {}),
    "a light drawing": ("WEBP", "RGB", {"lossless": True}),
}
PHOTOGRAPH, DRAWING = "a photograph", "a drawing"


def taken(kind: str = PHOTOGRAPH, orientation: int = 1, colour: int = 0) -> bytes:
    """A small picture of that kind, with its place in all that its format has room for."""
    file_format, mode, more = KINDS[kind]
    image = Image.linear_gradient("L").rotate(colour).resize((48, 32)).convert(mode)
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = CANARY.decode(), orientation
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (38.0, 43.0, 20.0)
    told: dict[str, Any] = {"exif": exif, "xmp": CANARY, "comment": CANARY} | more
    if mode == "RGB":
        told["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if file_format == "PNG":
        told["pnginfo"] = PngImagePlugin.PngInfo()
        told["pnginfo"].add_text("Comment", CANARY.decode())
        told["pnginfo"].add_itxt("XML:com.adobe.xmp", CANARY.decode())
    content = io.BytesIO()
    image.save(content, file_format, **told)
    return content.getvalue() + BEHIND


def moving() -> bytes:
    first, second = (Image.new("RGB", (16, 16), colour) for colour in ("navy", "gold"))
    content = io.BytesIO()
    first.save(content, "WEBP", save_all=True, append_images=[second], exif=b"Exif\0\0" + CANARY, xmp=CANARY)
    return content.getvalue()


def opened(content: bytes) -> Image.Image:
    """As a browser shows it, whole."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def tells(content: bytes) -> set[str]:
    """What there is to read beside the image."""
    image = opened(content)
    words = {str(ExifTags.TAGS.get(tag, tag)) for tag in image.getexif()}
    words |= {str(name) for name in image.info} & {"xmp", "comment", "Comment", "XML:com.adobe.xmp"}
    return words | ({"canary"} if b"canary" in content else set())
