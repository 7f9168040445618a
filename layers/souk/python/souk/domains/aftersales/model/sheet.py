"""Cases as rows of a spreadsheet."""

from collections.abc import Sequence

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.inspection import Inspected
from souk.domains.aftersales.model.record import CaseRecord
from souk.domains.aftersales.model.returns import Consignment
from souk.kernel import money
from souk.kernel.sheet import utc

LOG_COLUMNS = ("at_utc", "status", "by", "text", "photos", "goods")
CASE_COLUMNS = (
    "case_id",
    "order_number",
    "store_id",
    "status",
    "reason",
    "units",
    "amount",
    "currency",
    "opened_at_utc",
    "closed_at_utc",
    "is_late",
    "handled_by",
    "assisted_by",
    "stars",
)


def log_of(case: RefundCase) -> list[Sequence[str]]:
    """`goods` are the parcels by which they went, and what they were found to be like."""
    goods = {
        "sent": _parcel(case.parcel),
        "inspected": "; ".join(map(_found, case.inspection)),
        "sent_back": _parcel(case.sent_back),
    }
    rows = [
        (
            utc(step.at),
            step.status,
            step.by,
            step.text or "",
            " ".join(photo.photo_id for photo in step.photos),
            goods.get(step.status, ""),
        )
        for step in case.history
    ]
    if rating := case.rating:
        rows.append((utc(rating.at), f"rated {rating.stars}", case.buyer_id, rating.text or "", "", ""))
    return [LOG_COLUMNS, *rows]


def case_row(record: CaseRecord) -> list[str]:
    """The amount as people write it."""
    said = record.model_dump() | {
        "amount": money.major(record.amount_minor, record.currency),
        "opened_at_utc": utc(record.opened_at),
        "closed_at_utc": record.closed_at and utc(record.closed_at),
        "is_late": "yes" if record.is_late else "no",
    }
    return ["" if said[name] is None else str(said[name]) for name in CASE_COLUMNS]


def _parcel(parcel: Consignment | None) -> str:
    return f"{parcel.carrier_name or parcel.carrier} {parcel.tracking_number}" if parcel else ""


def _found(line: Inspected) -> str:
    said = (f"{line.quantity} {line.sku}", line.outcome, line.condition, line.text)
    return ", ".join(one for one in said if one)
