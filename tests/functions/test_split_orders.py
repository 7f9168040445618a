"""Orders split between stores: by the shop where no store has all of it, by a store that declines, and by hand."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from souk.domains.access.model.rights import PERMISSIONS
from souk.kernel.caller import Caller
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer
from tests.support.table import before_next_write

WANTED = {"TEA": 7, "CUP": 1}
AMOUNTS = ("goods_minor", "discount_minor", "freight_minor", "tax_minor", "total_minor")


class Stores:
    """Three stores with four teas and two cups each, the first of them chosen first."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.ids = [market.store(f"Souk {n}", rank=n, freight_minor=490) for n in (1, 2, 3)]
        market.goods({"TEA": 499}, dict.fromkeys(self.ids, 4))
        market.goods({"CUP": 1000}, dict.fromkeys(self.ids, 2))
        market.set_up(tax_basis_points=2300)

    def people(self, n: int) -> Caller:
        return Caller(id=f"clerk{n}", kind="staff", may=frozenset(PERMISSIONS), stores=frozenset({self.ids[n]}))

    def reserved(self, sku: str = "TEA") -> list[int]:
        levels = [self.market.level(sku, store_id) for store_id in self.ids]
        assert all(on_hand == reserved + available for on_hand, reserved, available in levels)
        return [reserved for _, reserved, _ in levels]

    def split(self, order_id: str, parts: list[tuple[int, dict[str, int]]], by: Caller | None = None) -> Answer:
        said = [{"store_id": self.ids[n], "units": units} for n, units in parts]
        body = {"parts": said, "reason": "The rest comes later"}
        answer = self.shop.post(f"/staff/handling/{order_id}/split", body, as_=by or self.shop.boss)
        self.shop.drain()
        return answer

    def decline(self, order_id: str, n: int) -> Answer:
        said = {"store_id": self.ids[n], "reason": "Broken"}
        return self.shop.post(f"/staff/handling/{order_id}/decline", said, as_=self.people(n))

    def parts(self, order_id: str) -> list[dict[str, Any]]:
        whole = self.market.order(order_id)
        assert whole["status"] == "split"
        return [self.market.order(link["order_id"]) for link in whole["became"]]

    def inbox(self, store_id: str | None = None) -> list[str]:
        if store_id is None:
            page = self.shop.get("/me/messages", as_=INES).ok()
        else:
            page = self.shop.get("/staff/messages", as_=self.shop.boss, store_id=store_id).ok()
        return [message["topic"] for message in page["items"]]

    def given_back(self) -> int:
        return sum(refund["amount"] for refund in self.market.stripe.objects("refund"))


@pytest.fixture
def stores(market: Market) -> Stores:
    return Stores(market)


@pytest.mark.capability("STO-03")
@pytest.mark.capability("ORD-02")
def test_the_quote_tells_who_sends_what_and_charges_the_freight_once(stores: Stores) -> None:
    quote = stores.market.quote(WANTED).ok()
    assert quote["parcels"] == [
        {"store_id": stores.ids[0], "units": {"TEA": 4, "CUP": 1}},
        {"store_id": stores.ids[1], "units": {"TEA": 3}},
    ]
    assert (quote["store_id"], quote["freight_minor"]) == (stores.ids[0], 490)
    assert quote["explanation"][-1] == "Together they have it: 4 TEA, 1 CUP from Souk 1; 3 TEA from Souk 2"
    assert stores.market.quote(WANTED).ok() == quote
    assert stores.market.quote({"TEA": 13}).body["available"] == 12
    stores.market.set_up(most_parts=1)
    refused = stores.market.quote(WANTED)
    assert (refused["code"], refused["sku"], refused["available"]) == ("insufficient_stock", "TEA", 4)


@pytest.mark.capability("STO-03")
@pytest.mark.capability("INV-01")
def test_what_several_stores_hold_is_reserved_in_each_and_let_go_in_each(stores: Stores) -> None:
    cancelled, forgotten = stores.market.place({"TEA": 5}), stores.market.place({"TEA": 5})
    assert stores.reserved() == [4, 4, 2]
    stores.market.cancel(cancelled).ok()
    assert stores.reserved() == [0, 3, 2]
    stores.shop.drain()
    stores.shop.pass_time(minutes=31)
    assert stores.market.order(forgotten)["status"] == "cancelled"
    assert stores.reserved() == [0, 0, 0]


