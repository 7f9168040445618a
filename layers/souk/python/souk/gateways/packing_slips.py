"""Packing slips as PDF: what is in a parcel, where it goes, and the order's number as a barcode (Code 128)."""

import io
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from souk.kernel.address import Address
from souk.kernel.shapes import Noun

# Whatever names and addresses are written in: the first font whose characters are the codec's. None of them is in
# the file: readers bring the first, as every PDF reader does, and the others with their system's East Asian fonts.
_FONTS = {
    "Helvetica": "cp1252",
    "STSong-Light": "gbk",
    "HeiseiMin-W3": "shift_jis",
    "HYSMyeongJo-Medium": "euc_kr",
    "MSung-Light": "big5",
}
_UNDRAWN = "?"
_INK, _GREY, _RULE, _BAND = HexColor("#1a1a1a"), HexColor("#6b6b6b"), HexColor("#d4d4d4"), HexColor("#f4f4f4")
_MARGIN, _WIDTH = 18 * mm, A4[0] - 36 * mm
_RIGHT: Literal[2] = 2
_COLUMNS = (9 * mm, _WIDTH - 81 * mm, 36 * mm, 18 * mm, 18 * mm)

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Packing slip",
        "to": "Deliver to",
        "from": "Sent by",
        "placed": "Ordered",
        "item": "Item",
        "ordered": "Ordered",
        "packed": "Packed",
        "units": "Units in this parcel",
        "later": "More of this order comes, or came, in another parcel.",
        "page": "Page {page} of {pages}",
        "print": "Print {number}",
    },
    "zh": {
        "title": "装箱单",
        "to": "收货人",
        "from": "发货方",
        "placed": "下单日期",
        "item": "商品",
        "ordered": "订购",
        "packed": "本箱",
        "units": "本箱件数",
        "later": "该订单的其余商品由其他包裹寄送。",
        "page": "第 {page} 页，共 {pages} 页",
        "print": "第 {number} 次打印",
    },
}


class SlipLine(Noun):
    """`packed` units are in this parcel."""

    sku: str
    name: str
    options: str
    ordered: int
    packed: int


class Slip(Noun):
    """All that stands on it; `print_number` says how often it has been printed."""

    language: str
    shop: str
    store: str
    sender: Address | None
    number: str
    placed_on: date
    address: Address
    lines: tuple[SlipLine, ...]
    print_number: int


def draw(slip: Slip) -> bytes:
    """The same slip is the same file."""
    pages = _build(slip, 0)[0]
    return _build(slip, pages)[1]


def _build(slip: Slip, pages: int) -> tuple[int, bytes]:
    """How many pages it has, and the file; the first look does not know how many yet."""
    file, words = io.BytesIO(), _WORDS[slip.language]
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=16 * mm,
        bottomMargin=20 * mm,
        title=f"{words['title']} {slip.number}",
        author=slip.shop,
        lang=slip.language,
        invariant=1,
    )

    def foot(canvas: Canvas, document: Any) -> None:
        left = _text(f"{slip.number} · {words['print'].format(number=slip.print_number)}", size=8)
        right = _text(words["page"].format(page=document.page, pages=pages), size=8, align=_RIGHT)
        canvas.setStrokeColor(_RULE)
        canvas.line(_MARGIN, 15 * mm, A4[0] - _MARGIN, 15 * mm)
        for part in (left, right):
            part.wrap(_WIDTH, 10 * mm)
            part.drawOn(canvas, _MARGIN, 10 * mm)

    document.build(_story(slip, words), onFirstPage=foot, onLaterPages=foot)
    return document.page, file.getvalue()


def _story(slip: Slip, words: Mapping[str, str]) -> list[Flowable]:
    return [_head(slip, words), Spacer(0, 9 * mm), _addresses(slip, words), Spacer(0, 9 * mm), _lines(slip, words)]


