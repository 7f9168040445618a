"""The log of cases: everything that was done, found again by head office, counted, compared, and taken away."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.aftersales import store
from souk.domains.aftersales.model import statistics
from souk.kernel import ids
from souk.kernel.caller import Caller
from tests.functions.case_desk import CaseDesk
from tests.support.goods_back import TRACKING, inspected
from tests.support.market import INES, OTTO, Market
from tests.support.pictures import taken
from tests.support.step_functions import StepFunctions

NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}
ROW = tuple[str, ...]


@pytest.fixture
def desk(market: Market) -> CaseDesk:
    return CaseDesk(market)


def asked(desk: CaseDesk, path: str, by: Caller | None = None, **query: Any) -> Any:
    days = {"from": query.pop("since", NOVEMBER["from"]), "to": query.pop("until", NOVEMBER["to"])}
    return desk.shop.get(f"/staff/cases{path}", as_=by or desk.shop.boss, **days, **query).ok()


def listed(desk: CaseDesk, by: Caller | None = None, **query: Any) -> list[str]:
    return [one["case_id"] for one in asked(desk, "", by, **query)["items"]]


def rows_of(sheet: Any) -> list[ROW]:
    return [tuple(row) for row in csv.reader(io.StringIO(sheet["content"].removeprefix("\ufeff")))]


def settle(desk: CaseDesk) -> None:
    desk.shop.drain(times=2)


@pytest.mark.capability("AFS-07")
def test_the_record_of_an_exchange_tells_its_photos_its_parcel_and_what_was_found(desk: CaseDesk) -> None:
    photo = desk.send_up(taken())
    case_id = desk.ask(desk.order(), images=[photo], kind="exchange", CUP=2).ok()["case_id"]
    desk.take_back(case_id, inspected("CUP", 2))
    replacement_id = desk.shop.get(f"/me/refunds/{case_id}", as_=INES).ok()["replacement_id"]
    settle(desk)
    desk.market.lay_out(replacement_id)
    desk.market.ship(replacement_id).ok()
    sheet = desk.shop.get(f"/staff/cases/{case_id}/export", as_=desk.shop.boss).ok()
    assert [(row[1], *row[3:]) for row in rows_of(sheet)[1:]] == [
        ("requested", "It came in pieces", photo, ""),
        ("approved", "", "", ""),
        ("awaiting_return", "", "", ""),
        ("sent", "", "", "Other BACK-1"),
        ("received", "", "", ""),
        ("inspected", "", "", "2 CUP, pass, restock"),
        ("replacing", "", "", ""),
        ("replaced", "", "", ""),
    ]


@pytest.mark.capability("AFS-07")
@pytest.mark.capability("AFS-12")
def test_the_log_of_a_case_tells_all_steps_and_messages_and_is_taken_away_as_a_table(desk: CaseDesk) -> None:
    case_id = desk.ask(desk.order(), CUP=1).ok()["case_id"]
    desk.shop.pass_time(hours=1)
    desk.decide(case_id, "ask", "=SUM(A1) or which cup?").ok()
    desk.shop.pass_time(hours=1)
    desk.shop.post(f"/me/refunds/{case_id}/answer", {"text": "The blue one,\nwith a handle"}, as_=INES).ok()
    desk.shop.pass_time(hours=1)
    desk.decide(case_id, "approve").ok()
    settle(desk)
    desk.shop.pass_time(hours=1)
    desk.rate(case_id, 4, text="Quick").ok()
    sheet = desk.shop.get(f"/staff/cases/{case_id}/export", as_=desk.shop.boss).ok()
    assert (sheet["name"], sheet["content_type"]) == (f"case-{case_id}.csv", "text/csv")
    assert [(row[0][11:16], *row[1:]) for row in rows_of(sheet)] == [
        ("", "status", "by", "text", "photos", "goods"),
        ("09:00", "requested", INES.id, "It came in pieces", "", ""),
        ("10:00", "more_asked", "boss", "'=SUM(A1) or which cup?", "", ""),
        ("11:00", "requested", INES.id, "The blue one,\nwith a handle", "", ""),
        ("12:00", "approved", "boss", "", "", ""),
        ("12:00", "refunding", "boss", "", "", ""),
        ("12:00", "refunded", "system:payments", "", "", ""),
        ("13:00", "rated 4", INES.id, "Quick", "", ""),
    ]


def walk(desk: CaseDesk) -> Iterator[None]:
    """A case through much of what may happen to it, in the shop's own commands."""
    case_id = desk.ask(desk.order(), CUP=1).ok()["case_id"]
    yield
    for verb, text in (("ask", "Which?"), ("answer", "That"), ("approve", None)):
        desk.shop.pass_time(minutes=5)
        if verb == "answer":
            desk.shop.post(f"/me/refunds/{case_id}/answer", {"text": text}, as_=INES).ok()
        else:
            desk.decide(case_id, verb, text).ok()
        yield
    settle(desk)
    yield
    desk.rate(case_id, 5).ok()
    yield


