"""Mandates: what a member lets the shop charge without asking each time, and never a cent beyond."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.domains.orders.model.one_click import OneClickOrder
from souk.domains.payments.model.references import creditor_reference
from souk.flows import one_click as flow
from souk.kernel.errors import Refusal
from souk.table import current
from tests.support.kept import MANDATES, PATH, agree, keep, kept, one_click, settle_in
from tests.support.market import CONTACT, INES, OTTO, Market
from tests.support.shared_table import SharedTable
from tests.support.table import before_next_write

ASKS_WHO_IS_THERE = "pm_card_authenticationRequiredOnSetup"
ALWAYS_ASKS, DECLINED = "pm_card_authenticationRequired", "pm_card_chargeCustomerFail"
AT_ONCE = 16


@pytest.fixture
def market(market: Market) -> Market:
    market.goods({"CUP": 1000}, {market.store(): 200})
    return market


def mandates(market: Market) -> list[dict[str, Any]]:
    return list(market.shop.get(MANDATES, as_=INES).ok()["items"])


def left(market: Market, mandate_id: str) -> int:
    return int(market.shop.get(f"{MANDATES}/{mandate_id}", as_=INES).ok()["left_minor"])


def revoke(market: Market, mandate_id: str) -> None:
    assert market.shop.delete(f"{MANDATES}/{mandate_id}", as_=INES).status == 204


def agreed(market: Market, card: str = "pm_card_visa", charge: int = 3_000, day: int = 5_000) -> str:
    """With all that one click needs; the mandate's id."""
    return str(agree(market, settle_in(market, card), charge, day).ok()["mandate_id"])


