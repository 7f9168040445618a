"""Unsent orders of one buyer become one, with the goods, freight and payments of all, each of which can go back."""

from typing import Any

import pytest

from souk.domains.access.model.rights import PERMISSIONS
from souk.kernel.caller import Caller
from tests.support.market import ADDRESS, INES, OTTO, Market
from tests.support.shop import Answer
from tests.support.table import before_next_write

AMOUNTS = ("goods_minor", "discount_minor", "freight_minor", "tax_minor", "total_minor")


class Counter:
    """A store with plenty of two goods, and a second one."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.ids = [market.store("Near", rank=1, freight_minor=490), market.store("Far", rank=2, freight_minor=490)]
        market.goods({"TEA": 499, "CUP": 1000}, {self.ids[0]: 90})
        market.receive(self.ids[1], {"TEA": 90})

    def merge(self, *order_ids: str, by: Caller | None = None) -> Answer:
        body = {"order_ids": list(order_ids), "reason": "One parcel will do"}
        answer = self.shop.post("/staff/handling/merge", body, as_=by or self.shop.boss)
        self.shop.drain()
        return answer

    def intents(self) -> dict[str, int]:
        return {one["id"]: one["amount_received"] for one in self.market.stripe.objects("payment_intent")}

    def given_back(self) -> dict[str, int]:
        """By intent, as the provider has it."""
        sums = dict.fromkeys(self.intents(), 0)
        for refund in self.market.stripe.objects("refund"):
            if refund["status"] == "succeeded":
                sums[refund["payment_intent"]] += refund["amount"]
        return sums

    def give_back(self, order_id: str, sku: str, units: int) -> str:
        wish = {"order_id": order_id, "lines": [{"sku": sku, "quantity": units}], "reason": "damaged"}
        case_id = str(self.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"])
        self.shop.post(f"/staff/refunds/{case_id}/approve", as_=self.shop.boss).ok()
        self.settle()
        return case_id

    def settle(self) -> None:
        self.shop.drain()
        self.market.hear()
        self.shop.drain()

    def case(self, case_id: str) -> str:
        return str(self.shop.get(f"/staff/refunds/{case_id}", as_=self.shop.boss).ok()["status"])

    def shipped(self, *wanted: dict[str, int]) -> dict[str, Any]:
        """One order in the place of several, sent to its buyer."""
        into = self.merge(*[self.market.buy(one) for one in wanted]).ok()
        self.market.prepare(into["order_id"])
        self.market.ship(into["order_id"]).ok()
        return dict(into)


@pytest.fixture
def counter(market: Market) -> Counter:
    return Counter(market)


@pytest.mark.capability("ORD-10")
def test_two_orders_become_one_with_all_that_belongs_to_them(counter: Counter) -> None:
    first, second = counter.market.buy({"TEA": 2, "CUP": 1}), counter.market.buy({"TEA": 3})
    counter.market.prepare(second)
    before = [counter.market.order(order_id) for order_id in (first, second)]
    into = counter.merge(second, first).ok()
    assert into["status"] == "paid" and {line["sku"]: line["quantity"] for line in into["lines"]} == {
        "TEA": 5,
        "CUP": 1,
    }
    for name in AMOUNTS:
        assert into[name] == sum(one[name] for one in before), name
    assert (into["placed_at"], into["store_id"], into["buyer_id"]) == (before[0]["placed_at"], counter.ids[0], INES.id)
    assert {link["order_id"] for link in into["came_from"]} == {first, second}
    for order_id in (first, second):
        seen = counter.shop.get(f"/me/orders/{order_id}", as_=INES).ok()
        assert seen["status"] == "merged"
        assert seen["became"] == [{"order_id": into["order_id"], "number": into["number"]}]
        assert counter.market.money(order_id)["balances"]["charged_minor"] == 0
        assert counter.shop.get(f"/staff/picks/{order_id}", as_=counter.shop.boss).status == 404
    payment = counter.market.money(into["order_id"])["payment"]
    funds = {fund["intent_id"]: fund["amount_minor"] for fund in payment["funds"]}
    assert funds == counter.intents() and payment["refundable_minor"] == into["total_minor"]
    assert counter.market.money(into["order_id"])["balances"]["charged_minor"] == into["total_minor"]
    assert counter.market.level("TEA", counter.ids[0])[1] == 5

    counter.market.prepare(into["order_id"])
    counter.market.ship(into["order_id"]).ok()
    assert counter.market.level("TEA", counter.ids[0]) == (85, 0, 85)
    assert counter.market.order(into["order_id"])["status"] == "shipped"


@pytest.mark.capability("ORD-10")
def test_an_order_is_paid_out_of_so_many_payments_as_can_all_go_back_at_once(counter: Counter) -> None:
    into = counter.merge(*[counter.market.buy({"TEA": 1}) for _ in range(5)]).ok()
    sixth = counter.market.buy({"TEA": 1})
    with counter.shop.unchanged():
        refused = counter.merge(into["order_id"], sixth)
        assert (refused.status, refused["code"]) == (409, "too_many_funds")


@pytest.mark.capability("ORD-10")
def test_merging_twice_is_merging_once_and_everybody_is_told_once(counter: Counter) -> None:
    placed = [counter.market.buy({"TEA": 1}) for _ in range(3)]
    into = counter.merge(*placed).ok()
    assert counter.merge(*reversed(placed), placed[0]).ok()["order_id"] == into["order_id"]
    counter.shop.drain(times=2)
    assert counter.merge(*placed[:2]).ok()["order_id"] == into["order_id"]
    assert len(counter.shop.rows("Order")) == 4
    topics = [one["topic"] for one in counter.shop.get("/me/messages", as_=INES).ok()["items"]]
    assert sorted(topics) == ["order_merged"] * 3 + ["order_paid"] * 3
    assert set(counter.shop.executions("OrderLife")) == {*placed, into["order_id"]}
    sales = counter.shop.rows("DaySales")
    assert sum(row["orders"] for row in sales) == 1
    assert sum(row["total_minor"] for row in sales) == into["total_minor"]


@pytest.mark.capability("ORD-10")
@pytest.mark.capability("PAY-16")
def test_a_refund_beyond_the_first_payment_is_made_out_of_several(counter: Counter) -> None:
    into = counter.shipped({"TEA": 2}, {"TEA": 2, "CUP": 2})
    cases = [counter.give_back(into["order_id"], "TEA", 1)]
    assert sorted(counter.given_back().values())[0] == 0
    cases.append(counter.give_back(into["order_id"], "TEA", 3))
    assert all(gone <= counter.intents()[intent] for intent, gone in counter.given_back().items())
    cases.append(counter.give_back(into["order_id"], "CUP", 2))
    assert counter.given_back() == counter.intents()
    assert [counter.case(one) for one in cases] == ["refunded"] * 3
    book = counter.market.money(into["order_id"])
    assert (book["payment"]["refundable_minor"], book["balances"]["refunded_minor"]) == (0, into["total_minor"])
    assert len(book["refunds"]) == 4
    returned = [row for row in counter.shop.rows("ProductSales") if row["side"] == "returned"]
    assert sum(row["units"] for row in returned) == 6
    sales = counter.shop.rows("DaySales")
    assert sum(row["refunded_minor"] for row in sales) == into["total_minor"]
    assert sum(row["refunded_orders"] for row in sales) == 1


@pytest.mark.capability("ORD-10")
def test_an_order_that_was_merged_is_cancelled_and_every_payment_goes_back(counter: Counter) -> None:
    into = counter.merge(*[counter.market.buy({"TEA": units}) for units in (1, 2, 3)]).ok()
    counter.market.cancel(into["order_id"]).ok()
    counter.settle()
    assert counter.given_back() == counter.intents()
    assert counter.market.level("TEA", counter.ids[0]) == (90, 0, 90)


@pytest.mark.capability("ORD-10")
@pytest.mark.capability("ORD-11")
def test_parts_of_one_order_become_one_again_and_are_paid_by_its_one_payment(counter: Counter) -> None:
    order_id = counter.market.buy({"TEA": 3, "CUP": 1})
    parts = [{"store_id": counter.ids[0], "units": {"TEA": 2}}]
    path, reason = f"/staff/handling/{order_id}/split", "Two parcels"
    whole = counter.shop.post(path, {"parts": parts, "reason": reason}, as_=counter.shop.boss).ok()
    into = counter.merge(*[link["order_id"] for link in whole["became"]]).ok()
    assert [into[name] for name in AMOUNTS] == [whole[name] for name in AMOUNTS]
    assert [fund["amount_minor"] for fund in counter.market.money(into["order_id"])["payment"]["funds"]] == [
        whole["total_minor"]
    ]
    counter.market.cancel(into["order_id"]).ok()
    counter.settle()
    assert counter.given_back() == counter.intents()
    assert len(counter.market.stripe.objects("refund")) == 1


@pytest.mark.capability("ORD-10")
def test_a_part_of_a_refund_that_failed_is_sent_again_and_the_case_ends_when_all_is_back(counter: Counter) -> None:
    placed = [counter.market.checkout({"TEA": units}) for units in (1, 2)]
    for one, card in zip(placed, ("pm_card_visa", "pm_card_refundFail"), strict=True):
        counter.market.pay(one, card)
    counter.settle()
    into = counter.merge(*[one["order"]["order_id"] for one in placed]).ok()
    counter.market.prepare(into["order_id"])
    counter.market.ship(into["order_id"]).ok()
    case_id = counter.give_back(into["order_id"], "TEA", 3)
    counter.shop.pass_time(minutes=5)
    counter.settle()
    assert counter.case(case_id) == "failed"
    [failed] = [one for one in counter.market.money(into["order_id"])["refunds"] if one["status"] == "voided"]
    for charge in counter.market.stripe.objects("charge"):
        charge["payment_method"] = "pm_card_visa"
    path = f"/staff/payments/{into['order_id']}/refunds/{failed['refund_id']}/retry"
    assert counter.shop.post(path, as_=counter.shop.boss).ok()["amount_minor"] == failed["amount_minor"]
    assert counter.shop.post(path, as_=counter.shop.boss).status in (409, 422)
    counter.settle()
    assert counter.case(case_id) == "refunded"
    assert counter.given_back() == counter.intents()


@pytest.mark.capability("ORD-10")
def test_what_does_not_belong_together_is_not_merged(counter: Counter) -> None:
    market, shop = counter.market, counter.shop
    mine, ottos = market.buy({"TEA": 1}), market.buy({"TEA": 1}, by=OTTO)
    far, elsewhere = market.buy({"TEA": 1}), market.checkout({"TEA": 1}, address=ADDRESS | {"city": "Porto"})
    market.pay(elsewhere)
    counter.settle()
    assign = {"store_id": counter.ids[1], "reason": "nearer"}
    shop.post(f"/staff/handling/{far}/assign", assign, as_=shop.boss).ok()
    unpaid, gone = market.place({"TEA": 1}), market.buy({"TEA": 1})
    market.prepare(gone)
    market.ship(gone).ok()
    others = {
        ottos: "not_alike",
        far: "not_alike",
        elsewhere["order"]["order_id"]: "not_alike",
        unpaid: "not_in_that_state",
        gone: "on_its_way",
    }
    before = shop.everything()
    for other, code in others.items():
        for order_ids in ((mine, other), (other, mine)):
            refused = counter.merge(*order_ids)
            assert (refused.status, refused["code"]) == (409, code)
    assert counter.merge(mine, mine)["code"] == "one_part"
    assert counter.merge(mine, "ord_absent").status == 404
    clerk = Caller(id="clerk", kind="staff", may=frozenset(PERMISSIONS), stores=frozenset({counter.ids[1]}))
    assert counter.merge(mine, far, by=clerk).status == 404
    assert shop.everything() == before


@pytest.mark.capability("ORD-10")
def test_what_was_paid_back_in_part_is_not_merged_or_split(counter: Counter) -> None:
    into = counter.shipped({"TEA": 2}, {"CUP": 1})
    other = counter.market.buy({"TEA": 1})
    counter.give_back(into["order_id"], "TEA", 1)
    assert counter.merge(into["order_id"], other)["code"] == "on_its_way"


@pytest.mark.capability("ORD-10")
def test_of_two_that_merge_the_same_order_at_once_one_does(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (counter.market.buy({"TEA": 1}) for _ in range(3))
    before_next_write(monkeypatch, lambda: counter.merge(second, third).ok(), of="Order")
    assert counter.merge(first, second)["code"] == "not_in_that_state"
    orders = [counter.market.order(order_id) for order_id in (first, second, third)]
    assert [one["status"] for one in orders] == ["paid", "merged", "merged"]
    assert counter.market.level("TEA", counter.ids[0])[1] == 3