@pytest.mark.capability("AFS-12")
def test_what_stands_in_the_log_is_never_changed_and_never_taken_away(desk: CaseDesk) -> None:
    before: list[Any] = []
    for _ in walk(desk):
        (case,) = desk.shop.rows("RefundCase")
        assert case["history"][: len(before)] == before
        before = case["history"]
    assert len(before) == 6


@pytest.mark.capability("AFS-12")
def test_head_office_finds_cases_by_store_period_and_result(desk: CaseDesk) -> None:
    other = desk.market.store("Souk Sul", serves=["ES"])
    first, second = desk.order(), desk.order()
    cases = [desk.ask(first, CUP=1).ok()["case_id"]]
    desk.shop.clock.at = desk.shop.clock.at.replace(day=30, hour=23, minute=59, second=59, microsecond=999_000)
    cases.append(desk.ask(first, POT=1).ok()["case_id"])
    desk.shop.pass_time(seconds=1)
    cases.append(desk.ask(second, "late", CUP=1).ok()["case_id"])
    desk.decide(cases[0], "reject", "Worn").ok()

    assert listed(desk) == cases[:2]
    assert listed(desk, since="2026-11-30", until="2026-12-01") == cases[1:]
    assert listed(desk, status="rejected") == cases[:1]
    assert listed(desk, handled_by="boss") == cases[:1]
    assert listed(desk, until="2026-12-31", reason="late") == cases[2:]
    assert listed(desk, store_id=desk.store_id) == cases[:2]
    assert listed(desk, store_id=other) == []
    assert listed(desk, by=desk.reviewer("rita", desk.store_id)) == cases[:2]
    assert listed(desk, by=desk.reviewer("sam", other)) == []
    pages = desk.shop.get("/staff/cases", as_=desk.shop.boss, **NOVEMBER, limit=1).ok()
    assert [one["case_id"] for one in pages["items"]] == cases[:1]
    rest = desk.shop.get("/staff/cases", as_=desk.shop.boss, **NOVEMBER, limit=1, cursor=pages["next_cursor"]).ok()
    assert ([one["case_id"] for one in rest["items"]], rest["next_cursor"]) == (cases[1:2], None)
    sheet = rows_of(asked(desk, "/export", until="2026-12-31"))
    assert [row[0] for row in sheet[1:]] == cases
    told = dict(zip(sheet[0], sheet[1], strict=True))
    assert (told["status"], told["amount"], told["currency"]) == ("rejected", "10.00", "EUR")
    assert (told["opened_at_utc"], told["is_late"]) == ("2026-11-02 09:00:00", "no")

    desk.market.set_up(time_zone="Asia/Shanghai")  # where both nights are in December already
    assert listed(desk) == cases[:1]
    for first_day, last_day in (("2026-12-02", "2026-12-01"), ("2025-01-01", "2026-12-01")):
        query = {"from": first_day, "to": last_day}
        assert desk.shop.get("/staff/cases", as_=desk.shop.boss, **query)["code"] == "wrong_period"


