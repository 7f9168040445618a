"""Disputes: what a buyer's bank takes back is known once, booked, never paid back twice, and told to staff."""

import json
from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from souk.gateways import stripe as provider_api
from souk.kernel.caller import Caller
from tests.support.disputes import EVIDENCE, booked, decide, desk, dispute, hear, left, market, topics
from tests.support.late_payments import over, pay_late
from tests.support.market import Market
from tests.support.refunds import case_status, give_back, settle, shipped

__all__ = ["market"]


def tell(market: Market, webhooks: Iterable[tuple[bytes, str]]) -> None:
    for body, signature in webhooks:
        headers = {"Stripe-Signature": signature}
        market.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers=headers).ok()


def seen(market: Market, order_id: str) -> dict[str, Any]:
    (one,) = market.money(order_id)["disputes"]
    return dict(one)


@pytest.mark.capability("PAY-15")
@pytest.mark.parametrize(
    ("status", "accounts"),
    [
        ("won", {"clearing:stripe": 1000, "revenue:own": -1000}),
        ("lost", {"dispute_losses": 1000, "revenue:own": -1000}),
    ],
)
def test_what_a_bank_takes_back_is_undecided_then_lost_or_back(
    market: Market, status: str, accounts: dict[str, int]
) -> None:
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id)
    hear(market)
    assert (seen(market, order_id)["status"], left(market, order_id)) == ("open", (0, 0))
    assert booked(market) == {"disputed": 1000, "revenue:own": -1000}
    decide(market, opened, status)
    hear(market)
    assert (seen(market, order_id)["status"], booked(market)) == (status, accounts)
    assert left(market, order_id) == (1000 if status == "won" else 0, 0)
    assert topics(market) == {"dispute_open": 2, f"dispute_{status}": 2}


@pytest.mark.capability("PAY-15")
def test_an_inquiry_moves_no_money_until_it_becomes_more(market: Market) -> None:
    order_id, other_id = market.buy({"CUP": 1}), market.buy({"CUP": 1})
    asked, other = dispute(market, order_id, kind="inquiry"), dispute(market, other_id, kind="inquiry")
    hear(market)
    assert (seen(market, order_id)["status"], left(market, order_id)) == ("inquiry", (1000, 0))
    decide(market, asked, "won")
    market.stripe.control(f"disputes/{other['id']}/escalate")
    hear(market)
    assert [seen(market, one)["status"] for one in (order_id, other_id)] == ["closed", "open"]
    assert (left(market, order_id), left(market, other_id)) == ((1000, 0), (0, 0))
    assert booked(market) == {"clearing:stripe": 1000, "disputed": 1000, "revenue:own": -2000}
    assert topics(market) == {"dispute_inquiry": 4, "dispute_closed": 2, "dispute_open": 2}


@pytest.mark.capability("PAY-15")
@pytest.mark.parametrize("status", ["won", "lost"])
def test_events_in_any_order_and_repeated_lead_to_the_same(market: Market, status: str) -> None:
    """Told late, so that each may be older than what is known; and told as it happens."""
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id)
    as_it_happens = market.stripe.webhooks()[:1]
    tell(market, as_it_happens)
    assert seen(market, order_id)["status"] == "open"
    decide(market, opened, status)
    late = market.stripe.webhooks()
    expected = None
    for ways in permutations([*as_it_happens, *late]):
        tell(market, [*ways, *ways])
        market.shop.drain()
        found = (seen(market, order_id), booked(market), market.money(order_id)["events"])
        assert found == (expected or found)
        expected = found
    assert seen(market, order_id)["status"] == status
    assert len(market.shop.facts("DisputeClosed")) == 1


@pytest.mark.capability("PAY-16")
def test_a_dispute_is_found_whose_payment_nobody_told_of_either(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    market.pay(placed, "pm_card_createDispute")
    market.stripe.webhooks()
    assert market.shop.invoke("FollowDisputes", {}) == 1
    order_id = placed["order"]["order_id"]
    assert (market.order(order_id)["status"], seen(market, order_id)["status"]) == ("paid", "open")
    assert booked(market) == {"disputed": 1000, "revenue:own": -1000}


@pytest.mark.capability("PAY-16")
def test_a_dispute_that_no_webhook_told_of_is_found_and_followed_to_its_end(market: Market) -> None:
    """Though nobody could ask for weeks; and what has been found is asked about once a day."""
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id)
    market.stripe.webhooks()
    market.shop.pass_time(days=20)
    assert [market.shop.invoke("FollowDisputes", {}) for _ in range(2)] == [1, 0]
    assert (seen(market, order_id)["status"], left(market, order_id)) == ("open", (0, 0))
    market.shop.pass_time(days=30)
    decide(market, opened, "won")
    market.stripe.webhooks()
    assert market.shop.invoke("FollowDisputes", {}) == 1
    assert (seen(market, order_id)["status"], left(market, order_id)) == ("won", (1000, 0))
    market.shop.pass_time(days=30)
    with market.shop.unchanged():
        assert market.shop.invoke("FollowDisputes", {}) == 0


