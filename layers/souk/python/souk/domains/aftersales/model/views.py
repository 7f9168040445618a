"""Cases as they are shown: in a list, and to their buyers."""

from datetime import datetime

from souk.domains.aftersales.model.case import CaseFace, RefundCase
from souk.domains.aftersales.model.lifecycle import ESCALATED
from souk.domains.aftersales.model.photos import Photo
from souk.domains.aftersales.model.wish import Kind
from souk.kernel.shapes import Noun


class CaseCard(Noun):
    """A case in a list."""

    case_id: str
    order_id: str
    order_number: str
    status: str
    store_id: str
    buyer_id: str
    opened_at: datetime
    amount_minor: int
    currency: str
    kind: Kind = "refund"
    escalated: bool = False


class TimelineStep(Noun):
    status: str
    at: datetime
    text: str | None = None
    photos: tuple[Photo, ...] = ()


class CaseView(CaseFace):
    """A case as its buyer sees it: when what happened, not which of the staff did it."""

    timeline: tuple[TimelineStep, ...]

    @classmethod
    def of(cls, case: RefundCase) -> "CaseView":
        steps = tuple(TimelineStep.model_validate(dict(step)) for step in case.history if step.status != ESCALATED)
        return cls(timeline=steps, **{name: getattr(case, name) for name in CaseFace.model_fields})
