"""A payment's life through the official SDK: paid, declined, cancelled, refunded, asked for twice."""

import threading
from typing import Any

import pytest
import requests

from infra.local.stripe.config import API_KEY
from souk.gateways import stripe as gateway
from souk.gateways.providers import Intent, PaymentProviderUnavailable, PaymentRefused
from tests.support.stripe import Stripe

pytestmark = pytest.mark.usefixtures("vault")


def make(**changes: Any) -> Intent:
    return gateway.create_intent(
        **{"order_id": "ord_1", "attempt": 1, "amount_minor": 4_200, "currency": "EUR", **changes}
    )


def paid(stripe: Stripe, card: str = "pm_card_visa", **changes: Any) -> Intent:
    intent = make(**changes)
    stripe.buyer.pay(intent.client_secret, card)
    return gateway.get_intent(intent.id)


def call(stripe: Stripe, method: str, path: str, key: str | None = None, **form: Any) -> requests.Response:
    """What the gateway has no need of, asked of Stripe's API directly."""
    headers = {"Authorization": f"Bearer {API_KEY}"} | ({"Idempotency-Key": key} if key else {})
    url = f"{stripe.url}/v1/{path}"
    if method == "GET":
        return requests.get(url, form, headers=headers, timeout=10)
    return requests.post(url, form, headers=headers, timeout=10)


@pytest.mark.capability("PAY-04")
def test_a_buyer_pays_with_a_card(stripe: Stripe) -> None:
    intent = make()
    assert (intent.status, intent.received_minor, intent.charge_id) == ("requires_payment_method", 0, None)

    seen_by_browser = stripe.buyer.pay(intent.client_secret)
    assert seen_by_browser["status"] == "succeeded"
    assert "metadata" not in seen_by_browser

    after = gateway.get_intent(intent.id)
    assert after._replace(client_secret="", charge_id="") == Intent(
        id=intent.id,
        status="succeeded",
        amount_minor=4_200,
        received_minor=4_200,
        currency="EUR",
        order_id="ord_1",
        attempt=1,
        client_secret="",
        charge_id="",
        decline_code=None,
        livemode=False,
    )
    assert after.charge_id == stripe.objects("charge")[0]["id"]
    assert stripe.told() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ]


def test_a_payment_costs_its_fee_and_the_rest_is_in_the_balance(stripe: Stripe) -> None:
    after = paid(stripe)
    charge = call(stripe, "GET", f"charges/{after.charge_id}", **{"expand[]": "balance_transaction"}).json()
    assert (charge["balance_transaction"]["fee"], charge["balance_transaction"]["net"]) == (152, 4_048)
    assert call(stripe, "GET", "balance").json()["available"][0]["amount"] == 4_048


@pytest.mark.capability("PAY-04")
@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    ],
)
def test_a_declined_card_leaves_the_order_waiting_for_another_one(stripe: Stripe, card: str, reason: str) -> None:
    intent = make()
    stripe.buyer.pay(intent.client_secret, card)
    declined = gateway.get_intent(intent.id)
    assert (declined.status, declined.decline_code) == ("requires_payment_method", reason)
    assert declined.received_minor == 0

    stripe.buyer.pay(intent.client_secret, "pm_card_mastercard")
    after = gateway.get_intent(intent.id)
    assert (after.status, after.decline_code, after.received_minor) == ("succeeded", None, 4_200)
    assert stripe.told()[1:5] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


