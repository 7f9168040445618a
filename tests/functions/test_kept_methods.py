"""Members keep methods of payment at the provider: the shop knows them by name, and no number of a card."""

from itertools import permutations
from typing import Any

import pytest

from souk.domains.payments.model.kept import MOST_METHODS
from tests.support.kept import MANDATES, PATH, agree, begin, keep, kept
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer


def default_of(market: Market) -> list[str]:
    return [one["method_id"] for one in kept(market) if one["default"]]


@pytest.mark.capability("PAY-12")
def test_a_card_is_kept_once_the_browser_comes_back(market: Market) -> None:
    start = begin(market).ok()
    assert start["publishable_key"] == "pk_test_souk" and kept(market) == []
    setup = market.stripe.buyer.keep(start["client_secret"], "pm_card_mastercard")
    [found] = market.shop.post(f"{PATH}/return", as_=INES).ok()["items"]
    assert found == {
        "method_id": setup["payment_method"],
        "brand": "mastercard",
        "last4": "4444",
        "expires": "2034-12",
        "default": True,
        "mandate_id": None,
    }
    assert kept(market) == [found] and kept(market, OTTO) == []


@pytest.mark.capability("PAY-12")
def test_a_card_is_kept_when_only_the_webhook_tells_whatever_comes_twice(market: Market) -> None:
    market.stripe.buyer.keep(begin(market)["client_secret"])
    told = market.stripe.webhooks()
    for body, signature in told * 3:
        headers = {"Stripe-Signature": signature}
        market.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers=headers).ok()
    assert len(kept(market)) == 1


def test_a_card_whose_bank_asks_its_owner_is_kept_after_the_answer(market: Market) -> None:
    for yes in (False, True):
        setup = market.stripe.buyer.keep(begin(market)["client_secret"], "pm_card_threeDSecure2Required")
        assert market.shop.post(f"{PATH}/return", as_=INES).ok()["items"] == []
        market.stripe.buyer.answer_bank(setup, yes=yes)
    market.hear()
    assert [one["last4"] for one in kept(market)] == ["3220"]


def test_what_was_begun_is_the_same_until_it_is_kept_and_the_next_is_another(market: Market) -> None:
    first = begin(market).ok()
    assert begin(market).ok() == first
    assert len(market.stripe.objects("setup_intent")) == len(market.stripe.objects("customer")) == 1
    market.stripe.buyer.keep(first["client_secret"])
    second = begin(market).ok()
    assert second["setup_id"] != first["setup_id"] and len(kept(market)) == 1
    assert len(market.stripe.objects("customer")) == 1


def test_what_lay_about_for_a_day_is_given_up_for_another(market: Market) -> None:
    first = begin(market).ok()
    market.shop.pass_time(hours=25)
    second = begin(market).ok()
    states = {one["id"]: one["status"] for one in market.stripe.objects("setup_intent")}
    assert states == {first["setup_id"]: "canceled", second["setup_id"]: "requires_payment_method"}


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_before", "error_after"])
def test_a_provider_that_does_not_answer_is_asked_again(market: Market, fault: str) -> None:
    market.stripe.fail_next(fault, count=2 if fault.startswith("timeout") else 1)
    assert (begin(market).status, begin(market).status) == (503, 201)
    keep(market)
    assert len(kept(market)) == 1


def test_so_many_are_kept_and_no_more(market: Market) -> None:
    for number in range(MOST_METHODS):
        keep(market)
        market.shop.pass_time(hours=24 * (number % 5 == 4))
    refused = begin(market)
    assert (refused.status, refused["code"], refused["most"]) == (409, "too_many_methods", MOST_METHODS)
    assert len(kept(market)) == MOST_METHODS


def test_there_is_one_default_whatever_is_removed(market: Market) -> None:
    one, two, three = (keep(market, card) for card in ("pm_card_visa", "pm_card_amex", "pm_card_mastercard"))
    assert default_of(market) == [one]
    assert market.shop.post(f"{PATH}/{two}/default", as_=INES).ok()["default"] is True
    assert default_of(market) == [two]
    for method_id, left in ((two, [one]), (three, [one]), (one, [])):
        assert market.shop.delete(f"{PATH}/{method_id}", as_=INES).status == 204
        assert default_of(market) == left
    assert [one["customer"] for one in market.stripe.objects("payment_method")] == [None] * 3


