"""Money back: exactly what was paid, never more, once, and in the end, whatever the provider does."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from souk.domains.aftersales.model.pricing import Bought, priced_lines
from souk.domains.payments.actions import awaiting as charges
from souk.domains.payments.actions import refunds
from souk.domains.payments.actions.refunds import Due
from souk.domains.payments.model.attempt import Answer, Attempt
from souk.domains.payments.model.fund import RefundTooHigh
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.store import payments as payment_store
from souk.gateways.providers import PaymentProviderUnavailable
from souk.kernel import clock
from souk.kernel.shapes import Texts
from souk.table import current
from souk.table.unit import Unit
from tests.support.market import INES, Market
from tests.support.memory import MemoryTable
from tests.support.refunds import case_status, give_back, settle, shipped


@pytest.fixture
def market(market: Market) -> Market:
    """A shop with odd prices, a freight that does not divide, and a tax."""
    market.set_up(tax_basis_points=725)
    market.goods({"CUP": 1099, "POT": 4567}, {market.store(freight_minor=333): 50})
    return market


def sent(market: Market) -> list[int]:
    return [refund["amount"] for refund in market.stripe.objects("refund")]


@pytest.mark.capability("AFS-03")
def test_an_order_given_back_piece_by_piece_gives_back_exactly_what_was_paid(market: Market) -> None:
    order_id = shipped(market, CUP=3, POT=2)
    total = market.order(order_id)["total_minor"]
    for piece in ({"CUP": 1}, {"POT": 1}, {"CUP": 1, "POT": 1}, {"CUP": 1}):
        case_id = give_back(market, order_id, **piece)
        settle(market)
        assert case_status(market, case_id) == "refunded"
    assert sum(sent(market)) == total
    assert len(sent(market)) == 4
    assert market.money(order_id)["payment"]["refundable_minor"] == 0
    assert [fact["sale"]["first"] for fact in market.shop.facts("RefundPosted")] == [True, False, False, False]
    goods = sum(line["goods_minor"] for fact in market.shop.facts("RefundPosted") for line in fact["sale"]["lines"])
    assert goods == 3 * 1099 + 2 * 4567

    wish = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "other"}
    refused = market.shop.post("/me/refunds", wish, as_=INES)
    assert (refused.status, refused["code"], refused["left"]) == (422, "too_many_units", 0)


def bought(sku: str, units: int, paid_minor: int) -> Bought:
    return Bought(sku=sku, name=Texts(en=sku), quantity=units, shipped=units, refunded=0, paid_minor=paid_minor)


@pytest.mark.capability("AFS-03")
@given(paid=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10**7)), min_size=1, max_size=5), seed=st.integers())
def test_any_sequence_of_parts_ends_exactly_at_what_was_paid(paid: list[tuple[int, int]], seed: int) -> None:
    lines = {f"SKU-{n}": bought(f"SKU-{n}", units, minor) for n, (units, minor) in enumerate(paid)}
    penny = bought("PENNY", 1, 1)  # comes along each time, so that no part is worth nothing
    chance, back = random.Random(seed), dict.fromkeys(lines, 0)
    while left := [sku for sku, line in lines.items() if line.refunded < line.quantity]:
        sku = chance.choice(left)
        units = chance.randint(1, lines[sku].quantity - lines[sku].refunded)
        part, _ = priced_lines({sku: units, "PENNY": 1}, [*lines.values(), penny])
        back[sku] += part.amount_minor
        assert 0 <= back[sku] <= lines[sku].paid_minor
        lines[sku] = lines[sku].but(refunded=lines[sku].refunded + units)
    assert all(back[sku] == line.paid_minor for sku, line in lines.items())


@pytest.mark.capability("AFS-03")
@settings(max_examples=50, deadline=None)
@given(captured=st.integers(1, 10_000), asked=st.lists(st.integers(-5, 4_000), min_size=1, max_size=16))
def test_refunds_decided_at_the_same_time_never_exceed_what_was_captured(captured: int, asked: list[int]) -> None:
    current.use(MemoryTable())
    try:
        _refund_all_at_once(captured, asked)
    finally:
        current.use(None)


def _refund_all_at_once(captured: int, asked: list[int]) -> None:
    """Every one of them has read the payment before the first is written."""
    about = {"order_id": "ord_1", "buyer_id": "mem_1", "store_id": "sto_1", "amount_minor": captured, "currency": "EUR"}
    payment = Payment(**about, deadline=clock.now())
    paid = Answer(
        intent_id="pi_1",
        order_id="ord_1",
        live=False,
        status="succeeded",
        amount_minor=captured,
        received_minor=captured,
        currency="EUR",
        charge_id="ch_1",
        decline_code=None,
    )
    with Unit() as unit:
        stale = charges.await_payment(unit, payment.started(Attempt(number=1, intent_id="pi_1")).captured(paid))
    granted = 0
    for number, amount in enumerate(asked):
        try:
            with Unit() as unit:
                refunds.owe(unit, stale, Due(f"rfd_{number}", amount, cause=""))
        except RefundTooHigh:
            assert amount <= 0 or granted + amount > captured
        else:
            granted += amount
        now = payment_store.of_order("ord_1")
        assert now.refundable_minor == captured - granted >= 0


@pytest.mark.capability("AFS-03")
def test_a_provider_that_fails_over_a_refund_is_asked_again_and_sends_it_once(market: Market) -> None:
    # A connection that breaks is tried twice by the client itself.
    faults = {"timeout_before": 2, "timeout_after": 2, "error_after": 1, "too_many_requests": 1}
    totals = []
    for fault, count in faults.items():
        order_id = shipped(market, CUP=1)
        totals.append(market.order(order_id)["total_minor"])
        case_id = give_back(market, order_id, CUP=1)
        market.stripe.fail_next(fault, count=count, path="/v1/refunds")
        with pytest.raises(PaymentProviderUnavailable):
            market.shop.drain()
        assert (fault, case_status(market, case_id)) == (fault, "refunding")

        market.shop.invoke("PollPayments", {})
        settle(market)
        assert (fault, case_status(market, case_id)) == (fault, "refunded")
        assert sent(market) == totals
    market.shop.invoke("PollPayments", {})
    assert (sent(market), len(market.shop.facts("RefundPosted"))) == (totals, len(faults))


@pytest.mark.capability("AFS-03")
@pytest.mark.parametrize("finisher", ["webhook", "poller"])
def test_a_refund_that_takes_its_time_is_posted_once(market: Market, finisher: str) -> None:
    order_id = shipped(market, "pm_card_pendingRefund", CUP=2)
    case_id = give_back(market, order_id, CUP=1)
    market.shop.drain(times=2)
    market.hear()
    assert market.money(order_id)["balances"]["pending_minor"] == sent(market)[0]

    market.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    if finisher == "webhook":
        market.hear()
    market.shop.invoke("PollPayments", {})
    market.hear()
    market.shop.drain(times=2)
    assert case_status(market, case_id) == "refunded"
    assert (market.money(order_id)["balances"]["pending_minor"], len(market.shop.facts("RefundPosted"))) == (0, 1)


@pytest.mark.capability("AFS-03")
def test_a_refund_that_failed_gives_its_budget_back_and_is_sent_again_by_staff(market: Market) -> None:
    order_id = shipped(market, "pm_card_refundFail", CUP=1)
    case_id = give_back(market, order_id, CUP=1)
    settle(market)
    assert case_status(market, case_id) == "failed"
    total = market.order(order_id)["total_minor"]
    file = market.money(order_id)
    assert (file["payment"]["refundable_minor"], file["balances"]["refunded_minor"]) == (total, 0)
    assert [(fact["was_posted"], fact["reason"]) for fact in market.shop.facts("RefundFailed")] == [
        (True, "expired_or_canceled_card")
    ]

    charge = market.stripe.server.fake.account.objects["charge"][market.stripe.objects("charge")[0]["id"]]
    charge["payment_method"] = "pm_card_visa"  # the buyer has a new card of the same account
    path = f"/staff/payments/{order_id}/refunds/{file['refunds'][0]['refund_id']}/retry"
    market.shop.post(path, as_=market.shop.boss).ok()
    assert market.shop.post(path, as_=market.shop.boss)["code"] == "refund_too_high"
    settle(market)
    assert case_status(market, case_id) == "refunded"
    assert market.money(order_id)["balances"]["refunded_minor"] == total
    assert market.stripe.objects("charge")[0]["amount_refunded"] == total
    (retried, *_) = market.shop.get("/staff/audit", as_=market.shop.boss, subject=order_id).ok()["items"]
    assert (retried["action"].split("/")[-1], retried["by"]) == ("retry", "boss")


@pytest.mark.capability("AFS-03")
def test_a_refund_that_came_back_after_it_was_posted_is_found_without_a_webhook(market: Market) -> None:
    order_id = shipped(market, "pm_card_refundFail", CUP=2)
    case_id = give_back(market, order_id, CUP=1)
    market.shop.drain()
    market.hear()
    assert case_status(market, case_id) == "refunded"

    market.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    assert len(market.stripe.webhooks()) > 0, "lost"
    market.shop.pass_time(days=2)
    market.shop.invoke("PollPayments", {})
    market.shop.drain()
    assert case_status(market, case_id) == "refunded", "it is not looked at every five minutes"
    market.shop.pass_time(days=1)
    for _ in range(2):
        market.shop.invoke("PollPayments", {})
        market.shop.drain()
    assert (case_status(market, case_id), len(market.shop.facts("RefundFailed"))) == ("failed", 1)


@pytest.mark.capability("AFS-03")
def test_a_refund_that_stays_posted_is_looked_at_twice_and_no_more(market: Market) -> None:
    order_id = shipped(market, "pm_card_visa", CUP=1)
    give_back(market, order_id, CUP=1)
    settle(market)
    looks = []
    for _ in range(20):
        market.shop.pass_time(days=1)
        looks.append(market.shop.invoke("PollPayments", {}))
    assert [day for day, asked in enumerate(looks, start=1) if asked] == [3, 14]


@pytest.mark.capability("AFS-03")
@pytest.mark.parametrize("asker", ["SendRefund", "PollPayments"])
def test_a_refund_that_failed_unheard_is_found_by_whoever_asks_next(market: Market, asker: str) -> None:
    order_id = shipped(market, "pm_card_pendingRefund", CUP=1)
    case_id = give_back(market, order_id, CUP=1)
    market.shop.drain()
    (refund,) = market.stripe.fake.account.objects["refund"].values()
    refund["status"], refund["failure_reason"] = "failed", "lost_or_stolen_card"
    owed = market.shop.facts("RefundOwed")[0]
    again = {"id": "evt-2", "source": "souk.payments", "detail-type": "RefundOwed"}
    told = again | {
        "detail": {"fact_id": "fct_2", "told_at": "2026-11-02T09:00:00Z", "schema_version": 1, "data": owed}
    }
    market.shop.invoke(asker, told if asker == "SendRefund" else {})
    market.shop.drain()
    assert case_status(market, case_id) == "failed"
    file = market.money(order_id)
    assert file["payment"]["refundable_minor"] == market.order(order_id)["total_minor"]


@pytest.mark.capability("PAY-16")
def test_a_paid_order_that_is_cancelled_gets_all_of_its_money_back_once(market: Market) -> None:
    order_id = market.buy({"CUP": 2, "POT": 1})
    market.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "changed my mind"}, as_=INES).ok()
    for _ in range(2):
        settle(market)
        market.shop.invoke("PollPayments", {})
    assert sent(market) == [market.order(order_id)["total_minor"]]
    assert market.money(order_id)["payment"]["refundable_minor"] == 0
    assert [row["outcome"] for row in market.shop.rows("ProviderEvent") if row["type"].startswith("refund")] == [
        "NothingNew",
        "NothingNew",
    ]