@pytest.mark.capability("PAY-04")
def test_the_bank_asks_and_the_buyer_says_yes(stripe: Stripe) -> None:
    intent = make()
    asked = stripe.buyer.pay(intent.client_secret, "pm_card_threeDSecure2Required", "https://shop/back?o=1")
    assert gateway.get_intent(intent.id).status == "requires_action"
    page = requests.get(asked["next_action"]["redirect_to_url"]["url"], timeout=10)
    assert page.status_code == 200
    assert "4200 EUR" in page.text

    back = stripe.buyer.answer_bank(asked, yes=True)
    assert back is not None
    assert back.startswith(f"https://shop/back?o=1&payment_intent={intent.id}&")
    assert back.endswith("redirect_status=succeeded")
    assert gateway.get_intent(intent.id).status == "succeeded"
    assert stripe.told()[1:4] == [
        "payment_intent.requires_action",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_the_bank_asks_and_the_buyer_says_no(stripe: Stripe) -> None:
    intent = make()
    asked = stripe.buyer.pay(intent.client_secret, "pm_card_authenticationRequired", "https://shop/back")
    back = stripe.buyer.answer_bank(asked, yes=False)
    after = gateway.get_intent(intent.id)
    assert back is not None
    assert back.endswith("redirect_status=failed")
    assert (after.status, after.decline_code) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )
    assert not stripe.objects("charge")


@pytest.mark.capability("PAY-04")
def test_a_cancelled_payment_can_no_longer_be_paid(stripe: Stripe) -> None:
    intent = make()
    assert gateway.cancel_intent(intent.id).status == "canceled"
    assert gateway.cancel_intent(intent.id).status == "canceled"
    assert stripe.buyer.pay(intent.client_secret)["status"] == "canceled"
    assert not stripe.objects("charge")


@pytest.mark.capability("PAY-04")
def test_refunds_go_back_to_the_cent_and_never_above(stripe: Stripe) -> None:
    intent = paid(stripe)
    first = gateway.refund(order_id="ord_1", refund_id="rfd_1", intent_id=intent.id, amount_minor=1_399)
    assert first[1:] == ("succeeded", 1_399, "EUR", None, "rfd_1", "ord_1", intent.id)
    assert gateway.get_refund(first.id, intent.id) == first
    assert stripe.told()[-4:] == ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]

    with pytest.raises(PaymentRefused) as refused:
        gateway.refund(order_id="ord_1", refund_id="rfd_2", intent_id=intent.id, amount_minor=2_802)
    assert refused.value.facts == {"reason": "invalid_request"}
    gateway.refund(order_id="ord_1", refund_id="rfd_3", intent_id=intent.id, amount_minor=2_801)
    with pytest.raises(PaymentRefused) as refused:
        gateway.refund(order_id="ord_1", refund_id="rfd_4", intent_id=intent.id, amount_minor=1)
    assert refused.value.facts == {"reason": "charge_already_refunded"}
    assert [refund.refund_id for refund in gateway.refunds_of(intent.id)] == ["rfd_3", "rfd_1"]
    charge = stripe.objects("charge")[0]
    assert (charge["amount_refunded"], charge["refunded"]) == (4_200, True)


@pytest.mark.parametrize("card", ["pm_card_pendingRefund", "pm_card_refundFail"])
def test_a_refund_may_fail_later_and_the_money_is_ours_again(stripe: Stripe, card: str) -> None:
    intent = paid(stripe, card)
    refund = gateway.refund(order_id="ord_1", refund_id="rfd_1", intent_id=intent.id, amount_minor=4_200)
    assert refund.status == ("pending" if card == "pm_card_pendingRefund" else "succeeded")

    stripe.control(f"refunds/{refund.id}/settle", status="failed")
    after = gateway.get_refund(refund.id, intent.id)
    assert (after.status, after.failure_reason) == ("failed", "expired_or_canceled_card")
    told = ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated", "refund.failed"]
    assert stripe.told()[-5:] == told
    assert call(stripe, "GET", "balance").json()["available"][0]["amount"] == 4_048
    again = gateway.refund(order_id="ord_1", refund_id="rfd_2", intent_id=intent.id, amount_minor=4_200)
    assert again.id != refund.id


def test_what_was_never_paid_cannot_be_refunded(stripe: Stripe) -> None:
    with pytest.raises(PaymentRefused):
        gateway.refund(order_id="ord_1", refund_id="rfd_1", intent_id=make().id, amount_minor=1)
    assert not stripe.objects("refund")


