"""Other goods for those that come back: kept for their buyer, paid for in part or in full, sent when all has passed."""

from typing import Any

import pytest

from tests.support import books
from tests.support.alipay import Alipay
from tests.support.goods_back import TRACKING, Exchange, said
from tests.support.market import INES, OTTO, Market
from tests.support.step_functions import StepFunctions
from tests.support.wechat_pay import WechatPay


@pytest.fixture
def in_the_table(market: Market) -> Exchange:
    """What functions do to the table is held to their rights."""
    return Exchange(market, {"CUP": 3, "POT": 1})


@pytest.fixture
def swap(market: Market) -> Exchange:
    return Exchange(market, {"CUP": 3, "POT": 1})


@pytest.mark.capability("AFS-05")
@pytest.mark.capability("AFS-06")
@pytest.mark.parametrize("finisher", ["webhook", "return page", "poller"])
def test_dearer_goods_are_reserved_their_difference_is_paid_and_they_leave_when_all_has_passed(
    in_the_table: Exchange, finisher: str
) -> None:
    swap = in_the_table
    swap.open("exchange", CUP=(2, "JUG"))
    case = swap.case()
    assert (case["status"], case["return_address"]["street"]) == ("to_pay", "Rua Garrett 10")
    assert case["difference_minor"] == swap.worth_of("JUG", 2) - case["amount_minor"] > 0
    assert swap.market.level("JUG", swap.store_id) == (20, 2, 18)
    assert said(swap.send()) == (409, "not_in_that_state")
    swap.pay()
    if finisher == "webhook":
        swap.market.hear()
    elif finisher == "return page":
        swap.shop.post(f"/me/payments/{case['replacement_id']}/return", as_=INES).ok()
    else:
        swap.shop.invoke("PollPayments", {})
    assert swap.case()["status"] == "awaiting_return"
    assert swap.back(("CUP", 2)).ok()["status"] == "replacing"
    assert swap.market.level("CUP", swap.store_id) == (19, 0, 19)
    swap.leave()
    assert (swap.case()["status"], swap.refunded) == ("replaced", 0)
    assert swap.market.level("JUG", swap.store_id) == (18, 0, 18)
    total = swap.replacement["total_minor"]
    assert swap.money_of(swap.replacement["order_id"]) == (total, total)
    assert swap.money_of(swap.order_id) == (swap.total - case["amount_minor"],) * 2
    books.check(swap.shop)

    swap.order_id = swap.replacement["order_id"]
    swap.open("refund", JUG=2)
    swap.settle()
    assert swap.refunded == total, "the other goods are worth what they cost, wherever the money came from"


@pytest.mark.capability("AFS-05")
def test_for_cheaper_goods_the_difference_goes_back_when_all_has_passed(in_the_table: Exchange) -> None:
    swap = in_the_table
    swap.open("exchange", POT=(1, "CUP"))
    case = swap.case()
    assert (case["status"], -case["difference_minor"]) == (
        "awaiting_return",
        case["amount_minor"] - swap.worth_of("CUP", 1),
    )
    swap.back(("POT", 1)).ok()
    swap.settle()
    assert swap.refunded == -case["difference_minor"] > 0
    swap.leave()
    assert swap.case()["status"] == "replaced"
    assert swap.money_of(swap.replacement["order_id"])[0] == swap.worth_of("CUP", 1)


@pytest.mark.capability("AFS-05")
def test_the_same_goods_again_cost_what_was_paid_for_them_whatever_they_cost_today(swap: Exchange) -> None:
    product_id = swap.market.order(swap.order_id)["lines"][0]["product_id"]
    swap.market.set_price(product_id, "CUP", 9999)
    swap.open("exchange", CUP=(1, "CUP"))
    assert (swap.case()["difference_minor"], swap.case()["status"]) == (0, "awaiting_return")
    swap.back(("CUP", 1)).ok()
    swap.leave()
    assert (swap.case()["status"], swap.refunded) == ("replaced", 0)
    assert swap.replacement["total_minor"] == swap.case()["amount_minor"]


