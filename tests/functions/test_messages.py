"""What the shop writes to its buyers and staff, and what they have read of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from souk.domains.access.model.rights import SHOP
from souk.domains.aftersales.events import (
    RefundCaseOverdue,
    RefundMoreAsked,
)
from souk.domains.inventory.events import StockFellLow, StockFound
from souk.domains.messaging import actions, store
from souk.domains.messaging.model import amount
from souk.domains.messaging.templates import TEMPLATES
from souk.domains.orders.events.moving import (
    OrderCancelled,
    OrderPaid,
    OrderReceived,
    OrderShipped,
    ShipmentOverdue,
    SoldLine,
)
from souk.domains.payments.events import (
    DisputeClosed,
    DisputeOpened,
    PaidTooLate,
    RefundFailed,
    RefundPosted,
    TransferFellShort,
)
from souk.kernel.caller import Caller
from souk.kernel.fact import Fact
from souk.kernel.shapes import Texts
from souk.table.unit import Unit
from tests.support.market import INES as BUYER
from tests.support.market import Market
from tests.support.shop import Shop

INES = Caller(id="mem_1", kind="member", may=frozenset({SHOP}))
HUGO = Caller(id="mem_2", kind="member", may=frozenset({SHOP}))
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
TEA = SoldLine(
    sku="TEA",
    product_id="prd_1",
    name=Texts(en="Tea"),
    units=3,
    goods_minor=900,
    discount_minor=0,
    freight_minor=0,
    tax_minor=0,
)


def staff(*stores: str) -> Caller:
    return Caller(id="stf_1", kind="staff", may=frozenset({"messages.read"}), stores=frozenset(stores))


def of_order(order_id: str = "ord_1", buyer: Caller = INES) -> dict[str, Any]:
    return {"order_id": order_id, "number": "01KAJ-6M2C", "buyer_id": buyer.id, "store_id": "sto_1", "placed_at": AT}


def paid(order_id: str = "ord_1", buyer: Caller = INES) -> OrderPaid:
    return OrderPaid(**of_order(order_id, buyer), country="PT", currency="EUR", lines=(TEA,), total_minor=900)


def tell(shop: Shop, *facts: Fact, times: int = 1) -> None:
    """Each fact as the bus delivers it, so many times over, and a second later the next."""
    for fact in facts:
        with Unit() as unit:
            unit.tell(fact)
        told = max(shop.rows("Fact"), key=lambda row: row["fact_id"])
        for _ in range(times):
            shop.invoke("WriteMessages", {"detail-type": told["detail_type"], "detail": told["detail"]})
        shop.pass_time(seconds=1)


def inbox(shop: Shop, who: Caller, **query: str) -> list[dict[str, Any]]:
    path = "/me/messages" if who.kind == "member" else "/staff/messages"
    return list(shop.get(path, as_=who, **query).ok()["items"])


def unread(shop: Shop, who: Caller, **query: str) -> int:
    path = "/me/messages" if who.kind == "member" else "/staff/messages"
    return int(shop.get(f"{path}/unread", as_=who, **query).ok()["unread"])


@pytest.mark.capability("CRM-13")
def test_a_buyer_is_told_what_happens_to_the_order_newest_first(shop: Shop) -> None:
    parcel = {"shipment_id": "shp_1", "carrier": "CTT", "tracking_number": "CT1", "units": {"TEA": 3}, "whole": True}
    tell(shop, paid(), OrderShipped(**of_order(), **parcel), OrderReceived(**of_order(), complete_after=AT))
    messages = inbox(shop, INES)
    assert [one["topic"] for one in messages] == ["order_received", "order_shipped", "order_paid"]
    shipped = messages[1]
    assert shipped["title"] == {"en": "Order 01KAJ-6M2C is on its way", "zh": "订单 01KAJ-6M2C 已发货"}
    assert "CTT" in shipped["text"]["en"] and "CT1" in shipped["text"]["zh"] and shipped["about"] == "ord_1"
    assert unread(shop, INES) == 3


@pytest.mark.capability("CRM-13")
def test_one_cause_is_one_message_however_often_it_is_told(shop: Shop) -> None:
    tell(shop, paid(), times=3)
    tell(shop, paid())  # the same cause under another fact
    assert len(inbox(shop, INES)) == 1 and unread(shop, INES) == 1
    tell(shop, paid("ord_2"))
    assert len(inbox(shop, INES)) == 2 and unread(shop, INES) == 2


@pytest.mark.parametrize(("money_came", "says"), [(True, "on its way back"), (False, "Nothing was charged")])
def test_a_cancelled_order_says_what_becomes_of_the_money(shop: Shop, money_came: bool, says: str) -> None:
    tell(shop, OrderCancelled(**of_order(), reason="unpaid", paid=money_came, units={"TEA": 3}))
    [message] = inbox(shop, INES)
    assert says in message["text"]["en"]


def test_a_refund_is_told_to_the_buyer_and_a_failed_one_to_those_who_can_help(shop: Shop) -> None:
    refund = {"refund_id": "ref_1", "order_id": "ord_1", "buyer_id": INES.id, "currency": "EUR", "cause": "goodwill"}
    tell(shop, RefundPosted(**refund, amount_minor=1250, sale=None))
    assert "EUR 12.50" in inbox(shop, INES)[0]["text"]["en"] and inbox(shop, staff()) == []
    failed = {**refund, "amount_minor": 1250, "store_id": "sto_1", "reason": "lost_or_stolen_card", "sale": None}
    tell(shop, RefundFailed(**failed, was_posted=True))
    assert [one["topic"] for one in inbox(shop, INES)] == ["refund_returned", "refund_posted"]
    for who in (staff(), staff("sto_1")):
        [message] = inbox(shop, who)
        assert "lost_or_stolen_card" in message["text"]["en"] and message["about"] == "ord_1"


def test_what_is_written_of_money_calls_an_order_by_its_number(market: Market) -> None:
    """Its id nobody has ever read; what is told of no order that is known is told all the same (above)."""
    market.goods({"CUP": 1000}, {market.store(): 9})
    order_id = market.buy({"CUP": 1})
    order = market.order(order_id)
    of = {"order_id": order_id, "buyer_id": BUYER.id, "currency": "EUR", "amount_minor": 1250}
    refund = of | {"refund_id": "ref_1", "cause": "goodwill", "sale": None}
    lost = {"store_id": order["store_id"], "reason": "card_lost", "was_posted": True}
    market.shop.pass_time(seconds=1)
    bank = of | {"dispute_id": "dsp_1", "store_id": order["store_id"], "reason": "fraud", "respond_by": None}
    tell(
        market.shop,
        RefundPosted(**refund),
        RefundPosted(**refund | {"refund_id": "ref_2"}, to_balance=True),
        RefundFailed(**refund, **lost),
        PaidTooLate(**of, store_id=order["store_id"], intent_id="pi_1"),
        TransferFellShort(**{**bank, "received_minor": 1, "missing_minor": 2}),
        *(DisputeOpened(**bank, status=status, overdrawn_minor=0) for status in ("inquiry", "open")),
        DisputeOpened(**bank, status="open", overdrawn_minor=1),
        *(DisputeClosed(**bank, status=status, overdrawn_minor=0) for status in ("won", "lost", "closed")),
    )
    written = [row for row in market.shop.rows("Message") if row["topic"] not in ("order_paid", "order_to_prepare")]
    assert len({row["topic"] for row in written}) == 12
    for row in written:
        for language in ("en", "zh"):
            words = row["title"][language] + row["text"][language]
            assert order["number"] in words and order_id not in words, row["topic"]


def of_case(step: int = 1) -> dict[str, Any]:
    return {
        "case_id": "cas_1",
        "step": step,
        "order_id": "ord_1",
        "order_number": "01KAJ-6M2C",
        "buyer_id": INES.id,
        "store_id": "sto_1",
        "amount_minor": 1250,
        "currency": "EUR",
    }


def test_every_question_about_a_refund_reaches_the_buyer_once(shop: Shop) -> None:
    asked = RefundMoreAsked(**of_case(2), question="Is {the handle} off?")
    tell(shop, asked, asked, times=2)
    [message] = inbox(shop, INES)
    assert "Is {the handle} off?" in message["text"]["en"] and "Is {the handle} off?" in message["text"]["zh"]
    assert message["about"] == "cas_1" and "01KAJ-6M2C" in message["title"]["zh"]
    tell(shop, RefundMoreAsked(**of_case(4), question="Is {the handle} off?"))
    assert unread(shop, INES) == 2


def test_a_refund_that_waits_is_told_to_its_store_and_to_head_office_once_for_each_wait(shop: Shop) -> None:
    tell(shop, *(RefundCaseOverdue(**of_case(1), status="requested") for _ in range(2)), times=2)
    for who in (staff("sto_1"), staff()):
        [message] = inbox(shop, who)
        assert "EUR 12.50" in message["text"]["en"] and "requested" in message["text"]["zh"]
    tell(shop, RefundCaseOverdue(**of_case(3), status="refunding"))
    assert [unread(shop, who) for who in (staff("sto_1"), staff(), staff("sto_2"), INES)] == [2, 2, 0, 0]


def test_an_order_that_does_not_leave_is_told_to_the_store_and_to_head_office(shop: Shop) -> None:
    tell(shop, ShipmentOverdue(**of_order()), times=2)
    assert [unread(shop, who) for who in (staff("sto_1"), staff(), INES)] == [1, 1, 0]


def test_what_no_store_has_is_told_to_head_office_once(shop: Shop) -> None:
    tell(shop, ShipmentOverdue(**of_order() | {"store_id": "head-office"}), times=2)
    [message] = inbox(shop, staff())
    assert message["topic"] == "shipment_overdue"
    assert inbox(shop, staff(), store_id="head-office") == [message]
    assert unread(shop, staff()) == 1


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "EUR 12.50"),
        (5, "EUR", "EUR 0.05"),
        (300, "JPY", "JPY 300"),
        (1005, "KWD", "KWD 1.005"),
    ],
)
def test_amounts_are_written_with_the_decimals_of_their_currency(minor: int, currency: str, text: str) -> None:
    assert amount(minor, currency) == text


@pytest.mark.capability("CRM-13")
def test_reading_counts_down_once(shop: Shop) -> None:
    tell(shop, paid("ord_1"), paid("ord_2"))
    path = f"/me/messages/{inbox(shop, INES)[0]['message_id']}/read"
    first, again = shop.post(path, as_=INES), shop.post(path, as_=INES)
    assert first["read_at"] == again["read_at"] and first["read_at"]
    assert unread(shop, INES) == 1
    assert inbox(shop, INES)[0] == first.body and inbox(shop, INES)[1]["read_at"] is None


@pytest.mark.capability("CRM-13")
def test_all_are_read_at_once_and_later_ones_are_not(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_A_TIME", 3)
    tell(shop, *(paid(f"ord_{number}") for number in range(8)))
    shop.post(f"/me/messages/{inbox(shop, INES)[2]['message_id']}/read", as_=INES).ok()
    assert unread(shop, INES) == 7
    assert shop.post("/me/messages/read", as_=INES).ok() == {"unread": 0}
    assert shop.post("/me/messages/read", as_=INES).ok() == {"unread": 0}
    assert all(one["read_at"] for one in inbox(shop, INES))
    tell(shop, paid("ord_new"))
    assert unread(shop, INES) == 1


def test_an_index_that_lags_behind_does_not_count_a_message_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(shop, *(paid(f"ord_{number}") for number in range(3)))
    message_ids = [one["message_id"] for one in inbox(shop, INES)]
    shop.post(f"/me/messages/{message_ids[0]}/read", as_=INES).ok()
    monkeypatch.setattr(store, "unread_ids", lambda *_: (message_ids, None))
    assert shop.post("/me/messages/read", as_=INES).ok() == {"unread": 0}


def test_the_list_goes_on_page_by_page(shop: Shop) -> None:
    tell(shop, *(paid(f"ord_{number}") for number in range(5)))
    pages = [shop.get("/me/messages", as_=INES, limit=2).ok()]
    while pages[-1]["next_cursor"]:
        pages.append(shop.get("/me/messages", as_=INES, limit=2, cursor=pages[-1]["next_cursor"]).ok())
    seen = [one["about"] for page in pages for one in page["items"]]
    assert len(pages) == 3 and seen == [f"ord_{number}" for number in (4, 3, 2, 1, 0)]


def test_nobody_reads_what_is_written_to_somebody_else(shop: Shop) -> None:
    tell(shop, paid())
    message_id = inbox(shop, INES)[0]["message_id"]
    assert inbox(shop, HUGO) == [] and unread(shop, HUGO) == 0
    foreign = shop.post(f"/me/messages/{message_id}/read", as_=HUGO)
    absent = shop.post("/me/messages/msg_0/read", as_=HUGO)
    assert foreign.status == 404 and foreign.body == absent.body
    assert unread(shop, INES) == 1


def test_the_store_hears_of_its_orders_and_no_other_store_does(shop: Shop) -> None:
    tell(shop, paid())
    [message] = inbox(shop, staff("sto_1"))
    assert message["topic"] == "order_to_prepare" and "3" in message["text"]["en"]
    assert inbox(shop, staff("sto_1", "sto_2"), store_id="sto_1") == [message] == inbox(shop, staff(), store_id="sto_1")
    assert inbox(shop, staff("sto_2")) == [] == inbox(shop, staff())
    assert shop.get("/staff/messages", as_=staff("sto_2"), store_id="sto_1").status == 404
    which = shop.get("/staff/messages", as_=staff("sto_1", "sto_2"))
    assert (which.status, which["code"]) == (422, "which_store")

    assert shop.post(f"/staff/messages/{message['message_id']}/read", as_=staff("sto_1")).ok()["read_at"]
    assert unread(shop, staff("sto_1")) == 0


@pytest.mark.capability("INV-05")
def test_low_stock_is_told_to_the_store_and_to_head_office_once_for_each_fall(shop: Shop) -> None:
    low = StockFellLow(sku="TEA", store_id="sto_1", available=2, threshold=5)
    tell(shop, low, low, times=2)
    for who in (staff("sto_1"), staff()):
        [message] = inbox(shop, who)
        assert message["title"]["en"] == "TEA is running low" and "2" in message["text"]["en"]
    tell(shop, low.model_copy(update={"fall": 2}))
    assert unread(shop, staff()) == 2


def test_what_a_sale_left_the_books_short_of_is_one_message_to_the_store_and_to_head_office(shop: Shop) -> None:
    tell(shop, StockFound(store_id="sto_1", reference="ord_1", units={"TEA": 2, "CUP": 1}), times=2)
    for who in (staff("sto_1"), staff()):
        [message] = inbox(shop, who)
        assert "2 × TEA, 1 × CUP" in message["text"]["en"] and message["about"] == "ord_1"


def test_every_text_is_there_in_both_languages() -> None:
    for written in TEMPLATES.values():
        for texts in (written.title, written.text):
            assert texts.en and texts.zh and texts.en != texts.zh
