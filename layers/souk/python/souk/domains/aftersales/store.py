"""Cases, as they are asked for."""

from souk.domains.aftersales.model.case import CaseWait, NoSuchCase, OpenCase, RefundCase
from souk.domains.aftersales.model.record import MOST_CASES, CaseFilter, CaseRecord, Period, WrongPeriod
from souk.domains.aftersales.model.views import CaseCard
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows

_PAGE = 1000


def find(case_id: str) -> RefundCase | None:
    return ask.find(keys.CASE, RefundCase, case_id=case_id)


def get(case_id: str) -> RefundCase:
    case = find(case_id)
    if case is None:
        raise NoSuchCase()
    return case


def for_buyer(case_id: str, by: Caller) -> RefundCase:
    case = get(case_id)
    case.need_buyer(by)
    return case


def for_staff(case_id: str, by: Caller) -> RefundCase:
    case = get(case_id)
    if not by.in_scope(case.store_id):
        raise NoSuchCase()
    return case


def of_buyer(buyer_id: str, limit: int, position: str | None) -> tuple[list[CaseCard], str | None]:
    rows = ask.ask(patterns.CASES_OF_BUYER, limit=limit, position=position, buyer_id=buyer_id)
    return rows.all(keys.CASE, CaseCard), rows.position


def of_store(store_id: str, status: str, limit: int, position: str | None) -> tuple[list[CaseCard], str | None]:
    rows = ask.ask(patterns.CASE_DESK, limit=limit, position=position, store_id=store_id, status=status)
    return rows.all(keys.CASE, CaseCard), rows.position


def of_order(order_id: str, by: Caller) -> list[CaseCard]:
    cards = ask.ask(patterns.CASES_OF_ORDER, order_id=order_id).all(keys.CASE, CaseCard)
    return [card for card in cards if by.in_scope(card.store_id)]


def log(
    period: Period, wanted: CaseFilter, by: Caller, limit: int, position: str | None
) -> tuple[list[CaseRecord], str | None]:
    """A page of the cases opened in the period; it may hold fewer than asked, or none, and another come after it."""
    rows = _records(period, limit, position)
    return [one for one in rows.all(keys.CASE_RECORD, CaseRecord) if _is_asked(one, wanted, by)], rows.position


def records_of(period: Period, wanted: CaseFilter, by: Caller) -> list[CaseRecord]:
    """All cases opened in the period; WrongPeriod where they are too many to be read at once."""
    found: list[CaseRecord] = []
    position: str | None = None
    for _ in range(MOST_CASES // _PAGE):
        page, position = log(period, wanted, by, _PAGE, position)
        found += page
        if position is None:
            return found
    raise WrongPeriod()


def overdue(limit: int, position: str | None) -> tuple[list[CaseRecord], str | None]:
    rows = ask.ask(patterns.OVERDUE_CASES, limit=limit, position=position)
    return rows.all(keys.CASE_RECORD, CaseRecord), rows.position


def open_in(rows: Rows) -> dict[str, str]:
    """SKU -> case, of the open cases among the rows of an order."""
    return {one.sku: one.case_id for one in rows.all(keys.OPEN_CASE, OpenCase)}


def has_open_case(order_id: str) -> bool:
    return bool(ask.ask(patterns.OPEN_CASES_OF_ORDER, limit=1, order_id=order_id).rows)


def wait_of(case_id: str) -> CaseWait | None:
    return ask.find(keys.CASE_WAIT, CaseWait, case_id=case_id)


def _records(period: Period, limit: int, position: str | None) -> Rows:
    since, until = clock.text(period.begins), clock.text(period.ends)
    return ask.ask(patterns.CASE_RECORDS, limit=limit, position=position, since=since, until=until)


def _is_asked(record: CaseRecord, wanted: CaseFilter, by: Caller) -> bool:
    return by.in_scope(record.store_id) and wanted.takes(record)