@pytest.mark.capability("AFS-05")
@pytest.mark.capability("PAY-06")
def test_of_a_transfer_beyond_the_difference_the_difference_goes_back_where_nothing_is_exchanged(
    in_the_table: Exchange,
) -> None:
    swap = in_the_table
    swap.open("exchange", CUP=(2, "JUG"))
    difference, boss = swap.case()["difference_minor"], swap.shop.boss
    told = {
        "bank_reference": "BK-1",
        "received_on": "2026-11-02",
        "amount_minor": difference + 500,
        "currency": "EUR",
        "text": f"order {swap.replacement['number']}",
    }
    assert swap.shop.post("/staff/bank-transfers", told, as_=boss).ok()["outcome"] == "PaymentCaptured"
    swap.settle()
    books.check(swap.shop)
    swap.desk("close", {"text": "asked for by telephone"}).ok()
    swap.settle()
    owed = swap.shop.get("/staff/bank-transfers/refunds", as_=boss).ok()["items"]
    assert sorted(one["amount_minor"] for one in owed) == sorted([difference, 500])
    books.check(swap.shop)


@pytest.mark.capability("AFS-06")
@pytest.mark.parametrize("outcome", [("damaged", "restock", 1000), ("wrong_item", None, 0)])
def test_what_fails_the_inspection_is_sent_back_and_nothing_is_exchanged(in_the_table: Exchange, outcome: Any) -> None:
    swap = in_the_table
    before = swap.market.level("CUP", swap.store_id)
    swap.open("exchange", CUP=(2, "JUG"))
    swap.pay()
    swap.settle()
    assert swap.back(("CUP", 1), ("CUP", 1, *outcome)).ok()["status"] == "refused"
    swap.settle()
    assert swap.refunded == swap.case()["difference_minor"]
    assert swap.replacement["status"] == "cancelled"
    assert swap.market.level("JUG", swap.store_id) == (20, 0, 20)
    assert swap.market.level("CUP", swap.store_id) == before
    assert swap.money_of(swap.order_id) == (swap.total, swap.total)
    assert swap.counter("send-back", TRACKING).ok()["status"] == "sent_back"
    books.check(swap.shop)