@pytest.mark.capability("ORD-11")
@pytest.mark.capability("STO-03")
def test_an_order_that_no_store_has_whole_is_split_once_it_is_paid(stores: Stores) -> None:
    order_id = stores.market.buy(WANTED)
    whole, parts = stores.market.order(order_id), stores.parts(order_id)
    assert [(one["store_id"], one["status"]) for one in parts] == [(stores.ids[0], "paid"), (stores.ids[1], "paid")]
    assert [{line["sku"]: line["quantity"] for line in one["lines"]} for one in parts] == [
        {"TEA": 4, "CUP": 1},
        {"TEA": 3},
    ]
    for name in AMOUNTS:
        assert sum(one[name] for one in parts) == whole[name], name
    assert stores.reserved() == [4, 3, 0] and stores.reserved("CUP") == [1, 0, 0]
    for one in parts:
        assert one["came_from"] == [{"order_id": order_id, "number": whole["number"]}]
        assert (one["placed_at"], one["address"]) == (whole["placed_at"], whole["address"])
        assert one["number"][:10] == whole["number"][:10] and one["number"] != whole["number"]

    listed = stores.shop.get("/me/orders", as_=INES).ok()["items"]
    assert {card["order_id"] for card in listed} == {order_id, *(one["order_id"] for one in parts)}
    assert stores.shop.get(f"/me/orders/{parts[1]['order_id']}", as_=OTTO).status == 404
    claim = {"number": whole["number"], "phone_tail": "0117"}
    followed = stores.shop.post("/access/orders", claim).ok()
    assert (followed["status"], followed["became"]) == ("split", [one["number"] for one in parts])
    assert stores.shop.get(f"/staff/orders/{order_id}", as_=stores.people(1)).status == 404
    assert stores.shop.get(f"/staff/orders/{parts[1]['order_id']}", as_=stores.people(1)).status == 200


@pytest.mark.capability("ORD-11")
@pytest.mark.capability("ORD-18")
def test_each_part_goes_its_own_way_to_the_end(stores: Stores) -> None:
    order_id = stores.market.buy(WANTED)
    for part in stores.parts(order_id):
        assert stores.market.ship(part["order_id"]).status == 409  # nobody has laid it out yet
        stores.market.prepare(part["order_id"])
        refused = stores.market.ship(part["order_id"], units={"POT": 1})
        assert (refused.status, refused["code"]) == (422, "not_in_this_order")
        assert stores.market.ship(part["order_id"], units={"TEA": 5}).status == 422
        stores.market.ship(part["order_id"], units={"TEA": 3}).ok()
        left = part["lines"][0]["quantity"] > 3
        assert stores.market.order(part["order_id"])["status"] == ("part_shipped" if left else "shipped")
        if left:
            stores.market.ship(part["order_id"], tracking_number="T-REST").ok()
        stores.shop.post(f"/me/orders/{part['order_id']}/received", as_=INES).ok()
    stores.shop.drain()
    stores.shop.pass_time(days=15)
    assert {one["status"] for one in stores.parts(order_id)} == {"completed"}
    assert [stores.market.level("TEA", one)[0] for one in stores.ids] == [0, 1, 4]
    for status in (stores.market.ship(order_id).status, stores.market.cancel(order_id).status):
        assert status == 409


@pytest.mark.capability("ORD-11")
def test_everybody_is_told_once(stores: Stores) -> None:
    stores.market.buy(WANTED)
    stores.shop.drain(times=2)
    assert sorted(stores.inbox()) == ["order_paid", "order_split"]
    assert [stores.inbox(store_id) for store_id in stores.ids] == [["order_to_prepare"], ["order_to_prepare"], []]
    started = sorted(stores.shop.executions("OrderLife"))
    assert started == sorted(fact["order_id"] for fact in stores.shop.facts("OrderRemade"))


