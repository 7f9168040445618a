"""What the shop relies on of a provider that keeps methods of payment, proved through the official SDK."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.stripe.fake import Request, Running
from souk.gateways import stripe as gateway
from souk.gateways import stripe_keeping
from souk.gateways.providers import (
    Intent,
    Keeper,
    KeptMethod,
    Payer,
    PaymentProviderFailed,
    PaymentProviderUnavailable,
    PaymentRefused,
    Setup,
)
from souk.kernel import clock
from tests.support.stripe import Stripe

pytestmark = [pytest.mark.usefixtures("vault"), pytest.mark.capability("PAY-12")]
KEEPER: Keeper = stripe_keeping
INES, OTTO = "mem_ines", "mem_otto"
ASKS_WHO_IS_THERE = "pm_card_authenticationRequiredOnSetup"
ALWAYS_ASKS, DECLINED = "pm_card_authenticationRequired", "pm_card_chargeCustomerFail"


def begin(owner_id: str = INES, number: int = 1) -> tuple[str, Setup]:
    account_id = KEEPER.open_account(owner_id, 1)
    return account_id, KEEPER.begin_setup(owner_id=owner_id, account_id=account_id, number=number)


def keep(stripe: Stripe, card: str = "pm_card_visa", owner_id: str = INES, number: int = 1) -> tuple[str, str]:
    """The account, and the method in it."""
    account_id, setup = begin(owner_id, number)
    seen = stripe.buyer.keep(setup.client_secret, card)
    if seen["status"] == "requires_action":
        stripe.buyer.answer_bank(seen, yes=True)
    return account_id, KEEPER.kept_methods(account_id)[-1].id


def intent(account_id: str, attempt: int = 1, **changes: Any) -> Intent:
    asked: dict[str, Any] = {
        "order_id": "ord_1",
        "attempt": attempt,
        "amount_minor": 4_200,
        "currency": "EUR",
    } | changes
    return gateway.create_intent(payer=Payer(account=account_id), **asked)


def charges(stripe: Stripe) -> list[str]:
    return [one["status"] for one in stripe.objects("charge")]


def test_a_card_is_kept_and_told_by_what_tells_it_from_another(stripe: Stripe) -> None:
    account_id, setup = begin()
    assert (setup.open, setup.declined, setup.owner_id) == (True, False, INES)
    assert KEEPER.kept_methods(account_id) == []
    stripe.buyer.keep(setup.client_secret, "pm_card_mastercard")
    after = KEEPER.get_setup(setup.id)
    assert (after.open, after.declined) == (False, False)
    [found] = KEEPER.kept_methods(account_id)
    assert found == KeptMethod(found.id, "mastercard", "4444", "2034-12")
    assert KEEPER.owner_of(found.id) == KEEPER.owner_of(setup.id) == INES


def test_the_oldest_comes_first_and_everybody_has_their_own(stripe: Stripe) -> None:
    account_id, first = keep(stripe)
    _, second = keep(stripe, "pm_card_amex", number=2)
    other, theirs = keep(stripe, "pm_card_visa", OTTO)
    assert [one.id for one in KEEPER.kept_methods(account_id)] == [first, second]
    assert [one.id for one in KEEPER.kept_methods(other)] == [theirs]


def test_the_same_number_is_the_same_account_and_the_same_setup(stripe: Stripe) -> None:
    assert begin() == begin()
    assert begin(number=2)[1].id != begin()[1].id
    assert begin(OTTO)[0] != begin()[0]
    assert (len(stripe.objects("customer")), len(stripe.objects("setup_intent"))) == (2, 3)


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after"])
def test_a_lost_answer_is_asked_for_again_and_nothing_is_done_twice(stripe: Stripe, fault: str) -> None:
    for path in ("customers", "setup_intents"):
        stripe.fail_next(fault, path=f"/v1/{path}")
        begin()
    account_id, method_id = keep(stripe)
    made = intent(account_id)
    stripe.fail_next(fault, path="/v1/payment_intents")
    assert KEEPER.charge_method(made.id, method_id, buyer_is_there=True).status == "succeeded"
    stripe.fail_next(fault, path="/v1/payment_methods")
    KEEPER.forget_method(method_id)
    assert (len(stripe.objects("customer")), len(stripe.objects("setup_intent"))) == (1, 1)
    assert charges(stripe) == ["succeeded"]


def test_what_is_declined_is_not_kept_and_may_be_tried_with_another_card(stripe: Stripe) -> None:
    account_id, setup = begin()
    stripe.buyer.keep(setup.client_secret, "pm_card_chargeDeclined")
    after = KEEPER.get_setup(setup.id)
    assert (after.open, after.declined) == (True, True)
    stripe.buyer.keep(setup.client_secret)
    assert [one.last4 for one in KEEPER.kept_methods(account_id)] == ["4242"]
    assert [(one.declined, one.fingerprint) for one in KEEPER.setups_tried(setup.id)] == [
        (False, "card4242"),
        (True, "card0002"),
    ]


@pytest.mark.parametrize("quicker", [False, True])
def test_a_setup_that_is_cancelled_keeps_nothing_unless_the_buyer_was_quicker(stripe: Stripe, quicker: bool) -> None:
    account_id, setup = begin()
    if quicker:
        stripe.buyer.keep(setup.client_secret)
    assert not any(KEEPER.cancel_setup(setup.id).open for _ in range(2))
    assert len(KEEPER.kept_methods(account_id)) == quicker


def test_what_is_forgotten_is_forgotten_and_its_owner_is_known_still(stripe: Stripe) -> None:
    account_id, method_id = keep(stripe)
    for _ in range(2):
        KEEPER.forget_method(method_id)
        assert KEEPER.kept_methods(account_id) == []
    assert KEEPER.owner_of(method_id) == INES
    assert KEEPER.owner_of("pm_1nobodys") == ""
    with pytest.raises(PaymentRefused):
        KEEPER.forget_method("pm_1nobodys")


@pytest.mark.parametrize("there", [True, False])
def test_a_kept_card_is_charged_once_however_often_it_is_asked_for(stripe: Stripe, there: bool) -> None:
    account_id, method_id = keep(stripe)
    made = intent(account_id)
    for _ in range(3):
        taken = KEEPER.charge_method(made.id, method_id, buyer_is_there=there)
        assert (taken.status, taken.received_minor, taken.order_id) == ("succeeded", 4_200, "ord_1")
    later = clock.now() + timedelta(days=3)
    clock.use(lambda: later)
    try:
        assert KEEPER.charge_method(made.id, method_id, buyer_is_there=there).status == "succeeded"
    finally:
        clock.use(None)
    assert charges(stripe) == ["succeeded"]


@pytest.mark.capability("PAY-13")
@pytest.mark.parametrize(
    ("card", "there", "status", "decline_code"),
    [
        (ASKS_WHO_IS_THERE, True, "requires_action", None),
        (ASKS_WHO_IS_THERE, False, "succeeded", None),
        (ALWAYS_ASKS, True, "requires_action", None),
        (ALWAYS_ASKS, False, "requires_payment_method", "authentication_required"),
        (DECLINED, True, "requires_payment_method", "generic_decline"),
        (DECLINED, False, "requires_payment_method", "generic_decline"),
    ],
)
def test_what_a_bank_says_is_answered_as_it_stands(
    stripe: Stripe, card: str, there: bool, status: str, decline_code: str | None
) -> None:
    account_id, method_id = keep(stripe, card)
    made = intent(account_id)
    said = KEEPER.charge_method(made.id, method_id, buyer_is_there=there)
    assert (said.status, said.decline_code) == (status, decline_code)
    assert gateway.get_intent(made.id) == said
    if status != "succeeded":  # the buyer's browser goes on with it
        seen = stripe.buyer.pay(made.client_secret, method_id if card != DECLINED else "pm_card_visa")
        if seen["status"] == "requires_action":
            stripe.buyer.answer_bank(seen, yes=True)
    assert gateway.get_intent(made.id).status == "succeeded"


def test_what_is_not_in_the_account_cannot_be_charged(stripe: Stripe) -> None:
    account_id, method_id = keep(stripe)
    _, theirs = keep(stripe, owner_id=OTTO)
    KEEPER.forget_method(method_id)
    made = intent(account_id)
    for other in (theirs, method_id, "pm_1nobodys"):
        with pytest.raises(PaymentRefused):
            KEEPER.charge_method(made.id, other, buyer_is_there=True)
        assert gateway.get_intent(made.id).untried
    assert charges(stripe) == []


def test_a_charge_that_is_under_way_is_neither_made_again_nor_called_refused(stripe: Stripe) -> None:
    """Another with its key has come in and is at work: nobody knows yet."""
    account_id, method_id = keep(stripe)
    made = intent(account_id)
    with stripe.server.lock:
        form = {"payment_method": method_id, "use_stripe_sdk": "true"}
        headers = {"authorization": "Bearer sk_test_souk", "idempotency-key": f"{made.id}/{method_id}"}
        running = stripe.fake.begin(Request("POST", f"/v1/payment_intents/{made.id}/confirm", headers, form))
    with pytest.raises(PaymentProviderUnavailable) as unknown:
        KEEPER.charge_method(made.id, method_id, buyer_is_there=True)
    assert not isinstance(unknown.value, PaymentProviderFailed), "its answer is another one soon"
    with stripe.server.lock:
        assert isinstance(running, Running)
        stripe.fake.finish(running)
    assert KEEPER.charge_method(made.id, method_id, buyer_is_there=True).status == "succeeded"
    assert charges(stripe) == ["succeeded"]
