"""The log of cases: asked by staff, and written out as a file that a spreadsheet opens."""

from collections.abc import Sequence

from souk.domains.aftersales import store
from souk.domains.aftersales.model.record import CaseFilter, CaseRecord, Period
from souk.domains.aftersales.model.sheet import CASE_COLUMNS, case_row, log_of
from souk.domains.aftersales.model.statistics import StepReport, steps
from souk.gateways import sheets
from souk.kernel import clock, settings
from souk.kernel.caller import Caller
from souk.kernel.sheet import Sheet


def export_case(case_id: str, by: Caller) -> Sheet:
    """All that happened in a case, with who said what and the photos they sent."""
    return sheets.sheet(f"case-{case_id}", log_of(store.for_staff(case_id, by)))


def export_period(period: Period, wanted: CaseFilter, by: Caller) -> Sheet:
    rows = [case_row(record) for record in store.records_of(period, wanted, by)]
    return sheets.sheet(f"cases-{period.first}-{period.last}", [CASE_COLUMNS, *rows])


def slow_steps(records: Sequence[CaseRecord]) -> StepReport:
    limits = {
        "AwaitReview": settings.review_time(),
        "AwaitGoods": settings.goods_time(),
        "AwaitInspection": settings.inspection_time(),
        "AwaitRefund": settings.refund_time(),
        "AwaitSettlement": settings.refund_time(),
    }
    return steps(records, limits, clock.now())