@pytest.mark.capability("PAY-13")
def test_what_was_agreed_to_is_kept_with_when_and_to_which_text(market: Market) -> None:
    method_id = settle_in(market)
    made = agree(market, method_id, 3_000, 5_000).ok()
    assert made == {
        "mandate_id": made["mandate_id"],
        "method_id": method_id,
        "currency": "EUR",
        "charge_limit_minor": 3_000,
        "day_limit_minor": 5_000,
        "terms_version": "2026-11",
        "agreed_at": "2026-11-02T09:00:00Z",
        "revoked_at": None,
    }
    assert mandates(market) == [made] and kept(market)[0]["mandate_id"] == made["mandate_id"]
    assert [row["ip"] for row in market.shop.rows("Mandate")] == ["127.0.0.1"]
    assert agree(market, method_id, 3_000, 5_000).ok() == made
    market.shop.pass_time(seconds=1)
    other = agree(market, method_id, 3_000, 5_000, terms="2026-12").ok()
    assert [(one["mandate_id"], one["revoked_at"] is None) for one in mandates(market)] == [
        (other["mandate_id"], True),
        (made["mandate_id"], False),
    ]
    page = market.shop.get(MANDATES, as_=INES, limit=1).ok()
    rest = market.shop.get(MANDATES, as_=INES, cursor=page["next_cursor"]).ok()
    assert page["items"] + rest["items"] == mandates(market) and rest["next_cursor"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"charge_limit_minor": 0},
        {"charge_limit_minor": 6_000},
        {"day_limit_minor": -1},
        {"terms_version": ""},
        {"currency": "USD"},
        {"agreed_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_nobody_can_agree_to_is_refused(market: Market, body: dict[str, Any]) -> None:
    said = {"charge_limit_minor": 3_000, "day_limit_minor": 5_000, "terms_version": "1", "method_id": keep(market)}
    with market.shop.unchanged():
        assert market.shop.post(MANDATES, said | body, as_=INES).status == 422


def test_anothers_card_and_mandate_are_like_ones_that_are_not_there(market: Market) -> None:
    mandate_id = agreed(market)
    method_id = kept(market)[0]["method_id"]
    with market.shop.unchanged():
        for foreign, absent in (
            (agree(market, method_id, 1, 1, by=OTTO), agree(market, "pm_1nobodys", 1, 1, by=OTTO)),
            (
                market.shop.delete(f"{MANDATES}/{mandate_id}", as_=OTTO),
                market.shop.delete(f"{MANDATES}/man_nobodys", as_=OTTO),
            ),
            (market.shop.get(f"{MANDATES}/{mandate_id}", as_=OTTO), market.shop.get(f"{MANDATES}/man_0", as_=OTTO)),
        ):
            assert (foreign.status, foreign.body) == (absent.status, absent.body) and foreign.status == 404


@pytest.mark.capability("PAY-13")
def test_with_a_mandate_nobody_is_asked_and_without_one_the_bank_asks(market: Market) -> None:
    settle_in(market, ASKS_WHO_IS_THERE)
    assert one_click(market, {"CUP": 1}).ok()["standing"] == "requires_action"
    agree(market, kept(market)[0]["method_id"], 3_000, 5_000).ok()
    assert one_click(market, {"CUP": 1}).ok()["standing"] == "paid"


@pytest.mark.capability("PAY-13")
def test_a_charge_above_its_limit_is_refused_and_nothing_is_ordered(market: Market) -> None:
    mandate_id = agreed(market)
    with market.shop.unchanged():
        refused = one_click(market, {"CUP": 4})
        assert (refused.status, refused["code"], refused["limit"]) == (403, "over_mandate", "charge")
        assert (refused["limit_minor"], refused["asked_minor"], refused["currency"]) == (3_000, 4_000, "EUR")
    assert one_click(market, {"CUP": 3}).ok()["standing"] == "paid"
    assert left(market, mandate_id) == 2_000


@pytest.mark.capability("PAY-13")
def test_a_day_has_its_limit_and_begins_at_midnight_where_the_shop_is(market: Market) -> None:
    market.set_up(time_zone="Asia/Shanghai")  # nine in the morning in UTC is five in the afternoon there
    mandate_id = agreed(market)
    one_click(market, {"CUP": 3}).ok()
    with market.shop.unchanged():
        refused = one_click(market, {"CUP": 3})
        assert (refused.status, refused["code"], refused["limit"]) == (403, "over_mandate", "day")
    assert one_click(market, {"CUP": 2}).ok()["standing"] == "paid"
    assert left(market, mandate_id) == 0
    market.shop.pass_time(hours=6, minutes=59)
    assert one_click(market, {"CUP": 1}).status == 403
    market.shop.pass_time(minutes=1)
    assert left(market, mandate_id) == 5_000
    assert one_click(market, {"CUP": 3}).ok()["standing"] == "paid"


@pytest.mark.capability("PAY-13")
def test_of_16_at_once_that_all_saw_an_empty_day_as_many_are_charged_as_it_has_room_for(market: Market) -> None:
    table, market.category_id = SharedTable(), ""
    current.use(table)
    market.goods({"TEA": 1000}, {market.store(): 100})
    agreed(market)
    wanted = OneClickOrder.model_validate({"lines": [{"sku": "TEA", "quantity": 1}], "contact": CONTACT})
    table.gate = threading.Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = Counter(pool.map(lambda n: _buy(wanted, f"key-{n}"), range(AT_ONCE)))
    assert outcomes == {"paid": 5, "over_mandate": 11}
    assert [one["amount"] for one in market.stripe.objects("charge")] == [1000] * 5
    assert [row["charged_minor"] for row in table.rows.values() if row["kind"] == "MandateDay"] == [5_000]


def _buy(wanted: OneClickOrder, key: str) -> str:
    try:
        return flow.buy(wanted, key, by=INES).standing
    except Refusal as refusal:
        return refusal.code()


@pytest.mark.capability("PAY-13")
def test_what_was_revoked_charges_nothing_more(market: Market) -> None:
    mandate_id = agreed(market, ASKS_WHO_IS_THERE)
    one_click(market, {"CUP": 1}).ok()
    for _ in range(2):
        revoke(market, mandate_id)
    assert mandates(market)[0]["revoked_at"] and kept(market)[0]["mandate_id"] is None
    assert left(market, mandate_id) == 0
    assert one_click(market, {"CUP": 1}).ok()["standing"] == "requires_action"
    assert len(market.stripe.objects("charge")) == 1


@pytest.mark.capability("PAY-13")
def test_a_card_that_is_taken_away_takes_its_mandate_with_it(market: Market) -> None:
    mandate_id = agreed(market)
    market.shop.delete(f"{PATH}/{kept(market)[0]['method_id']}", as_=INES).ok()
    assert [one["revoked_at"] is None for one in mandates(market)] == [False]
    again = agree(market, keep(market), 3_000, 5_000).ok()
    assert again["mandate_id"] != mandate_id and again["revoked_at"] is None


def by_revoking(market: Market) -> None:
    revoke(market, mandates(market)[0]["mandate_id"])


def by_taking_the_card_away(market: Market) -> None:
    market.shop.delete(f"{PATH}/{kept(market)[0]['method_id']}", as_=INES).ok()


@pytest.mark.capability("PAY-13")
@pytest.mark.parametrize("end", [by_revoking, by_taking_the_card_away])
@pytest.mark.parametrize("kind", ["Order", "Payment"])
def test_what_is_revoked_while_an_order_is_placed_charges_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch, end: Callable[[Market], None], kind: str
) -> None:
    """Before the order stands, or once it does and has no payment yet at the provider."""
    agreed(market, ASKS_WHO_IS_THERE)
    if kind == "Order":
        before_next_write(monkeypatch, lambda: end(market), of="Order")
    else:
        before_next_write(
            monkeypatch, lambda: before_next_write(monkeypatch, lambda: end(market), of="Payment"), of="Order"
        )
    bought = one_click(market, {"CUP": 1})
    assert market.stripe.objects("charge") == []
    gone = (kind, end) == ("Order", by_taking_the_card_away)
    assert (bought.status, bought.body.get("code")) == (422, "nothing_kept") if gone else bought["standing"]
    assert [row for row in market.shop.rows("MandateDay") if row["charged_minor"]] == []