@pytest.mark.capability("ORD-11")
@pytest.mark.capability("PAY-16")
def test_the_money_of_an_order_is_that_of_its_parts_to_the_cent(stores: Stores) -> None:
    order_id = stores.market.buy(WANTED)
    before, parts = stores.market.order(order_id), stores.parts(order_id)
    [intent] = stores.market.stripe.objects("payment_intent")
    books = [stores.market.money(one["order_id"]) for one in parts]
    for book, part in zip(books, parts, strict=True):
        payment = book["payment"]
        assert (payment["status"], payment["captured_minor"]) == ("captured", part["total_minor"])
        fund = {"intent_id": intent["id"], "provider": "stripe", "method": "card", "amount_minor": part["total_minor"]}
        assert payment["funds"] == [fund | {"charged": None}]
        assert book["balances"]["charged_minor"] == payment["refundable_minor"] == part["total_minor"]
        assert payment["store_id"] == part["store_id"]
    emptied = stores.market.money(order_id)
    assert (emptied["payment"]["status"], emptied["payment"]["refundable_minor"]) == ("moved", 0)
    assert emptied["balances"]["charged_minor"] == 0
    assert sum(book["balances"]["charged_minor"] for book in books) == before["total_minor"] == intent["amount"]

    stores.market.cancel(parts[0]["order_id"]).ok()
    stores.shop.drain()
    assert stores.given_back() == parts[0]["total_minor"]
    assert {answer.status for answer in stores.market.hear()} == {200}
    stores.market.cancel(parts[1]["order_id"]).ok()
    stores.shop.drain()
    stores.market.hear()
    assert stores.given_back() == intent["amount"]
    for part in parts:
        refunds = stores.market.money(part["order_id"])["refunds"]
        assert [(one["status"], one["amount_minor"]) for one in refunds] == [("posted", part["total_minor"])]
    assert stores.reserved() == [0, 0, 0]


@pytest.mark.capability("ORD-11")
def test_what_the_provider_says_late_of_a_split_order_changes_nothing(stores: Stores) -> None:
    placed = stores.market.checkout(WANTED)
    order_id = str(placed.ok()["order"]["order_id"])
    stores.market.pay(placed)
    stores.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    stores.shop.drain()
    assert len(stores.parts(order_id)) == 2
    assert {answer.status for answer in stores.market.hear()} == {200}
    assert stores.market.money(order_id)["payment"]["status"] == "moved"
    assert stores.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()["status"] == "moved"
    assert stores.given_back() == 0


@pytest.mark.capability("ORD-11")
@pytest.mark.parametrize("who", ["StartLife", "SweepOrders", "AwaitShipment"])
def test_whoever_comes_first_splits_it_and_the_others_find_it_done(stores: Stores, who: str) -> None:
    order_id = stores.market.paid(WANTED)
    assert stores.shop.post(f"/staff/orders/{order_id}/confirm", as_=stores.shop.boss)["code"] == "to_be_split"
    assert stores.decline(order_id, 0)["code"] == "to_be_split"
    for store_id in stores.ids:
        chosen = {"store_id": store_id, "reason": "All from one"}
        answer = stores.shop.post(f"/staff/handling/{order_id}/assign", chosen, as_=stores.shop.boss)
        assert (answer.status, answer["code"]) == (409, "to_be_split")
    if who == "AwaitShipment":
        stores.market.lay_out(order_id)
    elif who == "SweepOrders":
        stores.shop.clock.at += timedelta(minutes=16)
        stores.shop.invoke("SweepOrders", {})
    else:
        stores.shop.drain()
    made = [one["order_id"] for one in stores.parts(order_id)]
    stores.shop.drain(times=2)
    stores.market.lay_out(order_id)
    assert [one["order_id"] for one in stores.parts(order_id)] == made
    assert len(stores.shop.rows("Order")) == 3 and stores.reserved() == [4, 3, 0]


@pytest.mark.capability("ORD-11")
@pytest.mark.capability("STO-05")
def test_an_order_that_is_declined_where_no_other_store_has_all_of_it_is_split_among_them(stores: Stores) -> None:
    stores.market.receive(stores.ids[0], {"TEA": 4})
    order_id = stores.market.buy({"TEA": 7})
    stores.market.prepare(order_id)
    before = stores.market.order(order_id)
    assert (before["store_id"], before["status"]) == (stores.ids[0], "confirmed")
    assert [stores.decline(order_id, 0).status for _ in range(2)] == [204, 204]
    stores.shop.drain()
    parts = stores.parts(order_id)
    assert [one["store_id"] for one in parts] == stores.ids[1:]
    assert stores.reserved() == [0, 4, 3]
    assert sum(one["total_minor"] for one in parts) == before["total_minor"]
    assert stores.shop.get(f"/staff/picks/{order_id}", as_=stores.shop.boss).status == 404

    stores.decline(parts[0]["order_id"], 1).ok()
    stores.shop.drain()
    assert stores.market.order(parts[0]["order_id"])["status"] == "unassigned"
    assert stores.reserved() == [0, 0, 3]