@pytest.mark.capability("AFS-13")
def test_the_numbers_of_a_month_are_those_that_are_counted_by_hand_and_lead_to_their_cases(desk: CaseDesk) -> None:
    """Two cups and a pot refunded, a cup rejected, a pot open, two cups sent back, of which one is worth half; and a
    cup in December.
    """
    orders = [desk.order() for _ in range(2)]
    refunded = desk.ask(orders[0], CUP=2, POT=1).ok()["case_id"]
    rejected = desk.ask(orders[1], "late", CUP=1).ok()["case_id"]
    open_case = desk.ask(orders[1], POT=1).ok()["case_id"]
    desk.decide(refunded, "approve").ok()
    desk.decide(rejected, "reject", "Worn").ok()
    returned = desk.ask(orders[1], kind="return", CUP=2).ok()["case_id"]
    desk.take_back(returned, inspected("CUP", 1), inspected("CUP", 1, "damaged", "scrap", 5000))
    settle(desk)
    desk.shop.clock.at += timedelta(days=40)
    desk.ask(orders[0], CUP=1).ok()

    month = asked(desk, "/statistics")
    assert month == {
        "cases": 4,
        "units": 7,
        "late": 0,
        "assisted": 0,
        "by_status": {"refunded": 2, "rejected": 1, "requested": 1},
        "by_reason": {"damaged": 3, "late": 1},
        "by_store": {desk.store_id: 4},
        "sums": [{"currency": "EUR", "asked_minor": 6000 + 1000 + 4000 + 2000, "refunded_minor": 6000 + 1500}],
    }
    for name in ("status", "reason", "store"):
        for value, count in month[f"by_{name}"].items():
            assert len(listed(desk, **{"store_id" if name == "store" else name: value})) == count
    assert {*listed(desk, status="refunded")} == {refunded, returned}
    assert listed(desk, status="requested") == [open_case]
    assert asked(desk, "/statistics", desk.reviewer("rita", "sto_else"))["cases"] == 0


@pytest.mark.capability("AFS-13")
def test_all_cases_of_a_period_are_counted_however_many_are_read_at_once(
    desk: CaseDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        desk.ask(desk.order(cups=1), CUP=1).ok()
    monkeypatch.setattr(store, "_PAGE", 2)
    assert asked(desk, "/statistics")["cases"] == 5
    monkeypatch.setattr(store, "MOST_CASES", 4)
    refused = desk.shop.get("/staff/cases/statistics", as_=desk.shop.boss, **NOVEMBER)
    assert (refused.status, refused["code"]) == (422, "wrong_period")


@pytest.mark.capability("AFS-14")
def test_a_closed_case_is_rated_once_by_its_buyer(desk: CaseDesk) -> None:
    case_id = desk.ask(desk.order(), CUP=1).ok()["case_id"]
    assert desk.rate(case_id, 5)["code"] == "not_closed"
    desk.decide(case_id, "reject", "Worn").ok()
    assert desk.rate(case_id, 5, by=OTTO).status == 404
    assert [desk.rate(case_id, stars).status for stars in (0, 6, "5", True, None)] == [422] * 5
    assert desk.rate(case_id, 2, text="Curt").ok()["rating"]["stars"] == 2
    assert desk.rate(case_id, 2, text="Curt").status == 200, "the same again is the same"
    assert desk.rate(case_id, 5)["code"] == "rated_already"
    assert asked(desk, "/satisfaction")["total"]["rated"] == 1


@pytest.mark.capability("AFS-14")
def test_ratings_are_averaged_and_spread_by_agent_and_by_store(desk: CaseDesk) -> None:
    for agent, stars in (("ana", 5), ("ana", 4), ("rui", 1)):
        case_id = desk.ask(desk.order(), CUP=1).ok()["case_id"]
        desk.decide(case_id, "reject", "Worn", by=desk.reviewer(agent)).ok()
        desk.rate(case_id, stars).ok()
    desk.decide(desk.ask(desk.order(), CUP=1)["case_id"], "reject", "Worn").ok()

    found = asked(desk, "/satisfaction")
    said = {one["name"]: (one["rated"], one["average_hundredths"]) for one in found["by_agent"]}
    assert said == {"ana": (2, 450), "rui": (1, 100)}
    assert [(one["name"], one["average_hundredths"]) for one in found["by_store"]] == [(desk.store_id, 333)]
    assert found["total"]["distribution"] == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 1}
    assert asked(desk, "/satisfaction", since="2026-11-10")["total"]["average_hundredths"] is None


