"""What the shop writes to its buyers and staff, and what they have read of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from souk.domains.access.model import SHOP
from souk.domains.inventory.events import StockFellLow
from souk.domains.messaging.actions import write
from souk.domains.messaging.model import TEMPLATES
from souk.domains.orders.events import OrderCancelled, OrderPaid, OrderReceived, OrderShipped, SoldLine
from souk.kernel.caller import Caller
from souk.kernel.fact import Fact
from souk.kernel.shapes import Texts
from souk.table.unit import Unit
from tests.support.shop import Shop

INES = Caller(id="mem_1", kind="member", may=frozenset({SHOP}))
HUGO = Caller(id="mem_2", kind="member", may=frozenset({SHOP}))
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
TEA = SoldLine(sku="TEA", product_id="prd_1", name=Texts(en="Tea"), units=3, goods_minor=900, discount_minor=0,
               freight_minor=0, tax_minor=0)  # fmt: skip


def staff(*stores: str) -> Caller:
    return Caller(id="stf_1", kind="staff", may=frozenset({"messages.read"}), stores=frozenset(stores))


def of_order(order_id: str = "ord_1", buyer: Caller = INES) -> dict[str, Any]:
    return {"order_id": order_id, "number": "01KAJ-6M2C", "buyer_id": buyer.id, "store_id": "sto_1", "placed_at": AT}


def paid(order_id: str = "ord_1", buyer: Caller = INES) -> OrderPaid:
    return OrderPaid(**of_order(order_id, buyer), country="PT", currency="EUR", lines=(TEA,), total_minor=900)


def tell(shop: Shop, *facts: Fact, times: int = 1) -> None:
    for fact in facts:
        with Unit() as unit:
            unit.tell(fact)
        shop.drain(times)
        shop.pass_time(seconds=1)


def inbox(shop: Shop, who: Caller, **query: str) -> list[dict[str, Any]]:
    path = "/me/messages" if who.kind == "member" else "/staff/messages"
    return shop.get(path, as_=who, **query).ok()["items"]  # type: ignore[no-any-return]


def unread(shop: Shop, who: Caller, **query: str) -> int:
    path = "/me/messages" if who.kind == "member" else "/staff/messages"
    return int(shop.get(f"{path}/unread", as_=who, **query).ok()["unread"])


@pytest.mark.capability("CRM-13")
def test_a_buyer_is_told_what_happens_to_the_order_newest_first(shop: Shop) -> None:
    tell(
        shop, paid(),
        OrderShipped(**of_order(), shipment_id="shp_1", carrier="CTT", tracking_number="CT1", units={"TEA": 3}, whole=True),
        OrderReceived(**of_order(), complete_after=AT),
    )  # fmt: skip
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


@pytest.mark.capability("CRM-13")
def test_reading_counts_down_once(shop: Shop) -> None:
    tell(shop, paid("ord_1"), paid("ord_2"))
    path = f"/me/messages/{inbox(shop, INES)[0]['message_id']}/read"
    first, again = shop.post(path, as_=INES), shop.post(path, as_=INES)
    assert first["read_at"] == again["read_at"] and first["read_at"]
    assert unread(shop, INES) == 1
    assert [bool(one["read_at"]) for one in inbox(shop, INES)] == [True, False]


@pytest.mark.capability("CRM-13")
def test_all_are_read_at_once_and_later_ones_are_not(shop: Shop) -> None:
    for number in range(100):
        with Unit() as unit:
            write(unit, "order_paid", to=INES.id, cause=f"ord_{number}", about=f"ord_{number}", number=str(number))
    assert unread(shop, INES) == 100
    assert shop.post("/me/messages/read", as_=INES).ok() == {"unread": 0}
    assert shop.post("/me/messages/read", as_=INES).ok() == {"unread": 0}
    tell(shop, paid())
    assert unread(shop, INES) == 1


def test_the_list_goes_on_page_by_page(shop: Shop) -> None:
    tell(shop, *(paid(f"ord_{number}") for number in range(5)))
    seen, cursor = [], ""
    while cursor is not None:
        page = shop.get("/me/messages", as_=INES, limit=2, **({"cursor": cursor} if cursor else {})).ok()
        seen += [one["about"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"ord_{number}" for number in (4, 3, 2, 1, 0)]


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


@pytest.mark.capability("INV-14")
def test_low_stock_is_told_to_the_store_and_to_head_office_once_a_day(shop: Shop) -> None:
    low = StockFellLow(sku="TEA", store_id="sto_1", available=2, threshold=5)
    tell(shop, low, low, times=2)
    for who in (staff("sto_1"), staff()):
        [message] = inbox(shop, who)
        assert message["title"]["en"] == "TEA is running low" and "2" in message["text"]["en"]
    shop.pass_time(days=1)
    tell(shop, low)
    assert unread(shop, staff()) == 2


def test_every_text_is_there_in_both_languages() -> None:
    for template in TEMPLATES.values():
        for texts in (template.title, template.text):
            assert texts.en and texts.zh and texts.en != texts.zh