@pytest.mark.capability("PAY-13")
def test_what_is_declined_or_cancelled_gives_its_part_of_the_day_back(market: Market) -> None:
    mandate_id = agreed(market, DECLINED)
    declined = one_click(market, {"CUP": 3}).ok()
    assert (declined["standing"], left(market, mandate_id)) == ("declined", 5_000)
    market.stripe.buyer.pay(declined["payment"]["client_secret"])
    market.hear()
    assert left(market, mandate_id) == 5_000, "its buyer was there"

    market.stripe.control("config", faults=[{"kind": "timeout_before", "count": 2, "path": "/v1/payment_intents"}])
    waits = one_click(market, {"CUP": 2}).ok()
    assert (waits["standing"], left(market, mandate_id)) == ("awaiting", 3_000)
    market.cancel(waits["order"]["order_id"]).ok()
    assert left(market, mandate_id) == 5_000


@pytest.mark.capability("PAY-13")
def test_an_order_that_is_never_paid_gives_its_part_back_when_its_time_is_over(market: Market) -> None:
    mandate_id = agreed(market)
    market.stripe.control("config", faults=[{"kind": "timeout_before", "count": 2, "path": "/v1/payment_intents/"}])
    waits = one_click(market, {"CUP": 2}).ok()
    assert (waits["standing"], left(market, mandate_id)) == ("awaiting", 3_000)
    market.shop.pass_time(hours=2)
    market.shop.invoke("CloseUnpaid", {"order_id": waits["order"]["order_id"]})
    assert left(market, mandate_id) == 5_000


@pytest.mark.capability("PAY-13")
def test_a_bank_that_asks_all_the_same_is_answered_by_the_buyer_and_the_day_stays_free(market: Market) -> None:
    mandate_id = agreed(market, ALWAYS_ASKS)
    asked = one_click(market, {"CUP": 1}, key="once").ok()
    assert (asked["standing"], left(market, mandate_id)) == ("requires_action", 5_000)
    card = asked["payment"]["action"]["payment_method"]
    market.stripe.buyer.answer_bank(market.stripe.buyer.pay(asked["payment"]["client_secret"], card), yes=True)
    assert one_click(market, {"CUP": 1}, key="once").ok()["standing"] == "paid"
    assert left(market, mandate_id) == 5_000
    assert [one["status"] for one in market.stripe.objects("charge")] == ["failed", "succeeded"]