@pytest.mark.capability("AFS-15")
def test_a_case_is_its_stores_until_it_waits_too_long_and_then_head_offices_too(
    desk: CaseDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = StepFunctions(desk.shop, monkeypatch)
    other = desk.market.store("Souk Sul", rank=900)
    desk.market.goods({"JUG": 1000}, {other: 5})
    jug = desk.market.laid_out({"JUG": 1})
    desk.market.ship(jug).ok()
    quick, late = desk.ask(desk.order(), CUP=1).ok()["case_id"], desk.ask(jug, JUG=1).ok()["case_id"]
    steps.work()
    for store_id, case_id in ((desk.store_id, quick), (other, late)):
        clerk = desk.reviewer("clerk", store_id)
        theirs = desk.shop.get("/staff/refunds", as_=clerk, store_id=store_id).ok()["items"]
        assert [one["case_id"] for one in theirs] == [case_id]
        inbox = desk.shop.get("/staff/messages", as_=desk.shop.boss, store_id=store_id).ok()["items"]
        assert [one["about"] for one in inbox if one["topic"] == "refund_to_review"] == [case_id]
    rita = desk.reviewer("rita", other)
    desk.shop.pass_time(days=2)
    for _ in range(2):
        steps.executions[late].time_out()
    steps.work()

    def overdue() -> list[str]:
        return [one["case_id"] for one in desk.shop.get("/staff/cases/overdue", as_=desk.shop.boss).ok()["items"]]

    assert overdue() == [late]
    assert desk.shop.get("/staff/cases/overdue", as_=rita).status == 404
    history = desk.shop.get(f"/staff/refunds/{late}", as_=desk.shop.boss).ok()["history"]
    assert [(step["status"], step["by"]) for step in history[1:]] == [("escalated", "system:aftersales")]
    timeline = desk.shop.get(f"/me/refunds/{late}", as_=INES).ok()["timeline"]
    assert [step["status"] for step in timeline] == ["requested"]
    head_office = desk.shop.get("/staff/messages", as_=desk.shop.boss).ok()["items"]
    assert [one["about"] for one in head_office if one["topic"] == "refund_overdue"] == [late], "told once a wait"
    desk.decide(late, "approve").ok()
    assert overdue() == []
    assert asked(desk, "/statistics")["late"] == 1


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
@pytest.mark.capability("AFS-16")
def test_median_and_p90_are_those_of_the_textbook(values: list[int]) -> None:
    assert abs((statistics.median(values) or 0) - median(values)) <= 0.5
    p90 = statistics.percentile(values, 90)
    assert p90 in values
    assert sum(value <= p90 for value in values) >= 0.9 * len(values) > sum(value < p90 for value in values)


@pytest.mark.capability("AFS-16")
def test_the_slow_steps_of_goods_that_are_sent_back_are_found_too(desk: CaseDesk) -> None:
    """A day to pack, twenty on the way, three in the store; the money follows at once."""
    case_id = desk.ask(desk.order(), kind="return", CUP=1).ok()["case_id"]
    desk.decide(case_id, "approve").ok()
    desk.shop.pass_time(days=1)
    desk.shop.post(f"/me/refunds/{case_id}/parcel", TRACKING, as_=INES).ok()
    desk.shop.pass_time(days=20)
    desk.shop.post(f"/staff/returns/{case_id}/receive", {"store_id": desk.store_id}, as_=desk.shop.boss).ok()
    desk.shop.pass_time(days=3)
    desk.shop.post(f"/staff/returns/{case_id}/inspect", {"lines": [inspected("CUP", 1)]}, as_=desk.shop.boss).ok()
    desk.shop.pass_time(days=6)
    report = asked(desk, "/steps")
    limits = {one["status"]: (one["limit_seconds"], one["over_limit"]) for one in report["steps"]}
    assert limits == {
        "awaiting_return": (None, 0),
        "sent": (14 * 86_400, 1),
        "received": (2 * 86_400, 1),
        "refunding": (5 * 86_400, 1),
    }
    assert [(one["status"], one["seconds"] // 86_400) for one in report["slow"]] == [
        ("sent", 20),
        ("refunding", 6),
        ("received", 3),
    ]


@pytest.mark.capability("AFS-16")
def test_slow_steps_are_found_with_the_cases_that_stand_in_them(desk: CaseDesk) -> None:
    """Reviews of an hour, two hours and three days; and one that has waited for four days and still does."""
    cases = [desk.ask(desk.order(cups=1), CUP=1).ok()["case_id"] for _ in range(4)]
    start = desk.shop.clock.at
    for case_id, hours in zip(cases, (1, 2, 72), strict=False):
        desk.shop.clock.at = start + timedelta(hours=hours)
        desk.decide(case_id, "reject", "Worn").ok()
    desk.shop.clock.at = start + timedelta(hours=96)
    report = asked(desk, "/steps")
    (review,) = report["steps"]
    assert review == {
        "status": "requested",
        "passed": 3,
        "median_seconds": 2 * 3600,
        "p90_seconds": 72 * 3600,
        "limit_seconds": 172_800,
        "over_limit": 2,
    }
    assert [(one["case_id"], one["seconds"], one["until"] is None) for one in report["slow"]] == [
        (cases[3], 96 * 3600, True),
        (cases[2], 72 * 3600, False),
    ]


def test_staff_ask_in_the_buyers_name_and_the_trail_tells_who(desk: CaseDesk) -> None:
    order_id = desk.order()
    draft = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "late", "text": "By telephone"}
    rita = desk.reviewer("rita", desk.store_id)
    assert desk.shop.post("/staff/refunds", draft, as_=desk.reviewer("sam", "sto_else"))["code"] == "no_such_order"
    case = desk.shop.post("/staff/refunds", draft, as_=rita).ok()
    assert (case["buyer_id"], case["assisted_by"], case["history"][0]["by"]) == (INES.id, "rita", "rita")
    assert desk.shop.post("/staff/refunds", draft, as_=rita)["code"] == "case_already_open"
    seen = desk.shop.get(f"/me/refunds/{case['case_id']}", as_=INES).ok()
    assert "rita" not in str(seen) and seen["timeline"][0]["text"] == "By telephone"
    (entry,) = desk.shop.get("/staff/audit", as_=desk.shop.boss, subject=case["case_id"]).ok()["items"]
    assert (entry["by"], entry["action"]) == ("rita", "POST /staff/refunds")
    settle(desk)
    told = Counter(one["topic"] for one in desk.shop.get("/me/messages", as_=INES)["items"])
    assert told["refund_requested"] == 1
    assert asked(desk, "/statistics")["assisted"] == 1


def test_too_many_questions_are_refused(desk: CaseDesk) -> None:
    case_id = desk.ask(desk.order(), CUP=1).ok()["case_id"]
    for number in range(20):
        desk.decide(case_id, "ask", f"Question {number}").ok()
        desk.shop.post(f"/me/refunds/{case_id}/answer", {"text": "Yes"}, as_=INES).ok()
    assert desk.decide(case_id, "ask", "One more")["code"] == "asked_too_much"


def test_a_case_that_nobody_has_seen_is_missing(desk: CaseDesk) -> None:
    absent = ids.new("cas")
    assert desk.shop.get(f"/staff/cases/{absent}/export", as_=desk.shop.boss)["code"] == "no_such_case"
