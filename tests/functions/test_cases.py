"""Refund cases between buyer and staff: asked for, asked about, decided, watched over."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from souk.kernel.caller import Caller
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer
from tests.support.step_functions import StepFunctions


@pytest.fixture
def market(market: Market) -> Market:
    market.goods({"CUP": 1000, "POT": 4000}, {market.store(): 20})
    return market


@pytest.fixture
def order_id(market: Market) -> str:
    """Three cups and a pot, on their way."""
    placed = market.checkout({"CUP": 3, "POT": 1})
    market.pay(placed)
    market.hear()
    order_id = str(placed["order"]["order_id"])
    market.lay_out(order_id)
    market.ship(order_id).ok()
    return order_id


def ask(market: Market, order_id: str, by: Caller = INES, **units: int) -> Answer:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    wish = {"order_id": order_id, "lines": lines, "reason": "damaged", "text": "It came in pieces"}
    return market.shop.post("/me/refunds", wish, as_=by)


def decide(market: Market, case_id: str, verb: str, text: str | None = None, by: Caller | None = None) -> Answer:
    body = {"text": text} if text else None
    return market.shop.post(f"/staff/refunds/{case_id}/{verb}", body, as_=by or market.shop.boss)


def staff_of(*stores: str) -> Caller:
    may = frozenset({"refunds.read", "refunds.review"})
    return Caller(id="rita", kind="staff", may=may, stores=frozenset(stores))


@pytest.mark.capability("AFS-01")
def test_a_buyer_asks_for_money_back_by_line_with_a_reason(market: Market, order_id: str) -> None:
    case = ask(market, order_id, CUP=2)
    assert (case.status, case["status"], case["amount_minor"], case["reason"]) == (201, "requested", 2000, "damaged")
    assert [(line["sku"], line["quantity"]) for line in case["lines"]] == [("CUP", 2)]
    assert case["timeline"][0]["text"] == "It came in pieces"
    assert market.shop.get(f"/me/refunds/{case['case_id']}", as_=INES).body == case.body
    assert [one["case_id"] for one in market.shop.get("/me/refunds", as_=INES)["items"]] == [case["case_id"]]


def test_a_buyer_reads_their_cases_page_by_page(market: Market, order_id: str) -> None:
    cases = [ask(market, order_id, CUP=1)["case_id"]]
    market.shop.pass_time(minutes=1)
    cases.append(ask(market, order_id, POT=1)["case_id"])
    first = market.shop.get("/me/refunds", as_=INES, limit=1).ok()
    rest = market.shop.get("/me/refunds", as_=INES, limit=1, cursor=first["next_cursor"]).ok()
    assert [one["case_id"] for one in (*rest["items"], *first["items"])] == cases


@pytest.mark.capability("AFS-01")
def test_more_than_is_left_is_refused_and_a_line_has_one_open_case(market: Market, order_id: str) -> None:
    too_many = ask(market, order_id, CUP=4)
    assert (too_many.status, too_many["code"], too_many["left"]) == (422, "too_many_units", 3)
    assert ask(market, order_id, TEA=1).status == 422
    first = ask(market, order_id, CUP=2)
    second = ask(market, order_id, CUP=1, POT=1)
    assert (second.status, second["code"], second["case_id"]) == (409, "case_already_open", first["case_id"])
    assert ask(market, order_id, POT=1).status == 201

    decide(market, first["case_id"], "approve").ok()
    assert ask(market, order_id, CUP=2)["left"] == 1
    third = ask(market, order_id, CUP=1)
    assert (third.status, third["amount_minor"]) == (201, 1000)


def test_wrong_wishes_are_refused_and_open_nothing(market: Market, order_id: str) -> None:
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
        assert market.shop.post("/me/refunds", right | one, as_=INES).status == 422, one
    assert not market.shop.rows("RefundCase")
    assert market.shop.post("/me/refunds", right | {"lines": right["lines"] * 4}, as_=INES)["left"] == 3  # type: ignore[operator]


def test_only_the_buyer_and_only_what_was_sent(market: Market, order_id: str) -> None:
    foreign, absent = ask(market, order_id, by=OTTO, CUP=1), ask(market, "ord_0", by=OTTO, CUP=1)
    assert (foreign.status, foreign.body) == (404, absent.body)
    case_id = ask(market, order_id, CUP=1)["case_id"]
    assert market.shop.get(f"/me/refunds/{case_id}", as_=OTTO).body == market.shop.get("/me/refunds/x", as_=OTTO).body
    assert market.shop.get("/me/refunds", as_=OTTO)["items"] == []

    not_sent = market.buy({"CUP": 1})
    refused = ask(market, not_sent, CUP=1)
    assert (refused.status, refused["code"], refused["state"]) == (409, "not_refundable", "paid")


@pytest.mark.capability("AFS-02")
def test_staff_ask_the_buyer_answers_staff_approve_and_every_step_has_actor_and_time(
    market: Market, order_id: str
) -> None:
    case_id = ask(market, order_id, CUP=1)["case_id"]
    market.shop.pass_time(hours=1)
    assert decide(market, case_id, "ask", "Is the handle off?").ok()["status"] == "more_asked"
    assert decide(market, case_id, "approve").status == 409
    market.shop.pass_time(hours=1)
    assert market.shop.post(f"/me/refunds/{case_id}/answer", {"text": "Yes"}, as_=OTTO).status == 404
    market.shop.post(f"/me/refunds/{case_id}/answer", {"text": "Yes"}, as_=INES).ok()
    market.shop.pass_time(hours=1)
    decide(market, case_id, "approve").ok()
    again = decide(market, case_id, "approve")
    assert (again.status, again["state"]) == (409, "refunding")
    market.shop.drain()

    history = market.shop.get(f"/staff/refunds/{case_id}", as_=market.shop.boss).ok()["history"]
    assert [(step["status"], step["by"], step["at"][11:16], step["text"]) for step in history] == [
        ("requested", "mem_ines", "09:00", "It came in pieces"),
        ("more_asked", "boss", "10:00", "Is the handle off?"),
        ("requested", "mem_ines", "11:00", "Yes"),
        ("approved", "boss", "12:00", None),
        ("refunding", "boss", "12:00", None),
        ("refunded", "system:payments", "12:00", None),
    ]


@pytest.mark.capability("AFS-04")
def test_the_buyer_follows_the_refund_and_is_not_told_who_decided(market: Market, order_id: str) -> None:
    case_id = ask(market, order_id, CUP=1)["case_id"]
    market.shop.pass_time(hours=2)
    decide(market, case_id, "approve").ok()
    market.shop.pass_time(hours=1)
    market.shop.drain()
    seen = market.shop.get(f"/me/refunds/{case_id}", as_=INES).ok()
    assert [(step["status"], step["at"][11:16]) for step in seen["timeline"]] == [
        ("requested", "09:00"),
        ("approved", "11:00"),
        ("refunding", "11:00"),
        ("refunded", "12:00"),
    ]
    assert "boss" not in json.dumps(seen)
    told = [name for name in ("RefundRequested", "RefundApproved", "RefundPosted") if market.shop.facts(name)]
    assert told == ["RefundRequested", "RefundApproved", "RefundPosted"]


@pytest.mark.capability("AFS-04")
def test_each_decision_about_a_refund_is_written_to_the_buyer(market: Market, order_id: str) -> None:
    first, second = ask(market, order_id, CUP=1)["case_id"], ask(market, order_id, POT=1)["case_id"]
    decide(market, first, "ask", "Is the handle off?").ok()
    market.shop.drain(times=2)
    decide(market, second, "reject", "Worn for a year").ok()
    market.shop.post(f"/me/refunds/{first}/answer", {"text": "Yes"}, as_=INES).ok()
    decide(market, first, "approve").ok()
    market.shop.drain(times=2)
    messages = market.shop.get("/me/messages", as_=INES).ok()["items"]
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
def test_a_rejection_has_a_reason_and_moves_no_money(market: Market, order_id: str) -> None:
    case_id = ask(market, order_id, CUP=1)["case_id"]
    assert decide(market, case_id, "reject").status == 422
    rejected = decide(market, case_id, "reject", "Worn for a year").ok()
    assert (rejected["status"], rejected["history"][-1]["text"]) == ("rejected", "Worn for a year")
    assert decide(market, case_id, "approve").status == 409
    market.shop.drain()
    assert not market.stripe.objects("refund")
    assert ask(market, order_id, CUP=1).status == 201, "the line is free for another case"


@pytest.mark.capability("AFS-02")
def test_the_desk_of_a_store_sees_its_own_cases_oldest_first(market: Market, order_id: str) -> None:
    store_id = market.order(order_id)["store_id"]
    first = ask(market, order_id, CUP=1)["case_id"]
    market.shop.pass_time(minutes=1)
    opened = [first, ask(market, order_id, POT=1)["case_id"]]
    mine, other = staff_of(store_id), staff_of("sto_else")
    page = market.shop.get("/staff/refunds", as_=mine, store_id=store_id, limit=1).ok()
    rest = market.shop.get("/staff/refunds", as_=mine, store_id=store_id, limit=1, cursor=page["next_cursor"]).ok()
    assert [one["case_id"] for one in page["items"] + rest["items"]] == opened
    assert rest["next_cursor"] is None
    found = market.shop.get(f"/staff/refunds/orders/{order_id}", as_=mine)["items"]
    assert [one["case_id"] for one in found] == opened

    assert market.shop.get("/staff/refunds", as_=other, store_id=store_id).status == 404
    assert market.shop.get(f"/staff/refunds/orders/{order_id}", as_=other)["items"] == []
    for verb, text in (("approve", None), ("reject", "no"), ("ask", "why")):
        assert decide(market, opened[0], verb, text, by=other).status == 404
    assert decide(market, opened[0], "approve", by=INES).status == 403


@pytest.fixture
def steps(market: Market, monkeypatch: pytest.MonkeyPatch) -> StepFunctions:
    return StepFunctions(market.shop, monkeypatch)


@pytest.mark.capability("AFS-02")
def test_a_case_that_waits_too_long_is_escalated_each_time_and_still_decided(
    market: Market, order_id: str, steps: StepFunctions
) -> None:
    case_id = ask(market, order_id, CUP=1)["case_id"]
    steps.work()
    workflow = steps.executions[case_id]
    for _ in range(2):
        workflow.time_out()
        assert workflow.waits_at == "AwaitReview"
    assert [fact["status"] for fact in market.shop.facts("RefundCaseOverdue")] == ["requested", "requested"]
    store_id = market.order(order_id)["store_id"]
    listed = market.shop.get("/staff/refunds", as_=staff_of(store_id), store_id=store_id)["items"]
    assert [one["escalated"] for one in listed] == [True]

    decide(market, case_id, "approve").ok()
    assert workflow.waits_at == "AwaitReview", "a command is done before its workflow hears of it"
    steps.work()
    assert workflow.status == "SUCCEEDED"


@pytest.mark.capability("AFS-04")
def test_money_that_does_not_arrive_is_escalated_until_it_does(
    market: Market, order_id: str, steps: StepFunctions
) -> None:
    case_id = ask(market, order_id, CUP=1)["case_id"]
    steps.work()
    workflow = steps.executions[case_id]
    market.stripe.fail_next("timeout_before", count=2, path="/v1/refunds")
    decide(market, case_id, "approve").ok()
    with pytest.raises(Exception, match="not answering"):
        steps.work()
    steps.work()
    for _ in range(2):
        assert workflow.waits_at == "AwaitRefund"
        workflow.time_out()
        steps.work()
    assert [fact["status"] for fact in market.shop.facts("RefundCaseOverdue")] == ["refunding"] * 2

    market.shop.clock.at += timedelta(minutes=5)
    market.shop.invoke("PollPayments", {})
    steps.work()
    assert workflow.status == "SUCCEEDED"


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_case_that_is_decided_in_time_costs_two_steps(
    market: Market, order_id: str, steps: StepFunctions, verb: str
) -> None:
    case_id = ask(market, order_id, CUP=1)["case_id"]
    steps.work()
    decide(market, case_id, verb, "No" if verb == "reject" else None).ok()
    steps.work()
    workflow = steps.executions[case_id]
    assert (workflow.status, workflow.entered) == ("SUCCEEDED", ["AwaitReview", "AwaitRefund"])
    assert not market.shop.facts("RefundCaseOverdue")


def test_lost_workflows_of_open_cases_start_again_and_go_on_where_the_case_is(
    market: Market, order_id: str, steps: StepFunctions
) -> None:
    rejected, waiting = ask(market, order_id, CUP=1)["case_id"], ask(market, order_id, POT=1)["case_id"]
    decide(market, rejected, "reject", "No").ok()
    market.shop.drain()
    refunding = ask(market, order_id, CUP=1)["case_id"]
    decide(market, refunding, "approve").ok()

    assert sorted(market.shop.executions("RefundCase")) == sorted([rejected, waiting])
    market.shop.invoke("RestartLives", {})
    runs = Counter(name.split("-")[0] for name in market.shop.executions("RefundCase"))
    assert runs == {rejected: 1, waiting: 2, refunding: 1}
    market.stripe.fail_next("timeout_before", count=2, path="/v1/refunds")
    with pytest.raises(Exception, match="not answering"):
        steps.work()
    steps.work()
    standing = {name.split("-")[0]: steps.executions[name].waits_at for name in market.shop.executions("RefundCase")}
    assert standing == {rejected: None, waiting: "AwaitReview", refunding: "AwaitRefund"}


def test_a_workflow_that_comes_late_finds_the_case_decided(market: Market, order_id: str, steps: StepFunctions) -> None:
    case_id = ask(market, order_id, CUP=1)["case_id"]
    decide(market, case_id, "reject", "No").ok()
    steps.work()
    workflow = steps.executions[case_id]
    assert (workflow.status, workflow.entered) == ("SUCCEEDED", ["AwaitReview", "AwaitRefund"])