@pytest.mark.capability("AFS-06")
@pytest.mark.parametrize("paid", [False, True])
def test_an_exchange_that_nobody_goes_on_with_sets_everything_free(
    in_the_table: Exchange, paid: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap, steps = in_the_table, StepFunctions(in_the_table.shop, monkeypatch)
    swap.open("exchange", CUP=(2, "JUG"))
    steps.work()
    if paid:
        swap.pay()
        swap.market.hear()
        steps.work()
    workflow = steps.executions[swap.case_id]
    assert workflow.waits_at == "AwaitParcel"
    workflow.time_out()
    steps.work()
    assert (workflow.status, swap.case()["status"]) == ("SUCCEEDED", "lapsed")
    topics = {one["topic"] for one in swap.shop.get("/me/messages", as_=INES).ok()["items"]}
    assert {"exchange_requested", "return_lapsed"} <= topics and "refund_requested" not in topics
    assert swap.market.level("JUG", swap.store_id) == (20, 0, 20)
    assert swap.money_of(swap.order_id) == (swap.total, swap.total)
    assert swap.refunded == (swap.case()["difference_minor"] if paid else 0)
    if not paid:
        assert said(swap.shop.post("/me/payments", {"order_id": swap.case()["replacement_id"]}, as_=INES))[0] == 409


def test_a_difference_that_is_paid_at_the_very_moment_is_paid(swap: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = StepFunctions(swap.shop, monkeypatch)
    swap.open("exchange", CUP=(2, "JUG"))
    steps.work()
    swap.pay()
    steps.executions[swap.case_id].time_out()
    steps.work()
    assert (steps.executions[swap.case_id].waits_at, swap.case()["status"]) == ("AwaitParcel", "awaiting_return")


def test_staff_end_an_exchange_that_waits_for_its_buyer(in_the_table: Exchange) -> None:
    swap = in_the_table
    swap.open("exchange", CUP=(2, "JUG"))
    swap.pay()
    assert said(swap.desk("close", {"text": "no answer"})) == (409, "already_paid"), "at this very moment"
    assert swap.case()["status"] == "awaiting_return"
    for _ in range(2):
        assert swap.desk("close", {"text": "asked for by telephone"}).ok()["status"] == "lapsed"
    assert swap.replacement["status"] == "cancelled"


def test_what_cannot_be_exchanged_is_refused_and_reserves_nothing(swap: Exchange) -> None:
    assert said(swap.ask("exchange", CUP=1)) == (422, "not_valid")
    assert said(swap.ask("return", CUP=(1, "JUG"))) == (422, "not_valid")
    swap.case_id = swap.ask("exchange", CUP=(1, "NONE")).ok()["case_id"]
    with swap.shop.unchanged():
        assert said(swap.desk("approve")) == (409, "not_for_sale")
    swap.desk("reject", {"text": "we do not sell that"}).ok()
    swap.case_id = swap.ask("exchange", CUP=(3, "JUG")).ok()["case_id"]
    swap.market.place({"JUG": 18}, by=OTTO)
    with swap.shop.unchanged():
        assert said(swap.desk("approve")) == (409, "insufficient_stock")


def test_an_exchange_is_not_cancelled_as_an_order_and_its_money_not_given_away(swap: Exchange) -> None:
    swap.open("exchange", CUP=(3, "JUG"))
    replacement_id = str(swap.case()["replacement_id"])
    goodwill = {"reference": "A-1", "amount_minor": swap.total, "reason": "sorry"}
    with swap.shop.unchanged():
        assert swap.market.cancel(replacement_id).status == 409
        given = swap.shop.post(f"/staff/payments/{swap.order_id}/refunds", goodwill, as_=swap.shop.boss)
        assert said(given) == (422, "refund_too_high")


def test_other_goods_that_turn_out_to_be_missing_are_paid_for_instead(in_the_table: Exchange) -> None:
    swap = in_the_table
    swap.open("exchange", CUP=(2, "JUG"))
    swap.pay()
    swap.settle()
    swap.back(("CUP", 2)).ok()
    swap.settle()
    total = swap.replacement["total_minor"]
    swap.market.cancel(swap.replacement["order_id"]).ok()
    swap.settle()
    assert (swap.case()["status"], swap.refunded) == ("refunded", total)


def test_reports_count_an_exchange_as_a_return_and_a_sale(swap: Exchange) -> None:
    swap.open("exchange", POT=(1, "CUP"))
    swap.back(("POT", 1)).ok()
    swap.settle()
    days = {"from": "2026-11-01", "to": "2026-11-30"}
    total = swap.shop.get("/staff/reports/sales", as_=swap.shop.boss, **days).ok()["total"]
    assert total["refunded_minor"] == swap.case()["amount_minor"]
    assert total["total_minor"] == swap.total + swap.replacement["total_minor"]


@pytest.mark.capability("AFS-05")
@pytest.mark.capability("PAY-08")
def test_a_difference_is_paid_by_what_the_shop_offers_today(market: Market, wechat_pay: WechatPay) -> None:
    market.set_up(currency="CNY", payment_methods=["card"])
    swap = Exchange(market, {"CUP": 3, "POT": 1})
    market.set_up(payment_methods=["wechat_pay"])
    swap.open("exchange", CUP=(2, "JUG"))
    wish = {"order_id": swap.case()["replacement_id"]}
    assert swap.replacement["payment_method"] == "wechat_pay"
    assert said(swap.shop.post("/me/payments", wish | {"method": "card"}, as_=INES)) == (422, "payment_method_off")
    wechat_pay.merchant.pay(swap.shop.post("/me/payments", wish, as_=INES).ok()["intent_id"])
    wechat_pay.tell(swap.shop)
    assert swap.case()["status"] == "awaiting_return"


@pytest.mark.parametrize("method", ["wechat_pay", "alipay"])
@pytest.mark.parametrize("ended_by", ["staff", "its time"])
def test_a_difference_that_was_to_be_paid_elsewhere_is_not_awaited_there_any_more(
    market: Market, method: str, ended_by: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    elsewhere: WechatPay | Alipay = request.getfixturevalue(method)
    market.set_up(currency="CNY", payment_methods=["card", method])
    swap, steps = Exchange(market, {"CUP": 3, "POT": 1}), StepFunctions(market.shop, monkeypatch)
    swap.open("exchange", CUP=(2, "JUG"))
    steps.work()
    wish = {"order_id": swap.case()["replacement_id"], "method": method}
    begun = swap.shop.post("/me/payments", wish, as_=INES).ok()
    if ended_by == "staff":
        swap.desk("close", {"text": "no answer"}).ok()
    else:
        steps.executions[swap.case_id].time_out()
        steps.work()
    assert swap.case()["status"] == "lapsed"
    assert not elsewhere.merchant.pay(begun["intent_id"])