def test_who_pays_by_another_method_meanwhile_gives_the_part_back(market: Market) -> None:
    market.set_up(payment_methods=["card", "paypal"])
    mandate_id = agreed(market)
    market.stripe.control("config", faults=[{"kind": "timeout_before", "count": 2, "path": "/v1/payment_intents/"}])
    order_id = one_click(market, {"CUP": 1}, key="once").ok()["order"]["order_id"]
    assert left(market, mandate_id) == 4_000
    begun = market.shop.post("/me/payments", {"order_id": order_id, "method": "paypal"}, as_=INES).ok()
    assert left(market, mandate_id) == 5_000
    assert one_click(market, {"CUP": 1}, key="once").ok()["payment"] == begun
    assert market.stripe.objects("charge") == []


@pytest.mark.capability("PAY-13")
def test_who_transfers_the_sum_meanwhile_gives_the_part_back(market: Market) -> None:
    account = {"holder": "Souk", "number": "PT50000201231234567890154"}
    market.set_up(payment_methods=["card", "bank_transfer"], bank_account=account)
    mandate_id = agreed(market)
    market.stripe.control("config", faults=[{"kind": "timeout_before", "count": 2, "path": "/v1/payment_intents/"}])
    order = one_click(market, {"CUP": 2}).ok()["order"]
    assert left(market, mandate_id) == 3_000
    transfer = {
        "bank_reference": "B 1",
        "received_on": "2026-11-02",
        "amount_minor": 2_000,
        "currency": "EUR",
        "text": creditor_reference(order["number"]),
    }
    market.shop.post("/staff/bank-transfers", transfer, as_=market.shop.boss).ok()
    assert (market.order(order["order_id"])["status"], left(market, mandate_id)) == ("paid", 5_000)


@pytest.mark.capability("PAY-13")
@pytest.mark.parametrize("by_revoking_it", [False, True])
def test_to_agree_anew_makes_no_room_in_the_day(market: Market, by_revoking_it: bool) -> None:
    mandate_id = agreed(market)
    one_click(market, {"CUP": 3}).ok()
    if by_revoking_it:
        revoke(market, mandate_id)
    again = agree(market, kept(market)[0]["method_id"], 1_000, 4_000, terms="2026-12").ok()["mandate_id"]
    assert again != mandate_id and left(market, again) == 1_000
    assert [one_click(market, {"CUP": 1}).status for _ in range(2)] == [201, 403]
    less = agree(market, kept(market)[0]["method_id"], 1_000, 1_000, terms="2026-12").ok()["mandate_id"]
    assert left(market, less) == 0 and one_click(market, {"CUP": 1}).status == 403
    market.shop.pass_time(days=1)
    assert left(market, less) == 1_000


STEPS = st.lists(
    st.tuples(st.sampled_from(["buy", "cancel", "lose", "repeat", "tomorrow"]), st.integers(1, 3)), max_size=12
)


@pytest.mark.capability("PAY-13")
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_a_day_is_charged_no_more_than_its_limit_and_counts_what_it_was_charged(
    market: Market, steps: list[tuple[str, int]]
) -> None:
    market.shop.keep_in_memory()
    market.category_id = ""
    market.goods({"CUP": 1000}, {market.store(): 200})
    mandate_id, before = agreed(market), len(market.stripe.objects("charge"))
    keys: list[tuple[str, int]] = []
    begun, today = before, 0
    for name, units in steps:
        if name == "tomorrow":
            market.shop.pass_time(days=1)
            begun, today = len(market.stripe.objects("charge")), 0
        elif name == "repeat" and keys:
            one_click(market, {"CUP": keys[-1][1]}, key=keys[-1][0])
        else:
            keys.append((f"key {market.shop.next_number()}", units))
            if name == "lose":
                fault = {"kind": "timeout_before", "count": 2, "path": "/v1/payment_intents/", "method": "POST"}
                market.stripe.control("config", faults=[fault])
            answer = one_click(market, {"CUP": units}, key=keys[-1][0])
            if name == "cancel" and answer.status == 201:
                market.cancel(answer["order"]["order_id"]).ok()
        market.stripe.control("config", faults=[])
        today = sum(one["amount"] for one in market.stripe.objects("charge")[begun:])
        assert today <= 5_000 - left(market, mandate_id) <= 5_000