def test_anothers_card_is_like_one_that_is_not_there(market: Market) -> None:
    method_id = keep(market)
    with market.shop.unchanged():
        for path, call in (
            (f"{PATH}/{method_id}/default", market.shop.post),
            (f"{PATH}/{method_id}", market.shop.delete),
        ):
            foreign = call(path, as_=OTTO)
            absent = call(path.replace(method_id, "pm_1nobodys"), as_=OTTO)
            assert (foreign.status, foreign.body) == (absent.status, absent.body) and foreign.status == 404


@pytest.mark.parametrize("hears", [True, False])
def test_a_card_that_is_taken_away_at_the_provider_is_taken_away_here(market: Market, hears: bool) -> None:
    method_id = keep(market)
    market.hear()
    with market.stripe.server.lock:
        detached = market.stripe.fake.handle(
            "POST", f"/v1/payment_methods/{method_id}/detach", {"authorization": "Bearer sk_test_souk"}, {}
        )
    assert detached.status == 200
    if hears:
        assert {answer.status for answer in market.hear()} == {200}
    else:
        market.shop.post(f"{PATH}/return", as_=INES).ok()
    assert kept(market) == []


@pytest.mark.capability("PAY-10")
def test_cards_are_not_tried_out_by_having_them_kept(market: Market) -> None:
    """Five that are declined of one setup, ten setups of a day, and an hour of rest for the address."""
    answers: list[Answer] = []
    for _ in range(30):
        answers.append(begin(market))
        if answers[-1].status == 201:
            market.stripe.buyer.keep(answers[-1]["client_secret"], "pm_card_chargeDeclined")
            market.hear()
    failed = [one for one in market.stripe.objects("setup_attempt") if one["status"] == "failed"]
    assert len(failed) == 10
    assert {answer.status for answer in answers} == {201, 429}
    cup = market.goods({"CUP": 100}, {market.store(): 5})
    assert cup and market.checkout({"CUP": 1}).status == 429


def test_no_more_than_ten_a_day_are_begun(market: Market) -> None:
    for _ in range(10):
        market.shop.delete(f"{PATH}/{keep(market)}", as_=INES)
    assert (begin(market).status, begin(market, OTTO).status) == (429, 201)
    market.shop.pass_time(hours=24)
    assert begin(market).status == 201


@pytest.mark.capability("PAY-11")
def test_no_number_of_a_card_and_no_secret_is_kept(market: Market) -> None:
    keep(market)
    everything = str(market.shop.everything())
    assert "4242424242424242" not in everything and "_secret_" not in everything


def test_events_about_what_is_nobodys_are_set_aside(market: Market) -> None:
    call: Any = {"authorization": "Bearer sk_test_souk"}
    with market.stripe.server.lock:
        made = market.stripe.fake.handle("POST", "/v1/setup_intents", call, {})
    market.stripe.buyer.keep(made.body["client_secret"])
    assert [answer["outcome"] for answer in market.hear()] == ["PaymentQuarantined"]


def test_in_whatever_order_events_come_the_book_is_what_the_provider_has(market: Market) -> None:
    one = keep(market, "pm_card_visa")
    market.shop.delete(f"{PATH}/{one}", as_=INES)
    two = keep(market, "pm_card_amex")
    told = market.stripe.webhooks()
    assert len(told) == 3
    for order in permutations(told):
        for body, signature in order:
            headers = {"Stripe-Signature": signature}
            market.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers=headers).ok()
        assert [found["method_id"] for found in kept(market)] == [two]


@pytest.mark.capability("PAY-12")
@pytest.mark.parametrize("type", ["payment_method.updated", "payment_method.automatically_updated"])
def test_a_card_that_its_bank_has_renewed_is_shown_as_it_is_now(market: Market, type: str) -> None:
    method_id = keep(market)
    market.hear()
    with market.stripe.server.lock:
        account = market.stripe.fake.account
        renewed = account.get("payment_method", method_id)
        renewed["card"] |= {"last4": "1881", "exp_year": 2041}
        account.tell(type, renewed)
    assert [answer["outcome"] for answer in market.hear()] == ["NothingNew"]
    assert [(one["last4"], one["expires"][:4]) for one in kept(market)] == [("1881", "2041")]


@pytest.mark.capability("PAY-12")
def test_a_card_that_the_provider_knows_no_more_is_taken_away_with_its_mandate(market: Market) -> None:
    method_id = keep(market)
    mandate_id = agree(market, method_id, 1_000, 5_000).ok()["mandate_id"]
    with market.stripe.server.lock:
        del market.stripe.fake.account.objects["payment_method"][method_id]
    assert market.shop.delete(f"{PATH}/{method_id}", as_=INES).status == 204
    assert kept(market) == []
    assert market.shop.get(f"{MANDATES}/{mandate_id}", as_=INES).ok()["revoked_at"]
