"""Cases as rows of a spreadsheet."""

from collections.abc import Sequence

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.record import CaseRecord
from souk.kernel import clock
from souk.kernel.shapes import Noun

LOG_COLUMNS = ("at", "status", "by", "text", "photos")
CASE_COLUMNS = (
    "case_id",
    "order_number",
    "store_id",
    "status",
    "reason",
    "units",
    "amount_minor",
    "currency",
    "opened_at",
    "closed_at",
    "is_late",
    "handled_by",
    "assisted_by",
    "stars",
)


class Sheet(Noun):
    """A file: `content` is CSV (RFC 4180), with the mark by which Excel knows UTF-8."""

    name: str
    content_type: str = "text/csv"
    content: str


def log_of(case: RefundCase) -> list[Sequence[str]]:
    rows = [
        (clock.text(step.at), step.status, step.by, step.text or "", " ".join(photo.photo_id for photo in step.photos))
        for step in case.history
    ]
    if rating := case.rating:
        rows.append((clock.text(rating.at), f"rated {rating.stars}", case.buyer_id, rating.text or "", ""))
    return [LOG_COLUMNS, *rows]


def case_row(record: CaseRecord) -> list[str]:
    said = record.model_dump(mode="json")
    return ["" if said[name] is None else str(said[name]) for name in CASE_COLUMNS]