def _head(slip: Slip, words: Mapping[str, str]) -> Table:
    said = [
        _text(slip.shop, size=11, colour=_GREY),
        _text(words["title"], size=22, bold=True),
        Spacer(0, 2 * mm),
        _text(f"{words['placed']} {slip.placed_on.isoformat()}", colour=_GREY),
    ]
    # The white that a scanner needs on either side is that of the page.
    barcode = Code128(slip.number, barWidth=0.28 * mm, barHeight=14 * mm, quiet=False)
    number = _text(slip.number, size=11, bold=True, align=_RIGHT)
    return _table(
        [[said, [barcode, Spacer(0, 1.5 * mm), number]]],
        (_WIDTH - 90 * mm, 90 * mm),
        ("ALIGN", (1, 0), (1, 0), "RIGHT"),
    )


def _addresses(slip: Slip, words: Mapping[str, str]) -> Table:
    to = [_text(words["to"], size=8, colour=_GREY), *_address(slip.address, size=12)]
    sender = [_text(words["from"], size=8, colour=_GREY), _text(slip.store)]
    if slip.sender:
        sender += _address(slip.sender)[1:]
    return _table([[to, sender]], (_WIDTH * 0.6, _WIDTH * 0.4))


def _address(address: Address, size: float = 9) -> list[Paragraph]:
    place = f"{address.postal_code} {address.city}".strip()
    parts = (address.name, address.street, place, address.region, address.country)
    return [_text(part, size=size, bold=number == 0) for number, part in enumerate(parts) if part]


def _lines(slip: Slip, words: Mapping[str, str]) -> Table:
    heads = ("", words["item"], "SKU", words["ordered"], words["packed"])
    rows: list[list[Any]] = [
        [_text(head, size=8, colour=_GREY, align=_RIGHT if place > 2 else 0) for place, head in enumerate(heads)]
    ]
    for number, line in enumerate(slip.lines, 1):
        item = [
            _text(line.name),
            *([_text(line.options, size=8, colour=_GREY)] if line.options else []),
        ]
        units = _text(str(line.packed or "–"), size=11, bold=True, colour=_INK if line.packed else _GREY, align=_RIGHT)
        wanted = _text(str(line.ordered), colour=_GREY, align=_RIGHT)
        rows.append([_text(str(number), colour=_GREY), item, _text(line.sku), wanted, units])
    packed, ordered = (sum(getattr(line, name) for line in slip.lines) for name in ("packed", "ordered"))
    sums = [_text(words["units"], align=_RIGHT)]
    if packed < ordered:
        sums.append(_text(words["later"], size=8, colour=_GREY, align=_RIGHT))
    rows.append([sums, "", "", "", _text(str(packed), size=11, bold=True, align=_RIGHT)])
    return _table(
        rows,
        _COLUMNS,
        ("SPAN", (0, -1), (3, -1)),
        ("NOSPLIT", (0, -2), (-1, -1)),
        ("BACKGROUND", (0, 0), (-1, 0), _BAND),
        ("LINEBELOW", (0, 0), (-1, -2), 0.5, _RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        repeat=1,
    )


def _table(rows: Sequence[list[Any]], widths: Sequence[float], *style: Any, repeat: int = 0) -> Table:
    plain = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ]
    return Table(rows, colWidths=widths, repeatRows=repeat, style=[*plain, *style])


def _text(said: str, size: float = 9, bold: bool = False, colour: Color = _INK, align: Literal[0, 2] = 0) -> Paragraph:
    """A paragraph that wraps, in as many fonts as its characters need."""
    style = ParagraphStyle("slip", fontName="Helvetica", fontSize=size, leading=size * 1.35, textColor=colour)
    style.alignment = align
    runs = [(font, "".join(one for _, one in run)) for font, run in groupby(map(_glyph, said), key=lambda one: one[0])]
    if any(font != "Helvetica" for font, _ in runs):
        style.wordWrap = "CJK"  # breaks between any two characters: Chinese has no spaces
    return Paragraph("".join(_run(font, text, bold) for font, text in runs), style)


def _run(font: str, text: str, bold: bool) -> str:
    if font != "Helvetica":
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    return f'<font name="{f"{font}-Bold" if bold and font == "Helvetica" else font}">{escape(text)}</font>'


def _glyph(character: str) -> tuple[str, str]:
    """The font that has it, and the character; of what no font has its base letter, as postmen write it."""
    for one in (character, unicodedata.normalize("NFKD", character)[0]):
        for font, codec in _FONTS.items():
            if one.isprintable() and one.encode(codec, "ignore"):
                return font, one
    return "Helvetica", _UNDRAWN
