"""Goods of several sellers: whose they are is shown, they lie apart, and one cart becomes an order of each."""

import json
from collections import Counter
from unittest.mock import patch

import pytest

from souk.domains.payments.actions import attempts
from souk.kernel.caller import Caller
from souk.table.record import text_of
from tests.support import settlements as desk
from tests.support.market import ADDRESS, INES, OTTO, Market
from tests.support.merchants import trader
from tests.support.people import PASSWORD, People
from tests.support.shop import Answer
from tests.support.table import calls

WANTED = {"CUP": 2, "PUERH": 1, "MATCHA": 3}
LESS = tuple({"sku": sku, "quantity": n, "discount_basis_points": 333} for sku, n in WANTED.items())


class Bazaar:
    """The retailer's own store, and two merchants with a store each; each has its own freight."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.own = market.store("Souk Chiado", freight_minor=490, free_freight_from_minor=5000)
        self.products = market.goods({"CUP": 1000}, {self.own: 10})
        self.tea = trader(market, "Teahouse", freight_minor=300)
        self.mats = trader(market, "Matcha", freight_minor=700, free_freight_from_minor=9000)
        self.products |= self.tea.goods({"PUERH": 1999}) | self.mats.goods({"MATCHA": 2901})
        self.stores = {"CUP": self.own, "PUERH": self.tea.store_id, "MATCHA": self.mats.store_id}

    def parts(self, order_id: str) -> dict[str, str]:
        """The part that each store has, by the one SKU of it."""
        whole = self.market.order(order_id)
        assert whole["status"] == "split"
        found = [self.market.order(link["order_id"]) for link in whole["became"]]
        assert all(part["store_id"] == self.stores[part["lines"][0]["sku"]] for part in found)
        return {part["lines"][0]["sku"]: part["order_id"] for part in found}

    def reserved(self) -> dict[str, int]:
        return {sku: self.market.level(sku, store_id)[1] for sku, store_id in self.stores.items()}

    def receive(self, store_id: str, sku: str) -> Answer:
        line = {"sku": sku, "units": 1}
        said = {"kind": "receipt", "store_id": store_id, "reference": "in-x", "lines": [line]}
        return self.shop.post("/staff/stock-documents", said, as_=self.shop.boss)


@pytest.fixture
def bazaar(market: Market) -> Bazaar:
    return Bazaar(market)


@pytest.mark.capability("MER-01")
def test_a_list_mixes_all_goods_and_says_whose_each_is(bazaar: Bazaar) -> None:
    shop = bazaar.shop
    cards = shop.get(f"/shop/categories/{bazaar.market.category_id}/products").ok()["items"]
    shown = {card["product_id"]: (card.get("merchant_id"), card.get("merchant_name")) for card in cards}
    assert shown == {
        bazaar.products["CUP"]: (None, None),
        bazaar.products["PUERH"]: (bazaar.tea.merchant_id, "Teahouse"),
        bazaar.products["MATCHA"]: (bazaar.mats.merchant_id, "Matcha"),
    }
    for product_id, (merchant_id, name) in shown.items():
        page = shop.get(f"/shop/products/{product_id}").ok()
        assert (page.get("merchant_id"), page.get("merchant_name")) == (merchant_id, name)


@pytest.mark.capability("MER-01")
def test_cart_and_quote_name_the_seller_of_each_line_at_no_read_more(
    bazaar: Bazaar, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sku in WANTED:
        bazaar.shop.post("/me/cart/lines", {"sku": sku, "quantity": 1}, as_=INES).ok()
    sold_by = {
        "CUP": (None, None),
        "PUERH": (bazaar.tea.merchant_id, "Teahouse"),
        "MATCHA": (bazaar.mats.merchant_id, "Matcha"),
    }
    bazaar.market.quote(WANTED).ok()
    made = calls(monkeypatch)
    for answer in (bazaar.shop.get("/me/cart", as_=INES).ok(), bazaar.market.quote(WANTED).ok()):
        assert {line["sku"]: (line["merchant_id"], line["merchant_name"]) for line in answer["lines"]} == sold_by
    assert made == ["read", "read_many", "read_many"]
    bazaar.tea.suspend()
    gone = next(line for line in bazaar.shop.get("/me/cart", as_=INES).ok()["lines"] if line["sku"] == "PUERH")
    assert (gone["for_sale"], gone["merchant_name"]) == (False, None)


@pytest.mark.capability("MER-06")
def test_freight_is_the_sum_of_what_each_seller_asks(bazaar: Bazaar) -> None:
    quote = bazaar.market.quote(WANTED).ok()
    freights = {
        line["sku"]: sum(one["minor"] for one in line["amounts"] if one["kind"] == "freight") for line in quote["lines"]
    }
    assert freights == {"CUP": 490, "PUERH": 300, "MATCHA": 700}
    assert (quote["store_id"], quote["freight_minor"]) == ("head-office", 1490)
    assert {tuple(one["units"]) for one in quote["parcels"]} == {("CUP",), ("PUERH",), ("MATCHA",)}
    more = bazaar.market.quote(WANTED | {"MATCHA": 4, "CUP": 5}).ok()
    assert more["freight_minor"] == 300, "each has sent for nothing what reached its own limit"


@pytest.mark.capability("MER-06")
@pytest.mark.capability("ORD-11")
def test_one_payment_becomes_an_order_of_each_seller_and_one_is_refunded_alone(bazaar: Bazaar) -> None:
    market, shop = bazaar.market, bazaar.shop
    market.set_up(tax_basis_points=2300)
    order_id = market.buy(WANTED)
    whole, parts = market.order(order_id), bazaar.parts(order_id)
    assert set(parts) == set(WANTED) and len(market.stripe.objects("payment_intent")) == 1
    found = {sku: market.order(part) for sku, part in parts.items()}
    for amount in ("goods_minor", "freight_minor", "tax_minor", "total_minor"):
        assert sum(part[amount] for part in found.values()) == whole[amount]
    assert {sku: part["freight_minor"] for sku, part in found.items()} == {"CUP": 490, "PUERH": 300, "MATCHA": 700}
    assert bazaar.reserved() == WANTED
    tea = bazaar.tea.boss
    market.prepare(parts["PUERH"])
    market.ship(parts["PUERH"])
    market.cancel(parts["MATCHA"]).ok()
    shop.drain()
    market.hear()
    given = {sku: sum(one["amount_minor"] for one in market.money(part)["refunds"]) for sku, part in parts.items()}
    assert given == {"CUP": 0, "PUERH": 0, "MATCHA": found["MATCHA"]["total_minor"]}
    assert bazaar.reserved() == {"CUP": 2, "PUERH": 0, "MATCHA": 0}
    assert shop.get(f"/staff/orders/{parts['PUERH']}", as_=tea).status == 200
    for foreign in (order_id, parts["CUP"], parts["MATCHA"]):
        for path in (f"/staff/orders/{foreign}", f"/staff/payments/{foreign}"):
            assert shop.get(path, as_=tea).body == shop.get(path.replace(foreign, "ord_none"), as_=tea).body


@pytest.mark.capability("MER-06")
@pytest.mark.capability("ORD-11")
def test_what_is_taken_off_goods_is_taken_off_their_own_sellers_order(bazaar: Bazaar) -> None:
    """By staff of head office, of each seller another part; freight and tax follow, and one is paid back alone."""
    market = bazaar.market
    market.set_up(tax_basis_points=2300)
    off = {"CUP": 1000, "PUERH": 333, "MATCHA": 0}
    told = ({"sku": sku, "quantity": n, "discount_basis_points": off[sku]} for sku, n in WANTED.items())
    order_id = market.assisted(*told)
    whole, parts = market.order(order_id), bazaar.parts(order_id)
    found = {sku: market.order(part) for sku, part in parts.items()}
    assert {sku: part["discount_minor"] for sku, part in found.items()} == {"CUP": 200, "PUERH": 67, "MATCHA": 0}
    for amount in ("goods_minor", "discount_minor", "freight_minor", "tax_minor", "total_minor"):
        assert sum(part[amount] for part in found.values()) == whole[amount]
    assert sum(one["amount"] for one in market.stripe.objects("charge")) == whole["total_minor"]
    market.cancel(parts["PUERH"]).ok()
    bazaar.shop.drain()
    market.hear()
    given = {sku: sum(one["amount_minor"] for one in market.money(part)["refunds"]) for sku, part in parts.items()}
    assert given == {"CUP": 0, "PUERH": found["PUERH"]["total_minor"], "MATCHA": 0}


@pytest.mark.capability("MER-05")
def test_what_buyers_paid_and_did_not_get_back_is_the_sellers_and_the_shops_to_the_cent(bazaar: Bazaar) -> None:
    """Read as head office reads it; the cash is what the provider says that it took and gave back."""
    market, shop = bazaar.market, bazaar.shop
    market.set_up(tax_basis_points=2300)
    desk.fee(market, basis_points=1250, fixed_minor=7)
    for wanted in (WANTED, {"MATCHA": 2}):
        order_id = market.buy(wanted)
    market.cancel(bazaar.parts(market.assisted(*LESS))["PUERH"]).ok()
    market.cancel(order_id).ok()
    shop.drain()
    market.hear()
    cash = sum(one["amount"] for one in market.stripe.objects("charge"))
    cash -= sum(one["amount"] for one in market.stripe.objects("refund"))
    told = [desk.settlement(market, one.merchant_id) for one in (bazaar.tea, bazaar.mats)]
    assert all(one["refunds_minor"] > 0 for one in told)
    accounts = shop.get("/staff/ledger/balances", as_=shop.boss).ok()["items"][0]["accounts"]
    booked = Counter({one["account"]: one["balance_minor"] for one in accounts})
    own = sum(booked[name] for name in ("revenue:own", "discounts:line_discount", "freight", "tax"))
    assert booked["clearing:stripe"] == cash
    assert cash == sum(one["payable_minor"] + one["fees_minor"] for one in told) + own


@pytest.mark.capability("MER-06")
def test_what_is_not_paid_in_time_is_given_back_to_each(bazaar: Bazaar) -> None:
    order_id = bazaar.market.place(WANTED)
    assert bazaar.reserved() == WANTED
    assert bazaar.market.order(order_id)["store_id"] == "head-office"
    assert bazaar.shop.get(f"/staff/orders/{order_id}", as_=bazaar.tea.boss).status == 404
    bazaar.market.cancel(order_id).ok()
    assert bazaar.reserved() == dict.fromkeys(WANTED, 0)


@pytest.mark.capability("MER-06")
def test_a_seller_who_is_short_stops_the_order_and_no_other_helps_out(bazaar: Bazaar) -> None:
    refused = bazaar.market.quote({"CUP": 1, "PUERH": 11})
    assert (refused.status, refused["code"], refused["sku"]) == (409, "insufficient_stock", "PUERH")
    bazaar.market.store("Souk Baixa")
    order_id = bazaar.market.buy({"PUERH": 1})
    declined = {"store_id": bazaar.tea.store_id, "reason": "broken"}
    bazaar.shop.post(f"/staff/handling/{order_id}/decline", declined, as_=bazaar.tea.boss).ok()
    assert bazaar.market.order(order_id)["status"] == "unassigned"
    assigned = {"store_id": bazaar.own, "reason": "we have it"}
    refused = bazaar.shop.post(f"/staff/handling/{order_id}/assign", assigned, as_=bazaar.shop.boss)
    assert refused["code"] == "anothers_store"


@pytest.mark.capability("MER-06")
def test_parts_of_several_sellers_are_never_merged(bazaar: Bazaar) -> None:
    parts = bazaar.parts(bazaar.market.buy(WANTED))
    said = {"order_ids": [*parts.values()], "reason": "one parcel"}
    assert bazaar.shop.post("/staff/handling/merge", said, as_=bazaar.shop.boss)["code"] == "not_alike"


@pytest.mark.capability("MER-01")
def test_goods_lie_in_stores_of_who_sells_them_and_nowhere_else(bazaar: Bazaar) -> None:
    shop = bazaar.shop
    for sku, own in bazaar.stores.items():
        for store_id in bazaar.stores.values():
            code = bazaar.receive(store_id, sku).body.get("code")
            assert code == (None if store_id == own else "anothers_store")
    line = {"lines": [{"sku": "CUP", "units": 1}], "due": "2026-12-01", "reference": "t-1"}
    route = {"from_store_id": bazaar.own, "store_id": bazaar.tea.store_id}
    assert shop.post("/staff/transfers", line | route, as_=shop.boss)["code"] == "no_such_store"
    sale = {"store_id": bazaar.own, "sale_id": "s-1", "lines": [{"sku": "PUERH", "quantity": 1}]}
    paid = {"total_minor": 1999, "paid_by": "cash"}
    assert shop.post("/staff/sales", sale | paid, as_=shop.boss)["code"] == "not_for_sale"


@pytest.mark.capability("MER-01")
def test_reports_are_split_by_owner(bazaar: Bazaar) -> None:
    market, shop = bazaar.market, bazaar.shop
    mixed = market.order(market.buy(WANTED))
    alone = market.order(market.buy({"CUP": 1}, by=OTTO))
    shop.drain(times=2)
    span = {"from": "2026-11-01", "to": "2026-11-30"}
    report = shop.get("/staff/reports/owners", as_=shop.boss, **span).ok()["items"]
    sums = {one["merchant_id"]: (one["orders"], one["units"], one["total_minor"]) for one in report}
    parts = {sku: market.order(part)["total_minor"] for sku, part in bazaar.parts(mixed["order_id"]).items()}
    assert sums == {
        None: (2, 3, parts["CUP"] + alone["total_minor"]),
        bazaar.tea.merchant_id: (1, 1, parts["PUERH"]),
        bazaar.mats.merchant_id: (1, 3, parts["MATCHA"]),
    }
    whole = shop.get("/staff/reports/sales", as_=shop.boss, **span).ok()["total"]
    assert whole["total_minor"] == sum(total for _, _, total in sums.values())
    theirs = shop.get("/staff/reports/owners", as_=bazaar.tea.boss, **span).ok()["items"]
    assert [one["merchant_id"] for one in theirs] == [bazaar.tea.merchant_id]


@pytest.mark.capability("MER-01")
@pytest.mark.parametrize("end", ["no store", "another store", "paid back"])
def test_what_no_store_of_a_merchant_has_is_the_merchants_in_reports(bazaar: Bazaar, end: str) -> None:
    shop, tea = bazaar.shop, bazaar.tea
    order_id = bazaar.market.buy({"PUERH": 1})
    total = bazaar.market.order(order_id)["total_minor"]
    declined = {"store_id": tea.store_id, "reason": "no stock"}
    shop.post(f"/staff/handling/{order_id}/decline", declined, as_=tea.boss).ok()
    assert bazaar.market.order(order_id)["status"] == "unassigned"
    if end == "another store":
        given = {"store_id": tea.store_id, "reason": "found"}
        shop.post(f"/staff/handling/{order_id}/assign", given, as_=shop.boss).ok()
    if end == "paid back":
        bazaar.market.cancel(order_id).ok()
        shop.drain()
        bazaar.market.hear()
    shop.drain(times=2)
    span = {"from": "2026-11-01", "to": "2026-11-30"}
    for by in (shop.boss, tea.boss):
        (report,) = shop.get("/staff/reports/owners", as_=by, **span).ok()["items"]
        assert (report["merchant_id"], report["orders"]) == (tea.merchant_id, 1)
        assert (report["total_minor"], report["refunded_minor"]) == (total, total if end == "paid back" else 0)
        ranked = shop.get("/staff/reports/products", as_=by, **span).ok()["items"]
        assert [(one["sku"], one["units"]) for one in ranked] == [("PUERH", 0 if end == "paid back" else 1)]


@pytest.mark.capability("MER-03")
def test_a_merchants_people_list_just_their_own(bazaar: Bazaar) -> None:
    shop, mine = bazaar.shop, bazaar.tea.boss
    own = bazaar.products["PUERH"]
    assert [one["product_id"] for one in shop.get("/staff/products", as_=mine).ok()["items"]] == [own]
    assert [one["store_id"] for one in shop.get("/staff/stores", as_=mine).ok()["items"]] == [bazaar.tea.store_id]
    assert shop.get("/staff/stock/CUP", as_=mine).body | {"sku": ""} == shop.get("/staff/stock/NONE", as_=mine).body | {
        "sku": ""
    }
    assert shop.get("/staff/merchants", as_=mine).status == 404
    assert shop.get(f"/staff/merchants/{bazaar.tea.merchant_id}", as_=mine).status == 200


@pytest.mark.capability("MER-03")
def test_a_merchants_clerk_is_bound_to_stores_of_the_merchant(bazaar: Bazaar, people: People) -> None:
    """And has nothing else before them, from the door on."""
    shop = bazaar.shop
    email = "li@tea.example"
    person = {"name": "Li", "email": email, "password": PASSWORD, "roles": ["merchant"]}
    for bound, status in (
        ({"merchant_id": bazaar.tea.merchant_id, "stores": [bazaar.tea.store_id]}, 201),
        ({"merchant_id": bazaar.tea.merchant_id, "stores": [bazaar.own]}, 422),
        ({"stores": [bazaar.tea.store_id]}, 422),
        ({}, 422),
    ):
        assert shop.post("/staff/people", person | bound, as_=shop.boss).status == status
    nobodys = {"merchant_id": "mer_nobody", "stores": []}
    refused = shop.post("/staff/people", person | nobodys | {"email": "bo@tea.example"}, as_=shop.boss)
    assert (refused.status, refused["code"]) == (404, "no_such_merchant")
    (li,) = shop.get("/staff/people", as_=shop.boss).ok()["items"]
    kept = {name: li[name] for name in ("name", "roles", "status", "version")}
    for left_out in nobodys:
        told = {name: li[name] for name in nobodys if name != left_out}
        assert shop.put(f"/staff/people/{li['caller_id']}", kept | told, as_=shop.boss).status == 422
    edit = kept | nobodys
    refused = shop.put(f"/staff/people/{li['caller_id']}", edit, as_=shop.boss)
    assert (refused.status, refused["code"]) == (404, "no_such_merchant")
    token = people.sign_in(email).ok()["id_token"]
    seen = people.call("GET", "/staff/stores", token=token).ok()["items"]
    assert [store["store_id"] for store in seen] == [bazaar.tea.store_id]
    assert people.call("GET", f"/staff/products/{bazaar.products['CUP']}", token=token).status == 404


@pytest.mark.capability("MER-06")
def test_each_seller_counts_for_itself_whole_before_split(bazaar: Bazaar) -> None:
    """The retailer's goods come from two stores where neither has all of them, the merchant's from its one."""
    market = bazaar.market
    second = market.store("Souk Baixa", rank=200)
    market.receive(second, {"CUP": 10})
    quote = market.quote({"CUP": 15, "PUERH": 2}).ok()
    assert [(one["store_id"], one["units"]) for one in quote["parcels"]] == [
        (bazaar.own, {"CUP": 10}),
        (second, {"CUP": 5}),
        (bazaar.tea.store_id, {"PUERH": 2}),
    ]
    assert quote["freight_minor"] == 300, "the terms of its first store hold for each: the retailer's is for nothing"
    order_id = market.buy({"CUP": 15, "PUERH": 2})
    whole = market.order(order_id)
    assert Counter(market.order(one["order_id"])["store_id"] for one in whole["became"]) == Counter(
        [bazaar.own, second, bazaar.tea.store_id]
    )


@pytest.mark.capability("MER-06")
def test_more_than_five_sellers_are_too_many_for_one_order(bazaar: Bazaar) -> None:
    wanted = dict(WANTED)
    for n in range(3):
        trader(bazaar.market, f"Stall{n}").goods({f"STALL-{n}": 100})
        wanted[f"STALL-{n}"] = 1
    refused = bazaar.market.quote(wanted)
    assert (refused.status, refused["code"], refused["most"]) == (422, "too_many_sellers", 5)
    assert bazaar.market.quote(dict.fromkeys(list(wanted)[:5], 1)).status == 200


@pytest.mark.capability("MER-03")
def test_staff_of_a_merchant_order_for_a_buyer_of_their_own_goods_alone(bazaar: Bazaar) -> None:
    def ask(sku: str) -> Answer:
        order = {"buyer_id": OTTO.id, "address": ADDRESS, "contact": {"name": "Otto", "phone": "+49 30 900 002"}}
        said = order | {"lines": [{"sku": sku, "quantity": 1}], "reason": "by telephone"}
        headers = {"Idempotency-Key": f"key-{sku}"}
        return bazaar.shop.post("/staff/assisted-orders", said, as_=bazaar.tea.boss, headers=headers)

    assert ask("PUERH").status == 201
    foreign, absent = ask("CUP"), ask("NOSUCH")
    assert foreign.status == absent.status == 409
    assert str(foreign.body).replace("CUP", "") == str(absent.body).replace("NOSUCH", "")


@pytest.mark.capability("MER-03")
def test_what_is_a_merchants_says_so_in_its_keys(bazaar: Bazaar) -> None:
    """Stock, orders at their desk, tasks, cases, documents: whatever is listed by store is listed by owner."""
    market, shop, tea = bazaar.market, bazaar.shop, bazaar.tea
    order_id = bazaar.parts(market.buy(WANTED))["PUERH"]
    market.prepare(order_id)
    market.ship(order_id)
    wish = {"order_id": order_id, "lines": [{"sku": "PUERH", "quantity": 1}], "reason": "damaged", "text": "torn"}
    shop.post("/me/refunds", wish, as_=INES).ok()
    kept = {"Store", "Stock", "StockDocument", "Order", "Pick", "RefundCase", "Product"}
    for (pk, sk), row in shop.everything().items():
        keys = (pk, sk, *(str(value) for name, value in row.items() if name.startswith("gsi")))
        said = json.loads(text_of(row))
        if said.get("store_id") == tea.store_id or said.get("product_id") == bazaar.products["PUERH"]:
            assert row["kind"] not in kept or any(tea.merchant_id in key for key in keys), (row["kind"], keys)
            kept.discard(row["kind"])
    assert not kept


@pytest.mark.capability("MER-06")
def test_the_largest_cart_of_as_many_sellers_as_may_be_is_one_transaction(market: Market) -> None:
    traders = [trader(market, f"Stall{n}") for n in range(5)]
    wanted = {f"S{n}-{m}": 1 for n in range(5) for m in range(8)}
    for n, one in enumerate(traders):
        one.goods({f"S{n}-{m}": 100 for m in range(8)})
    order_id = market.buy(wanted)
    became = market.order(order_id)["became"]
    assert len(became) == 5
    assert {market.order(one["order_id"])["store_id"] for one in became} == {one.store_id for one in traders}


@pytest.mark.capability("MER-03")
def test_a_store_takes_back_what_its_owner_sold_and_nothing_else(bazaar: Bazaar) -> None:
    market, shop = bazaar.market, bazaar.shop
    order_id = market.buy({"PUERH": 1})
    market.prepare(order_id)
    market.ship(order_id).ok()
    clerk = Caller(id="clerk", kind="staff", may=shop.boss.may, stores=frozenset({bazaar.own}))

    def bring(store_id: str, by: Caller) -> Answer:
        said = {"return_id": f"R-{by.id}", "order_id": order_id, "lines": [{"sku": "PUERH", "quantity": 1}]}
        return shop.post("/staff/returns", said | {"condition": "restock", "store_id": store_id}, as_=by)

    assert bring(bazaar.own, clerk)["code"] == "no_such_order"
    assert bring(bazaar.own, shop.boss)["code"] == "anothers_store"
    assert bring(bazaar.tea.store_id, bazaar.mats.boss).status == 404
    assert bring(bazaar.tea.store_id, bazaar.tea.boss).status == 201
    assert market.level("PUERH", bazaar.tea.store_id) == (10, 0, 10)


@pytest.mark.capability("MER-06")
def test_money_that_comes_late_brings_the_goods_of_every_seller_back(bazaar: Bazaar) -> None:
    market, shop = bazaar.market, bazaar.shop
    placed = market.checkout(WANTED)
    order_id = str(placed.ok()["order"]["order_id"])
    with patch.object(attempts, "stop", return_value=None):
        shop.invoke("CloseUnpaid", {"order_id": order_id})
    assert bazaar.reserved() == dict.fromkeys(WANTED, 0)
    market.pay(placed)
    market.hear()
    shop.drain(times=2)
    assert set(bazaar.parts(order_id)) == set(WANTED) and bazaar.reserved() == WANTED