def test_an_answer_that_takes_too_long_is_no_answer(stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "TIMEOUT_SECONDS", 0.1)
    gateway._client_with.cache_clear()
    stripe.control("config", latency_seconds=0.4)
    with pytest.raises(PaymentProviderUnavailable) as unavailable:
        gateway.get_intent("pi_1")
    assert unavailable.value.facts == {"reason": "APIConnectionError"}
    gateway._client_with.cache_clear()


def test_a_server_error_is_kept_under_its_key_and_a_new_attempt_gets_through(stripe: Stripe) -> None:
    stripe.fail_next("error_before")
    for _ in range(2):
        with pytest.raises(PaymentProviderUnavailable):
            make()
    assert make(attempt=2).attempt == 2
    assert len(stripe.objects("payment_intent")) == 1


def test_a_stranger_at_the_port_is_unavailable_not_unexpected(stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API", "http://127.0.0.1:1")
    with pytest.raises(PaymentProviderUnavailable):
        make()


def test_a_wrong_api_key_is_unavailable_and_is_not_shown(stripe: Stripe) -> None:
    stripe.control("config", api_key="sk_test_rolled")
    with pytest.raises(PaymentProviderUnavailable) as unavailable:
        make()
    assert unavailable.value.facts == {"reason": "AuthenticationError"}
    assert API_KEY not in f"{unavailable.value}{unavailable.value.__cause__}"


def test_the_same_attempt_cannot_ask_for_another_amount(stripe: Stripe) -> None:
    make()
    with pytest.raises(PaymentRefused) as refused:
        make(amount_minor=4_201)
    assert refused.value.facts == {"reason": "idempotency_error"}
    assert len(stripe.objects("payment_intent")) == 1


def test_two_at_once_with_one_key_make_one_payment(stripe: Stripe) -> None:
    stripe.control("config", latency_seconds=0.2)
    made: list[Intent] = []
    buyers = [threading.Thread(target=lambda: made.append(make())) for _ in range(2)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    assert made[0] == made[1]
    assert len(stripe.objects("payment_intent")) == 1


@pytest.mark.parametrize("currency", ["ISK", "UGX", "MGA"])
def test_a_currency_that_stripe_counts_otherwise_is_refused(stripe: Stripe, currency: str) -> None:
    with pytest.raises(PaymentRefused):
        make(currency=currency)
    assert not stripe.objects("payment_intent")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_minor": 49}, "amount_too_small"),
        ({"amount_minor": 5_124, "currency": "KWD"}, "invalid_request"),
        ({"amount_minor": 100_000_000}, "amount_too_large"),
        ({"currency": "EURO"}, "invalid_request"),
    ],
)
def test_an_invalid_request_is_refused_with_stripes_own_code(
    stripe: Stripe, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(PaymentRefused) as refused:
        make(**changes)
    assert refused.value.facts == {"reason": code}


def test_an_unknown_payment_is_refused(stripe: Stripe) -> None:
    for ask in (gateway.get_intent, gateway.cancel_intent, lambda id: gateway.get_refund(id, id)):
        with pytest.raises(PaymentRefused) as refused:
            ask("pi_0")
        assert refused.value.facts == {"reason": "resource_missing"}


def test_a_payment_made_elsewhere_belongs_to_no_order(stripe: Stripe) -> None:
    foreign = call(stripe, "POST", "payment_intents", amount=500, currency="usd", **{"metadata[attempt]": "x"})
    intent = gateway.get_intent(foreign.json()["id"])
    assert (intent.order_id, intent.attempt, intent.currency) == ("", 0, "USD")


@pytest.mark.parametrize(("captured", "released"), [("4200", 0), ("3000", 1_200)])
def test_an_authorised_payment_is_captured_later(stripe: Stripe, captured: str, released: int) -> None:
    held = call(
        stripe,
        "POST",
        "payment_intents",
        amount=4200,
        currency="eur",
        capture_method="manual",
        confirm="true",
        payment_method="pm_card_visa",
    ).json()
    assert (held["status"], held["amount_capturable"], held["amount_received"]) == (
        "requires_capture",
        4_200,
        0,
    )
    assert stripe.fake.account.balances() == {}

    after = call(stripe, "POST", f"payment_intents/{held['id']}/capture", amount_to_capture=captured).json()
    assert (after["status"], after["amount_received"]) == ("succeeded", int(captured))
    assert stripe.objects("charge")[0]["amount_refunded"] == released
    assert stripe.told() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_a_poller_finds_the_payments_since_a_time_page_by_page(stripe: Stripe) -> None:
    ids = [make(order_id=f"ord_{n}").id for n in range(5)]
    since = stripe.objects("payment_intent")[0]["created"]
    page = call(stripe, "GET", "payment_intents", limit=3, **{"created[gte]": since}).json()
    rest = call(stripe, "GET", "payment_intents", limit=3, starting_after=page["data"][-1]["id"]).json()
    assert [intent["id"] for intent in (*page["data"], *rest["data"])] == ids[::-1]
    assert (page["has_more"], rest["has_more"]) == (True, False)
    assert call(stripe, "GET", "payment_intents", **{"created[gt]": since + 60}).json()["data"] == []


def test_a_chargeback_takes_the_money_and_bars_a_refund(stripe: Stripe) -> None:
    intent = paid(stripe, "pm_card_createDispute")
    assert stripe.told()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert stripe.fake.account.balances()["eur"]["balance"] == 4_048 - 4_200 - 1_500
    with pytest.raises(PaymentRefused) as refused:
        gateway.refund(order_id="ord_1", refund_id="rfd_1", intent_id=intent.id, amount_minor=1)
    assert refused.value.facts == {"reason": "charge_disputed"}

    stripe.control(f"disputes/{stripe.objects('dispute')[0]['id']}/close", status="won")
    assert stripe.told()[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert stripe.fake.account.balances()["eur"]["balance"] == 4_048 - 1_500


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "code"),
    [
        ("POST", "payment_intents", {"currency": "eur"}, 400, "parameter_missing"),
        ("POST", "payment_intents", {"amount": "1.5", "currency": "eur"}, 400, "parameter_invalid_integer"),
        (
            "POST",
            "payment_intents",
            {"amount": 500, "currency": "eur", "colour": 1},
            400,
            "parameter_unknown",
        ),
        (
            "POST",
            "payment_intents",
            {"amount": 500, "currency": "eur", "payment_method_types[]": "card"},
            400,
            "payment_method_types_no_longer_supported",
        ),
        ("GET", "payment_intents/pi_0", {}, 404, "resource_missing"),
        ("GET", "invoices", {}, 404, None),
        ("POST", "refunds", {}, 400, None),
    ],
)
def test_the_fake_complains_as_stripe_does(
    stripe: Stripe, method: str, path: str, form: dict[str, Any], status: int, code: str | None
) -> None:
    answer = call(stripe, method, path, **form)
    assert (answer.status_code, answer.json()["error"].get("code")) == (status, code)
    assert answer.headers["Request-Id"].startswith("req_")


def test_a_browser_may_only_see_and_confirm_its_own_payment(stripe: Stripe) -> None:
    intent, other = make(), make(order_id="ord_2")
    url, key = f"{stripe.url}/v1/payment_intents", stripe.fake.config.publishable_key
    mine = {"key": key, "client_secret": intent.client_secret}
    assert requests.get(f"{url}/{intent.id}", mine, timeout=10).status_code == 200
    assert requests.get(f"{url}/{other.id}", mine, timeout=10).status_code == 404
    assert requests.get(f"{url}/{intent.id}", {"key": key}, timeout=10).status_code == 401
    assert requests.get(url, mine, timeout=10).status_code == 401
    assert requests.post(f"{url}/{intent.id}/cancel", mine, timeout=10).status_code == 401
    assert requests.get(f"{url}/{intent.id}", timeout=10).status_code == 401