@pytest.mark.capability("ORD-11")
def test_staff_split_an_order_by_units_and_the_rest_stays_where_it_is(stores: Stores) -> None:
    order_id = stores.market.buy({"TEA": 3, "CUP": 2})
    stores.market.prepare(order_id)
    answer = stores.split(order_id, [(1, {"TEA": 1}), (0, {"CUP": 2})])
    assert answer.ok()["status"] == "split"
    parts = stores.parts(order_id)
    assert [(one["store_id"], {line["sku"]: line["quantity"] for line in one["lines"]}) for one in parts] == [
        (stores.ids[0], {"TEA": 2}),
        (stores.ids[1], {"TEA": 1}),
        (stores.ids[0], {"CUP": 2}),
    ]
    for name in AMOUNTS:
        assert sum(one[name] for one in parts) == answer[name], name
    assert stores.reserved() == [2, 1, 0] and stores.reserved("CUP") == [2, 0, 0]
    assert stores.split(order_id, [(1, {"TEA": 1}), (0, {"CUP": 2})]).ok() == answer.ok()
    assert stores.split(order_id, [(1, {"TEA": 2})])["code"] == "not_in_that_state"
    assert len(stores.shop.rows("Order")) == 4
    assert stores.split(parts[0]["order_id"], [(2, {"TEA": 1})]).ok()["status"] == "split"
    assert stores.reserved() == [1, 1, 1]


@pytest.mark.capability("ORD-11")
def test_head_office_splits_an_order_that_no_store_was_left_for(stores: Stores) -> None:
    stores.market.set_up(most_parts=1)
    order_id = stores.market.buy({"TEA": 4})
    for n in range(3):
        stores.decline(order_id, n).ok()
        stores.shop.drain()
    assert stores.market.order(order_id)["status"] == "unassigned"
    assert stores.split(order_id, [(0, {"TEA": 3})])["code"] == "no_store_for_the_rest"
    stores.split(order_id, [(0, {"TEA": 3}), (1, {"TEA": 1})]).ok()
    assert stores.reserved() == [3, 1, 0]


@pytest.mark.capability("ORD-11")
def test_a_split_that_cannot_be_is_refused_and_changes_nothing(stores: Stores) -> None:
    order_id, unpaid = stores.market.buy({"TEA": 4}), stores.market.place({"CUP": 2})
    stores.market.prepare(order_id)
    before = stores.shop.everything()
    for parts, code in (
        ([(1, {"TEA": 5})], "not_in_this_order"),
        ([(1, {"TEA": 3}), (2, {"TEA": 2})], "not_in_this_order"),
        ([(1, {"CUP": 1})], "not_in_this_order"),
        ([(0, {"TEA": 4})], "one_part"),
    ):
        refused = stores.split(order_id, parts)
        assert (refused.status, refused["code"]) == (422, code)
    assert stores.split(unpaid, [(1, {"CUP": 1})])["code"] == "not_in_that_state"
    assert stores.split(order_id, [(1, {"TEA": 1})], by=stores.people(0)).status == 404
    assert stores.split(order_id, [(1, {"TEA": 1})], by=stores.people(1)).status == 404
    assert stores.shop.everything() == before
    stores.market.receive(stores.ids[0], {"TEA": 9})
    too_many = stores.market.buy({"TEA": 9})
    assert stores.split(too_many, [(1, {"TEA": 5})])["code"] == "insufficient_stock"

    stores.market.ship(order_id, units={"TEA": 1}).ok()
    assert stores.split(order_id, [(1, {"TEA": 1})])["code"] == "on_its_way"
    assert stores.split("ord_absent", [(1, {"TEA": 1})]).status == 404