@pytest.mark.capability("AFS-03")
def test_refund_plus_chargeback_is_more_than_captured_hyperswitch_10533(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both went through: it is flagged, alarmed, and nothing more goes back."""
    order_id = shipped(market, CUP=2)
    give_back(market, order_id, CUP=1)
    settle(market)
    opened = dispute(market, order_id)
    capsys.readouterr()
    market.hear()
    assert capsys.readouterr().out.count('"PaymentOverdrawn":[1.0]') == 1
    market.shop.drain()
    assert left(market, order_id) == (-1000, 1000)
    assert topics(market)["payment_overdrawn"] == 2
    said = {"reference": "G-1", "amount_minor": 1, "reason": "sorry"}
    refused = market.shop.post(f"/staff/payments/{order_id}/refunds", said, as_=market.shop.boss)
    assert (refused.status, refused["code"], refused["left_minor"]) == (422, "refund_too_high", 0)
    decide(market, opened, "won")
    hear(market)
    assert left(market, order_id) == (1000, 0)


@pytest.mark.capability("AFS-03")
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_refund_in_flight_fails_where_a_dispute_crosses_it_and_is_owed_once(
    market: Market, status: str, late: bool
) -> None:
    """The bank has paid it back, whichever is heard of first; only if it returns the money is it owed again."""
    order_id = shipped(market, card="pm_card_pendingRefund", CUP=2)
    case_id = give_back(market, order_id, CUP=1)
    market.shop.drain()
    opened = dispute(market, order_id)
    for webhook in reversed(market.stripe.webhooks()) if late else market.stripe.webhooks():
        tell(market, [webhook])
        market.shop.drain()
    assert case_status(market, case_id) == "refunded"
    assert [one["failure_reason"] for one in market.money(order_id)["refunds"]] == [
        "charge_for_pending_refund_disputed"
    ]
    assert left(market, order_id) == (0, 0)
    decide(market, opened, status)
    hear(market)
    settle(market)
    file = market.money(order_id)
    back = 1000 if status == "won" else 0
    assert (file["payment"]["refundable_minor"], file["balances"]["refunded_minor"]) == (back, back)
    taken = booked(market)
    assert (taken["disputed"], taken["dispute_losses"]) == (0, 1000 - back)
    assert taken["refunds_payable"] == 0


@pytest.mark.capability("AFS-03")
@pytest.mark.parametrize("status", ["won", "lost"])
@pytest.mark.parametrize("decided_first", [True, False])
def test_an_order_that_is_cancelled_under_dispute_is_paid_back_once(
    market: Market, status: str, decided_first: bool
) -> None:
    order_id = market.paid({"CUP": 2})
    opened = dispute(market, order_id)
    hear(market)
    if decided_first:
        decide(market, opened, status)
        hear(market)
    market.cancel(order_id).ok()
    settle(market)
    if not decided_first:
        decide(market, opened, status)
        hear(market)
        settle(market)
    file = market.money(order_id)
    assert file["balances"]["refunded_minor"] == (2000 if status == "won" else 0)
    assert (file["payment"]["refundable_minor"], file["balances"]["overdrawn_minor"]) == (0, 0)
    assert booked(market) == {"refunds:own": 2000, "revenue:own": -2000}


def test_of_a_split_order_each_part_bears_its_share(market: Market) -> None:
    other = market.store("Souk Baixa")
    market.receive(other, {"CUP": 200})
    order_id = market.buy({"CUP": 250})
    parts = [one["order_id"] for one in market.shop.rows("Order") if one["order_id"] != order_id]
    assert len(parts) == 2
    opened = dispute(market, order_id, amount=230_000)
    hear(market)
    assert sorted(left(market, part) for part in parts) == [(0, 0), (20_000, 0)]
    decide(market, opened, "won")
    hear(market)
    assert sorted(left(market, part) for part in parts) == [(50_000, 0), (200_000, 0)]
    assert booked(market)["clearing:stripe"] == 250_000


def test_evidence_goes_to_the_bank_once_however_often_it_is_sent(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id)
    hear(market)
    market.stripe.fail_next("timeout_after", count=2, path="/v1/disputes")
    assert desk(market, opened, order_id, "evidence", EVIDENCE).status == 503
    for _ in range(2):
        answered = desk(market, opened, order_id, "evidence", EVIDENCE)
        hear(market)
    assert answered.status == 200 and answered["evidence"] == EVIDENCE["text"]
    (held,) = market.stripe.objects("dispute")
    assert (held["evidence"]["uncategorized_text"], held["evidence_details"]["submission_count"]) == (
        EVIDENCE["text"],
        1,
    )
    assert seen(market, order_id)["status"] == "under_review"
    for verb, body in (("evidence", {"text": "something else"}), ("accept", None)):
        refused = desk(market, opened, order_id, verb, body)
        assert (refused.status, refused["code"]) == (409, "dispute_decided")


def test_evidence_meets_what_has_become_of_an_inquiry_meanwhile(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    asked = dispute(market, order_id, kind="inquiry")
    hear(market)
    market.stripe.control(f"disputes/{asked['id']}/escalate")
    assert desk(market, asked, order_id, "evidence", EVIDENCE).ok()["status"] == "under_review"
    assert booked(market) == {"disputed": 1000, "revenue:own": -1000}


def test_evidence_that_answered_an_inquiry_is_sent_again_once_that_is_a_dispute(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    asked = dispute(market, order_id, kind="inquiry")
    hear(market)
    desk(market, asked, order_id, "evidence", EVIDENCE).ok()
    hear(market)
    market.stripe.control(f"disputes/{asked['id']}/escalate")
    hear(market)
    assert seen(market, order_id)["status"] == "open"
    for _ in range(2):
        assert desk(market, asked, order_id, "evidence", EVIDENCE).ok()["status"] == "under_review"
    (held,) = market.stripe.objects("dispute")
    assert (held["status"], held["evidence"]["uncategorized_text"]) == ("under_review", EVIDENCE["text"])


@pytest.mark.capability("AFS-03")
def test_what_staff_learn_by_answering_is_counted_as_if_it_had_been_told(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = shipped(market, CUP=1)
    give_back(market, order_id, CUP=1)
    settle(market)
    asked = dispute(market, order_id, kind="inquiry")
    hear(market)
    market.stripe.control(f"disputes/{asked['id']}/escalate")
    capsys.readouterr()
    desk(market, asked, order_id, "evidence", EVIDENCE).ok()
    assert capsys.readouterr().out.count('"PaymentOverdrawn":[1.0]') == 1
    assert left(market, order_id) == (-1000, 1000)


@pytest.mark.capability("PAY-15")
def test_a_dispute_of_money_that_came_too_late_is_recorded(market: Market) -> None:
    """It has gone back already, so that it is gone twice."""
    order_id = pay_late(market, over(market, {"CUP": 1}, by_buyer=True))
    settle(market)
    opened = dispute(market, order_id)
    hear(market)
    assert (seen(market, order_id)["status"], left(market, order_id)) == ("open", (-1000, 1000))
    assert topics(market)["payment_overdrawn"] == 2
    decide(market, opened, "won")
    hear(market)
    assert (seen(market, order_id)["status"], left(market, order_id)) == ("won", (0, 0))


def test_a_dispute_is_accepted_though_the_answer_was_lost(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id)
    hear(market)
    market.stripe.fail_next("timeout_after", count=2, path="/v1/disputes")
    assert [desk(market, opened, order_id, "accept").status for _ in range(2)] == [503, 200]
    assert seen(market, order_id)["status"] == "lost"
    assert booked(market) == {"dispute_losses": 1000, "revenue:own": -1000}


def test_a_dispute_that_is_accepted_is_lost_and_once(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id)
    hear(market)
    for _ in range(2):
        assert desk(market, opened, order_id, "accept").ok()["status"] == "lost"
    assert booked(market) == {"dispute_losses": 1000, "revenue:own": -1000}


def test_each_store_sees_its_own_and_staff_of_others_none(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id)
    hear(market)
    store_id = market.order(order_id)["store_id"]
    shop, boss = market.shop, market.shop.boss
    (listed,) = shop.get("/staff/disputes", as_=boss, store_id=store_id).ok()["items"]
    assert (listed["dispute_id"], listed["amount_minor"], listed["reason"]) == (opened["id"], 1000, "fraudulent")
    assert shop.get("/staff/disputes", as_=boss, store_id=store_id, status="lost").ok()["items"] == []
    shop.pass_time(minutes=1)
    dispute(market, market.buy({"CUP": 1}))
    hear(market)
    first = shop.get("/staff/disputes", as_=boss, store_id=store_id, limit=1).ok()
    rest = shop.get("/staff/disputes", as_=boss, store_id=store_id, limit=1, cursor=first["next_cursor"]).ok()
    assert (first["items"], len(rest["items"])) == ([listed], 1)
    stranger = Caller(id="stf_2", kind="staff", may=boss.may, stores=frozenset({"sto_other"}))
    assert shop.get("/staff/disputes", as_=stranger, store_id=store_id).status == 404
    assert shop.get(f"/staff/disputes/{order_id}/{opened['id']}", as_=stranger).status == 404
    assert shop.post(f"/staff/disputes/{order_id}/{opened['id']}/accept", as_=stranger).status == 404


def test_a_dispute_of_nobodys_payment_is_set_aside(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    dispute(market, order_id)
    (intent,) = market.stripe.objects("payment_intent")
    intent["metadata"] = {"order_id": "ord_0"}
    outcomes = {json.dumps(answer.body) for answer in market.hear()}
    assert outcomes == {'{"outcome": "PaymentQuarantined"}'}
    assert market.money(order_id)["disputes"] == []


def test_a_dispute_of_a_charge_that_has_no_intent_is_set_aside(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """To ask for the intent of no name would be to ask for a list of all."""
    opened = dispute(market, market.buy({"CUP": 1}))
    market.stripe.fake.account.objects["dispute"][opened["id"]]["payment_intent"] = None
    asked = list[str]()
    monkeypatch.setattr(provider_api, "get_intent", asked.append)
    assert {answer["outcome"] for answer in market.hear()} == {"PaymentQuarantined"}
    assert asked == []
