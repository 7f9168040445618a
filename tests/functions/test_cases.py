"""Refund cases between buyer and staff: asked for, asked about, decided, watched over."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.case_desk import CaseDesk
from tests.support.market import INES, OTTO, Market
from tests.support.step_functions import StepFunctions


@pytest.fixture
def desk(market: Market) -> CaseDesk:
    return CaseDesk(market)


@pytest.fixture
def order_id(desk: CaseDesk) -> str:
    """Three cups and a pot, on their way."""
    return desk.order()


@pytest.mark.capability("AFS-01")
def test_a_buyer_asks_for_money_back_by_line_with_a_reason(desk: CaseDesk, order_id: str) -> None:
    case = desk.ask(order_id, CUP=2)
    assert (case.status, case["status"], case["amount_minor"], case["reason"]) == (201, "requested", 2000, "damaged")
    assert [(line["sku"], line["quantity"]) for line in case["lines"]] == [("CUP", 2)]
    assert case["timeline"][0]["text"] == "It came in pieces"
    assert desk.shop.get(f"/me/refunds/{case['case_id']}", as_=INES).body == case.body
    assert [one["case_id"] for one in desk.shop.get("/me/refunds", as_=INES)["items"]] == [case["case_id"]]


def test_a_buyer_reads_their_cases_page_by_page(desk: CaseDesk, order_id: str) -> None:
    cases = [desk.ask(order_id, CUP=1)["case_id"]]
    desk.shop.pass_time(minutes=1)
    cases.append(desk.ask(order_id, POT=1)["case_id"])
    first = desk.shop.get("/me/refunds", as_=INES, limit=1).ok()
    rest = desk.shop.get("/me/refunds", as_=INES, limit=1, cursor=first["next_cursor"]).ok()
    assert [one["case_id"] for one in (*rest["items"], *first["items"])] == cases


@pytest.mark.capability("AFS-01")
def test_more_than_is_left_is_refused_and_a_line_has_one_open_case(desk: CaseDesk, order_id: str) -> None:
    too_many = desk.ask(order_id, CUP=4)
    assert (too_many.status, too_many["code"], too_many["left"]) == (422, "too_many_units", 3)
    assert desk.ask(order_id, TEA=1).status == 422
    first = desk.ask(order_id, CUP=2)
    second = desk.ask(order_id, CUP=1, POT=1)
    assert (second.status, second["code"], second["case_id"]) == (409, "case_already_open", first["case_id"])
    assert desk.ask(order_id, POT=1).status == 201

    desk.decide(first["case_id"], "approve").ok()
    assert desk.ask(order_id, CUP=2)["left"] == 1
    third = desk.ask(order_id, CUP=1)
    assert (third.status, third["amount_minor"]) == (201, 1000)


def test_wrong_wishes_are_refused_and_open_nothing(desk: CaseDesk, order_id: str) -> None:
    right = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "late"}
    wrong: list[dict[str, Any]] = [
        {"lines": []},
        {"lines": [{"sku": "CUP", "quantity": 0}]},
        {"lines": [{"sku": "CUP", "quantity": -1}]},
        {"lines": [{"sku": "CUP", "quantity": True}]},
        {"lines": [{"sku": "CUP", "quantity": 1, "amount_minor": 9}]},
        {"reason": "because"},
        {"amount_minor": 1},
        {"currency": "USD"},
        {"text": "x" * 1001},
        {"status": "approved"},
        {"lines": [{"sku": "CUP", "quantity": 1}] * 41},
    ]
    for one in wrong:
        assert desk.shop.post("/me/refunds", right | one, as_=INES).status == 422, one
    assert not desk.shop.rows("RefundCase")
    assert desk.shop.post("/me/refunds", right | {"lines": right["lines"] * 4}, as_=INES)["left"] == 3  # type: ignore[operator]


def test_only_the_buyer_and_only_what_was_sent(desk: CaseDesk, order_id: str) -> None:
    foreign, absent = desk.ask(order_id, by=OTTO, CUP=1), desk.ask("ord_0", by=OTTO, CUP=1)
    assert (foreign.status, foreign.body) == (404, absent.body)
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    assert desk.shop.get(f"/me/refunds/{case_id}", as_=OTTO).body == desk.shop.get("/me/refunds/x", as_=OTTO).body
    assert desk.shop.get("/me/refunds", as_=OTTO)["items"] == []

    not_sent = desk.market.buy({"CUP": 1})
    refused = desk.ask(not_sent, CUP=1)
    assert (refused.status, refused["code"], refused["state"]) == (409, "not_refundable", "paid")


@pytest.mark.capability("AFS-02")
def test_staff_ask_the_buyer_answers_staff_approve_and_every_step_has_actor_and_time(
    desk: CaseDesk, order_id: str
) -> None:
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    desk.shop.pass_time(hours=1)
    assert desk.decide(case_id, "ask", "Is the handle off?").ok()["status"] == "more_asked"
    assert desk.decide(case_id, "approve").status == 409
    desk.shop.pass_time(hours=1)
    assert desk.shop.post(f"/me/refunds/{case_id}/answer", {"text": "Yes"}, as_=OTTO).status == 404
    desk.shop.post(f"/me/refunds/{case_id}/answer", {"text": "Yes"}, as_=INES).ok()
    desk.shop.pass_time(hours=1)
    desk.decide(case_id, "approve").ok()
    again = desk.decide(case_id, "approve")
    assert (again.status, again["state"]) == (409, "refunding")
    desk.shop.drain()

    history = desk.shop.get(f"/staff/refunds/{case_id}", as_=desk.shop.boss).ok()["history"]
    assert [(step["status"], step["by"], step["at"][11:16], step["text"]) for step in history] == [
        ("requested", "mem_ines", "09:00", "It came in pieces"),
        ("more_asked", "boss", "10:00", "Is the handle off?"),
        ("requested", "mem_ines", "11:00", "Yes"),
        ("approved", "boss", "12:00", None),
        ("refunding", "boss", "12:00", None),
        ("refunded", "system:payments", "12:00", None),
    ]


@pytest.mark.capability("AFS-04")
def test_the_buyer_follows_the_refund_and_is_not_told_who_decided(desk: CaseDesk, order_id: str) -> None:
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    desk.shop.pass_time(hours=2)
    desk.decide(case_id, "approve").ok()
    desk.shop.pass_time(hours=1)
    desk.shop.drain()
    seen = desk.shop.get(f"/me/refunds/{case_id}", as_=INES).ok()
    assert [(step["status"], step["at"][11:16]) for step in seen["timeline"]] == [
        ("requested", "09:00"),
        ("approved", "11:00"),
        ("refunding", "11:00"),
        ("refunded", "12:00"),
    ]
    assert "boss" not in json.dumps(seen)
    told = [name for name in ("RefundRequested", "RefundApproved", "RefundPosted") if desk.shop.facts(name)]
    assert told == ["RefundRequested", "RefundApproved", "RefundPosted"]


@pytest.mark.capability("AFS-04")
def test_each_decision_about_a_refund_is_written_to_the_buyer(desk: CaseDesk, order_id: str) -> None:
    first, second = desk.ask(order_id, CUP=1)["case_id"], desk.ask(order_id, POT=1)["case_id"]
    desk.decide(first, "ask", "Is the handle off?").ok()
    desk.shop.drain(times=2)
    desk.decide(second, "reject", "Worn for a year").ok()
    desk.shop.post(f"/me/refunds/{first}/answer", {"text": "Yes"}, as_=INES).ok()
    desk.decide(first, "approve").ok()
    desk.shop.drain(times=2)
    messages = desk.shop.get("/me/messages", as_=INES).ok()["items"]
    of_cases = {one["topic"]: one for one in messages if one["about"] in (first, second)}
    receipt = of_cases.pop("refund_requested")
    assert "EUR" in receipt["text"]["en"]
    assert {topic: one["about"] for topic, one in of_cases.items()} == {
        "refund_more_asked": first,
        "refund_rejected": second,
        "refund_approved": first,
    }
    assert "Is the handle off?" in of_cases["refund_more_asked"]["text"]["zh"]
    assert "Worn for a year" in of_cases["refund_rejected"]["text"]["en"]
    assert "EUR 10.00" in of_cases["refund_approved"]["text"]["en"]
    assert sum(one["about"] in (first, second) for one in messages) == 3 + 2, "and a receipt for each"


@pytest.mark.capability("AFS-02")
def test_a_rejection_has_a_reason_and_moves_no_money(desk: CaseDesk, order_id: str) -> None:
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    assert desk.decide(case_id, "reject").status == 422
    rejected = desk.decide(case_id, "reject", "Worn for a year").ok()
    assert (rejected["status"], rejected["history"][-1]["text"]) == ("rejected", "Worn for a year")
    assert desk.decide(case_id, "approve").status == 409
    desk.shop.drain()
    assert not desk.market.stripe.objects("refund")
    assert desk.ask(order_id, CUP=1).status == 201, "the line is free for another case"


@pytest.mark.capability("AFS-02")
def test_the_desk_of_a_store_sees_its_own_cases_oldest_first(desk: CaseDesk, order_id: str) -> None:
    store_id = desk.store_id
    first = desk.ask(order_id, CUP=1)["case_id"]
    desk.shop.pass_time(minutes=1)
    opened = [first, desk.ask(order_id, POT=1)["case_id"]]
    mine, other = desk.reviewer("rita", store_id), desk.reviewer("rita", "sto_else")
    page = desk.shop.get("/staff/refunds", as_=mine, store_id=store_id, limit=1).ok()
    rest = desk.shop.get("/staff/refunds", as_=mine, store_id=store_id, limit=1, cursor=page["next_cursor"]).ok()
    assert [one["case_id"] for one in page["items"] + rest["items"]] == opened
    assert rest["next_cursor"] is None
    found = desk.shop.get(f"/staff/refunds/orders/{order_id}", as_=mine)["items"]
    assert [one["case_id"] for one in found] == opened

    assert desk.shop.get("/staff/refunds", as_=other, store_id=store_id).status == 404
    assert desk.shop.get(f"/staff/refunds/orders/{order_id}", as_=other)["items"] == []
    for verb, text in (("approve", None), ("reject", "no"), ("ask", "why")):
        assert desk.decide(opened[0], verb, text, by=other).status == 404
    assert desk.decide(opened[0], "approve", by=INES).status == 403


@pytest.fixture
def steps(desk: CaseDesk, monkeypatch: pytest.MonkeyPatch) -> StepFunctions:
    return StepFunctions(desk.shop, monkeypatch)


@pytest.mark.capability("AFS-02")
def test_a_case_that_waits_too_long_is_escalated_each_time_and_still_decided(
    desk: CaseDesk, order_id: str, steps: StepFunctions
) -> None:
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    steps.work()
    workflow = steps.executions[case_id]
    for _ in range(2):
        workflow.time_out()
        assert workflow.waits_at == "AwaitReview"
    assert [fact["status"] for fact in desk.shop.facts("RefundCaseOverdue")] == ["requested", "requested"]
    store_id = desk.store_id
    listed = desk.shop.get("/staff/refunds", as_=desk.reviewer("rita", store_id), store_id=store_id)["items"]
    assert [one["escalated"] for one in listed] == [True]

    desk.decide(case_id, "approve").ok()
    assert workflow.waits_at == "AwaitReview", "a command is done before its workflow hears of it"
    steps.work()
    assert workflow.status == "SUCCEEDED"


@pytest.mark.capability("AFS-04")
def test_money_that_does_not_arrive_is_escalated_until_it_does(
    desk: CaseDesk, order_id: str, steps: StepFunctions
) -> None:
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    steps.work()
    workflow = steps.executions[case_id]
    desk.market.stripe.fail_next("timeout_before", count=2, path="/v1/refunds")
    desk.decide(case_id, "approve").ok()
    with pytest.raises(Exception, match="not answering"):
        steps.work()
    steps.work()
    for _ in range(2):
        assert workflow.waits_at == "AwaitRefund"
        workflow.time_out()
        steps.work()
    assert [fact["status"] for fact in desk.shop.facts("RefundCaseOverdue")] == ["refunding"] * 2

    desk.shop.clock.at += timedelta(minutes=5)
    desk.shop.invoke("PollPayments", {})
    steps.work()
    assert workflow.status == "SUCCEEDED"


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_case_that_is_decided_in_time_costs_two_steps(
    desk: CaseDesk, order_id: str, steps: StepFunctions, verb: str
) -> None:
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    steps.work()
    desk.decide(case_id, verb, "No" if verb == "reject" else None).ok()
    steps.work()
    workflow = steps.executions[case_id]
    assert (workflow.status, workflow.entered) == ("SUCCEEDED", ["AwaitReview", "AwaitRefund"])
    assert not desk.shop.facts("RefundCaseOverdue")


def test_lost_workflows_of_open_cases_start_again_and_go_on_where_the_case_is(
    desk: CaseDesk, order_id: str, steps: StepFunctions
) -> None:
    rejected, waiting = desk.ask(order_id, CUP=1)["case_id"], desk.ask(order_id, POT=1)["case_id"]
    desk.decide(rejected, "reject", "No").ok()
    desk.shop.drain()
    refunding = desk.ask(order_id, CUP=1)["case_id"]
    desk.decide(refunding, "approve").ok()

    assert sorted(desk.shop.executions("RefundCase")) == sorted([rejected, waiting])
    desk.shop.invoke("RestartLives", {})
    runs = Counter(name.split("-")[0] for name in desk.shop.executions("RefundCase"))
    assert runs == {rejected: 1, waiting: 2, refunding: 1}
    desk.market.stripe.fail_next("timeout_before", count=2, path="/v1/refunds")
    with pytest.raises(Exception, match="not answering"):
        steps.work()
    steps.work()
    standing = {name.split("-")[0]: steps.executions[name].waits_at for name in desk.shop.executions("RefundCase")}
    assert standing == {rejected: None, waiting: "AwaitReview", refunding: "AwaitRefund"}


def test_a_workflow_that_comes_late_finds_the_case_decided(desk: CaseDesk, order_id: str, steps: StepFunctions) -> None:
    case_id = desk.ask(order_id, CUP=1)["case_id"]
    desk.decide(case_id, "reject", "No").ok()
    steps.work()
    workflow = steps.executions[case_id]
    assert (workflow.status, workflow.entered) == ("SUCCEEDED", ["AwaitReview", "AwaitRefund"])