@pytest.mark.capability("ORD-11")
def test_who_splits_while_another_confirms_splits_what_is_confirmed(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.market.set_up(confirm_by_hand=True)
    order_id = stores.market.buy({"TEA": 4})
    confirm = f"/staff/orders/{order_id}/confirm"
    before_next_write(monkeypatch, lambda: stores.shop.post(confirm, as_=stores.people(0)).ok(), of="Order")
    stores.split(order_id, [(1, {"TEA": 1})]).ok()
    assert [one["status"] for one in stores.parts(order_id)] == ["paid", "paid"]
    assert stores.reserved() == [3, 1, 0]
    assert stores.shop.rows("Pick") == []


@pytest.mark.capability("ORD-11")
def test_the_store_of_each_part_has_its_own_time_to_accept_it(stores: Stores) -> None:
    stores.market.set_up(confirm_by_hand=True, accept_seconds=600)
    order_id = stores.market.paid(WANTED)
    stores.shop.clock.at += timedelta(minutes=5)
    stores.shop.drain()
    first, second = stores.parts(order_id)
    stores.shop.post(f"/staff/orders/{second['order_id']}/confirm", as_=stores.people(1)).ok()
    stores.shop.pass_time(minutes=9)
    assert stores.shop.facts("AcceptanceOverdue") == []
    stores.shop.pass_time(minutes=2)
    assert [fact["order_id"] for fact in stores.shop.facts("AcceptanceOverdue")] == [first["order_id"]]


@pytest.mark.capability("ORD-11")
@pytest.mark.capability("ANA-01")
def test_the_sale_moves_to_the_stores_of_the_parts_whatever_is_told_first(stores: Stores) -> None:
    order_id = stores.market.buy(WANTED)
    parts = stores.parts(order_id)
    stores.split(parts[0]["order_id"], [(2, {"TEA": 2})]).ok()
    stores.shop.drain(times=2)
    served = [*stores.parts(parts[0]["order_id"]), parts[1]]
    counted: Counter[tuple[str, str]] = Counter()
    for row in stores.shop.rows("DaySales"):
        for name in ("orders", "units", "total_minor", "freight_minor"):
            counted[row["store_id"], name] += row[name]
    for part in served:
        assert counted[part["store_id"], "orders"] == 1
        assert counted[part["store_id"], "total_minor"] == part["total_minor"]
        assert counted[part["store_id"], "freight_minor"] == part["freight_minor"]
    assert sum(units for (_, name), units in counted.items() if name == "units") == 8
    sold = Counter({"TEA": 0, "CUP": 0})
    for row in stores.shop.rows("ProductSales"):
        sold[row["sku"]] += row["units"]
    assert sold == Counter(WANTED)


def lack(stores: Stores, order_id: str, units: int) -> Answer:
    """Its store is short of so much tea."""
    said = {"reference": "S-1", "sku": "TEA", "units": units, "reason": "broken"}
    return stores.shop.post(f"/staff/shortages/{order_id}", said, as_=stores.shop.boss)


@pytest.mark.capability("ORD-11")
def test_what_is_held_by_several_can_be_cancelled_and_is_not_short_of_anything_yet(stores: Stores) -> None:
    order_id = stores.market.paid(WANTED)
    assert lack(stores, order_id, 1)["code"] == "to_be_split"
    stores.market.cancel(order_id).ok()
    stores.shop.drain()
    assert stores.market.order(order_id)["status"] == "cancelled"
    assert (stores.reserved(), stores.reserved("CUP")) == ([0, 0, 0], [0, 0, 0])
    assert stores.given_back() == stores.market.order(order_id)["total_minor"]
    assert len(stores.shop.rows("Order")) == 1


@pytest.mark.capability("ORD-11")
def test_an_order_that_lacks_something_is_not_split_and_what_was_paid_back_of_it_keeps_it_whole(
    stores: Stores,
) -> None:
    stores.market.receive(stores.ids[0], {"TEA": 4})
    order_id = stores.market.buy({"TEA": 7})
    stores.market.prepare(order_id)
    [shortage] = lack(stores, order_id, 1).ok()["shortages"]
    assert stores.split(order_id, [(0, {"TEA": 1})])["code"] == "on_its_way"
    path = f"/me/shortages/{order_id}/{shortage['shortage_id']}"
    stores.shop.post(path, {"choice": "refund"}, as_=INES).ok()
    stores.shop.drain()
    assert stores.split(order_id, [(0, {"TEA": 1})])["code"] == "on_its_way"
    stores.decline(order_id, 0).ok()
    stores.shop.drain()
    assert stores.market.order(order_id)["status"] == "unassigned"
    assert stores.reserved() == [0, 0, 0]


@pytest.mark.capability("ORD-11")
def test_what_its_buyer_fetches_waits_in_one_store(stores: Stores) -> None:
    here = stores.market.store("Counter", rank=9, pickup=True)
    stores.ids.append(here)
    stores.market.receive(here, {"TEA": 4})
    asked = {"lines": [{"sku": "TEA", "quantity": 5}], "delivery_method": "pickup", "pickup_store_id": here}
    assert stores.shop.post("/me/quotes", asked, as_=INES)["code"] == "insufficient_stock"
    order_id = stores.market.pickup({"TEA": 4}, here)
    refused = stores.split(order_id, [(1, {"TEA": 1})])
    assert (refused.status, refused["code"]) == (409, "to_be_fetched")
    stores.split(order_id, [(3, {"TEA": 1})]).ok()
    assert [one["pickup_store_id"] for one in stores.parts(order_id)] == [here, here]
