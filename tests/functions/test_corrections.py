"""Orders set right before they leave: where they go, what that does to the freight, what their buyers are asked."""

from typing import Any

import pytest

from tests.support.market import ADDRESS, CONTACT, INES, Market
from tests.support.shop import Answer

PORTO = ADDRESS | {"street": "Rua do Sol 3", "postal_code": "4000-001", "city": "Porto"}
MADRID = PORTO | {"city": "Madrid", "postal_code": "28001", "country": "ES"}
FREIGHT = 490


class Desk:
    """A store that delivers to Portugal, and one that delivers everywhere, with tax on goods and freight."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.near = market.store(freight_minor=FREIGHT, serves=["PT"])
        self.far = market.store("Souk Mundo", freight_minor=2 * FREIGHT, rank=200)
        market.goods({"TEA": 599, "CUP": 1001}, dict.fromkeys((self.near, self.far), 50))
        market.set_up(tax_basis_points=2300)

    def bought(self) -> str:
        order_id = self.market.buy({"TEA": 2, "CUP": 1})
        self.market.prepare(order_id)
        return order_id

    def correct(self, order_id: str, **said: Any) -> Answer:
        version = said.pop("version", None) or self.market.order(order_id)["version"]
        body = {"version": version, "reason": "the buyer called", **said}
        answer = self.shop.post(f"/staff/handling/{order_id}/correct", body, as_=self.shop.boss)
        self.shop.drain()
        return answer

    def freight_of_near(self, minor: int) -> None:
        push = {"values": {"freight_minor": minor}, "conflicts": "keep", "store_ids": [self.near]}
        self.shop.post("/staff/stores/push", push, as_=self.shop.boss).ok()

    def corrections(self, order_id: str) -> list[dict[str, Any]]:
        return list(self.shop.get(f"/staff/handling/{order_id}", as_=self.shop.boss).ok()["corrections"])

    def topics(self) -> list[str]:
        return [one["topic"] for one in self.shop.get("/me/messages", as_=INES).ok()["items"]]

    def settle(self) -> None:
        self.shop.drain()
        self.shop.pass_time(seconds=10)
        self.market.stripe.server.fake.tick()
        self.market.hear()
        self.shop.drain()


@pytest.fixture
def desk(market: Market) -> Desk:
    return Desk(market)


PAID = ("goods_minor", "freight_minor", "tax_minor", "total_minor", "lines")


@pytest.mark.capability("ORD-13")
def test_a_corrected_address_has_its_freight_quoted_again_and_the_buyer_is_told(desk: Desk) -> None:
    order_id = desk.bought()
    before = desk.market.order(order_id)
    desk.freight_of_near(690)
    after = desk.correct(order_id, address=PORTO).ok()
    assert after["address"] == PORTO | {"region": None, "point": None} and after["contact"] == before["contact"]
    assert {name: after[name] for name in PAID} == {name: before[name] for name in PAID}
    (correction,) = desk.corrections(order_id)
    assert (correction["by"], correction["reason"]) == ("boss", "the buyer called")
    assert (correction["freight_before_minor"], correction["freight_after_minor"]) == (490, 690)
    assert (correction["difference_minor"], correction["refunded_minor"]) == (246, 0), "with 23 % tax; waived"
    assert desk.topics().count("order_corrected") == 1
    steps = desk.shop.get(f"/staff/handling/{order_id}", as_=desk.shop.boss).ok()["steps"]
    assert [step["step"] for step in steps][-1] == "corrected"


@pytest.mark.capability("ORD-13")
@pytest.mark.parametrize("way", ["refund", "cancel"])
def test_a_lower_freight_is_paid_back_if_that_is_asked_and_all_refunds_end_at_what_was_paid(
    desk: Desk, way: str
) -> None:
    order_id = desk.bought()
    desk.freight_of_near(100)
    desk.correct(order_id, address=PORTO, refund_difference=True).ok()
    back = 390 + 90
    assert desk.corrections(order_id)[0]["refunded_minor"] == back
    assert [one["amount_minor"] for one in desk.market.money(order_id)["refunds"]] == [back]
    assert "order_corrected_cheaper" in desk.topics()
    desk.correct(order_id, address=ADDRESS, refund_difference=True).ok()
    assert desk.corrections(order_id)[1]["refunded_minor"] == 0, "what was paid back is not paid back again"
    desk.settle()
    if way == "cancel":
        desk.market.cancel(order_id).ok()
    else:
        desk.market.ship(order_id).ok()
        for sku, units in (("TEA", 1), ("CUP", 1), ("TEA", 1)):
            lines = [{"sku": sku, "quantity": units}]
            wish = {"order_id": order_id, "lines": lines, "reason": "damaged"}
            case_id = desk.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"]
            desk.shop.post(f"/staff/refunds/{case_id}/approve", as_=desk.shop.boss).ok()
            desk.settle()
    desk.settle()
    money, paid = desk.market.money(order_id), desk.market.order(order_id)["total_minor"]
    assert sum(one["amount_minor"] for one in money["refunds"]) == paid
    assert money["payment"]["refundable_minor"] == 0
    days = desk.shop.get("/staff/reports/sales", as_=desk.shop.boss, **{"from": "2026-11-01", "to": "2026-11-30"})
    assert days["total"]["refunded_minor"] == paid


@pytest.mark.capability("ORD-13")
@pytest.mark.parametrize("way", ["refund", "substitute", "cancel"])
def test_with_the_difference_back_what_is_missing_is_worth_that_much_less(desk: Desk, way: str) -> None:
    order_id, path = desk.bought(), "/staff/shortages/{}"
    desk.market.goods({"POT": 4000}, {desk.near: 5})
    desk.freight_of_near(100)
    desk.correct(order_id, address=PORTO, refund_difference=True).ok()
    said = {"reference": "S-1", "sku": "CUP", "units": 1, "reason": "broken", "substitutes": ["POT"]}
    order = desk.shop.post(path.format(order_id), said, as_=desk.shop.boss).ok()
    if way != "cancel":
        answer = {"choice": way} | ({"sku": "POT"} if way == "substitute" else {})
        shortage_id = order["shortages"][0]["shortage_id"]
        desk.shop.post(f"{path.format(order_id)}/{shortage_id}", answer, as_=desk.shop.boss).ok()
        desk.settle()
        desk.freight_of_near(0)
        with desk.shop.unchanged():
            refused = desk.correct(order_id, address=ADDRESS, refund_difference=True)
            assert refused["code"] == "refunded_in_part"
    desk.market.cancel(order_id).ok()
    desk.settle()
    money, paid = desk.market.money(order_id), desk.market.order(order_id)["total_minor"]
    assert sum(one["amount_minor"] for one in money["refunds"]) == paid
    assert money["payment"]["refundable_minor"] == 0


@pytest.mark.capability("ORD-13")
def test_where_an_order_is_fetched_does_not_change_but_who_fetches_it_may(desk: Desk) -> None:
    at = desk.market.store("Souk Alfama", pickup=True)
    desk.market.receive(at, {"TEA": 3})
    order_id = desk.market.pickup({"TEA": 1}, at)
    desk.shop.post(f"/staff/pickups/{order_id}/ready", as_=desk.shop.boss).ok()
    desk.settle()
    with desk.shop.unchanged():
        refused = desk.correct(order_id, address=PORTO)
        assert (refused.status, refused["code"]) == (409, "to_be_fetched")
    desk.correct(order_id, contact=CONTACT | {"name": "I. C."}).ok()
    assert desk.market.level("TEA", at) == (3, 1, 2)


@pytest.mark.capability("ORD-13")
def test_of_what_several_stores_hold_nothing_goes_back_until_it_is_split(desk: Desk) -> None:
    """Every part gets its share of all that was paid, and keeps its share of the freight."""
    placed = desk.market.checkout({"TEA": 60})
    order_id = str(placed["order"]["order_id"])
    desk.freight_of_near(100)
    refused = desk.correct(order_id, address=MADRID)
    assert refused["code"] == "not_delivered_by_store", "one of the two does not"
    with desk.shop.unchanged():
        assert desk.correct(order_id, address=PORTO, refund_difference=True)["code"] == "to_be_split"
    desk.correct(order_id, address=PORTO).ok()
    desk.market.pay(placed)
    desk.market.hear()
    desk.shop.drain()
    parts = [link["order_id"] for link in desk.market.order(order_id)["became"]]
    assert len(parts) == 2
    for part in parts:
        assert desk.market.order(part)["address"]["city"] == "Porto"
        desk.correct(part, address=ADDRESS, refund_difference=True).ok()
        (correction,) = desk.corrections(part)
        share = desk.market.order(part)["freight_minor"]
        assert (correction["freight_before_minor"], correction["difference_minor"]) == (share, 0)
        desk.market.cancel(part).ok()
    desk.settle()
    given_back = sum(one["amount_minor"] for part in parts for one in desk.market.money(part)["refunds"])
    assert given_back == desk.market.order(order_id)["total_minor"]


@pytest.mark.capability("ORD-13")
def test_an_order_of_which_freight_went_back_is_neither_split_nor_merged(desk: Desk) -> None:
    first, second = desk.bought(), desk.bought()
    desk.freight_of_near(100)
    desk.correct(first, address=PORTO, refund_difference=True).ok()
    desk.correct(second, address=PORTO).ok()
    parts = [{"store_id": desk.near, "units": {"TEA": 1}}]
    for path, said in ((f"{first}/split", {"parts": parts}), ("merge", {"order_ids": [first, second]})):
        with desk.shop.unchanged():
            refused = desk.shop.post(f"/staff/handling/{path}", {"reason": "so", **said}, as_=desk.shop.boss)
            assert (refused.status, refused["code"]) == (409, "on_its_way")


@pytest.mark.capability("ORD-13")
def test_once_anything_has_left_or_all_is_over_nothing_is_corrected(desk: Desk) -> None:
    part, whole, over = desk.bought(), desk.bought(), desk.bought()
    desk.market.ship(part, units={"TEA": 1}).ok()
    desk.market.ship(whole).ok()
    desk.market.cancel(over).ok()
    desk.settle()
    for order_id in (part, whole, over):
        with desk.shop.unchanged():
            refused = desk.correct(order_id, address=PORTO)
            assert (refused.status, refused["code"]) == (409, "too_late_to_correct")


@pytest.mark.capability("ORD-13")
def test_where_the_orders_store_does_not_deliver_another_one_takes_it_first(desk: Desk) -> None:
    order_id = desk.bought()
    refused = desk.correct(order_id, address=MADRID)
    assert (refused.status, refused["code"]) == (409, "not_delivered_by_store")
    assigned = {"store_id": desk.far, "reason": "they deliver there"}
    desk.shop.post(f"/staff/handling/{order_id}/assign", assigned, as_=desk.shop.boss).ok()
    assert desk.correct(order_id, address=MADRID).ok()["address"]["city"] == "Madrid"
    assert desk.corrections(order_id)[0]["difference_minor"] == 490 + 113
    desk.market.set_up(delivery_areas=[{"country": "ES"}])
    assert desk.correct(order_id, address=PORTO)["code"] == "outside_delivery_areas"


def test_the_same_correction_twice_is_one_and_one_of_an_old_version_is_none(desk: Desk) -> None:
    order_id = desk.bought()
    seen = desk.market.order(order_id)["version"]
    first = desk.correct(order_id, address=PORTO, version=seen).ok()
    with desk.shop.unchanged():
        assert desk.correct(order_id, address=PORTO, version=seen).ok() == first
        assert desk.correct(order_id, address=ADDRESS, version=seen)["code"] == "edited_meanwhile"


@pytest.mark.capability("ORD-13")
def test_a_corrected_contact_is_who_follows_the_order_and_the_trail_holds_neither(desk: Desk) -> None:
    order_id = desk.bought()
    number = desk.market.order(order_id)["number"]
    desk.freight_of_near(690)
    desk.correct(order_id, contact=CONTACT | {"phone": "+351 910 000 999"}).ok()
    assert desk.corrections(order_id)[0]["difference_minor"] == 0, "only another way needs another quote"
    desk.correct(order_id, address=PORTO).ok()
    for tail, status in (("0999", 200), ("0117", 404)):
        claim = {"number": number, "phone_tail": tail}
        assert desk.shop.post("/access/orders", claim).status == status
    trail = desk.shop.get("/staff/audit", as_=desk.shop.boss, subject=order_id).ok()["items"]
    entries = [one for one in trail if one["action"].endswith("/correct")]
    told = [one["after"] for entry in entries for one in entry["changes"] if one["kind"] == "Order"]
    assert {name: value for one in told for name, value in one.items() if name in ("address", "contact")} == {
        "address": "withheld",
        "contact": "withheld",
    }
    assert not any(part in str(trail) for part in ("Rua do Sol", "910 000 999", "910000999"))


def test_reports_count_a_corrected_order_where_it_was_sold_to(desk: Desk) -> None:
    order_id = desk.market.buy({"TEA": 1})
    said = {"store_id": desk.far, "reason": "nearer"}
    desk.shop.post(f"/staff/handling/{order_id}/assign", said, as_=desk.shop.boss).ok()
    desk.correct(order_id, address=MADRID).ok()
    back = {"store_id": desk.near, "reason": "they have it"}
    desk.shop.post(f"/staff/handling/{order_id}/assign", back, as_=desk.shop.boss).ok()
    desk.market.cancel(order_id).ok()
    desk.settle()
    days = {"from": "2026-11-01", "to": "2026-11-30"}
    regions = desk.shop.get("/staff/reports/regions", as_=desk.shop.boss, **days).ok()["items"]
    assert [(one["country"], one["orders"]) for one in regions] == [("PT", 1)]
    assert regions[0]["refunded_minor"] == regions[0]["total_minor"] > 0


@pytest.mark.capability("ORD-13")
def test_a_buyer_is_asked_once_and_the_question_stands_with_the_order(desk: Desk) -> None:
    order_id = desk.bought()
    path = f"/staff/handling/{order_id}/ask"
    for _ in range(2):
        assert desk.shop.post(path, {"text": "Is it the Rua do Sol?"}, as_=desk.shop.boss).status == 204
    desk.shop.drain()
    (asked,) = (one for one in desk.shop.get("/me/messages", as_=INES).ok()["items"] if one["topic"] == "buyer_asked")
    assert asked["text"]["en"].startswith("Is it the Rua do Sol?") and asked["about"] == order_id
    timeline = desk.shop.get(f"/staff/handling/{order_id}", as_=desk.shop.boss).ok()
    assert [step["step"] for step in timeline["steps"]].count("buyer_asked") == 1
    assert timeline["questions"][0]["text"] == "Is it the Rua do Sol?"
    for number in range(19):
        desk.shop.post(path, {"text": f"And {number}?"}, as_=desk.shop.boss).ok()
    assert desk.shop.post(path, {"text": "And?"}, as_=desk.shop.boss)["code"] == "asked_too_often"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"address": PORTO, "reason": ""},
        {"address": {"city": "Porto"}},
        {"contact": CONTACT | {"phone": "••••0117"}},
        {"address": PORTO, "freight_minor": 0},
    ],
)
def test_a_correction_that_says_nothing_or_too_much_is_refused(desk: Desk, said: dict[str, Any]) -> None:
    order_id = desk.bought()
    with desk.shop.unchanged():
        assert desk.correct(order_id, **said).status == 422
