"""From quote to order: what it costs, what is reserved, what a repeated command does."""

import pytest

from souk.domains.orders.model.requests import Checkout, fingerprint_of
from tests.support.market import ADDRESS, CONTACT, INES, OTTO, Market, option
from tests.support.table import before_next_write


@pytest.mark.capability("ORD-02")
def test_the_quote_is_itemised_and_the_same_every_time(market: Market) -> None:
    market.goods({"TEA": 500, "CUP": 1299}, {market.store(freight_minor=490): 10})
    market.set_up(tax_basis_points=2300)
    quote = market.quote({"TEA": 2, "CUP": 1}).ok()
    assert (quote["goods_minor"], quote["freight_minor"]) == (2299, 490)
    assert quote["tax_minor"] == 641  # 23 % of 27.89, half-up
    assert quote["total_minor"] == 2299 + 490 + 641
    assert quote["total_minor"] == sum(amount["minor"] for line in quote["lines"] for amount in line["amounts"])
    assert market.quote({"TEA": 2, "CUP": 1}).ok() == quote


@pytest.mark.capability("ORD-02")
@pytest.mark.capability("PRD-07")
def test_an_order_for_a_stale_quote_is_answered_with_the_new_one(market: Market) -> None:
    made = market.goods({"TEA": 500}, {market.store(): 10})
    old = market.quote({"TEA": 1}).ok()
    market.set_price(made["TEA"], "TEA", 600)
    refused = market.checkout({"TEA": 1}, quote_id=old["quote_id"])
    assert (refused.status, refused["code"]) == (409, "quote_changed")
    assert refused["quote"]["total_minor"] == 600
    assert market.checkout({"TEA": 1}, quote_id=refused["quote"]["quote_id"]).status == 201


@pytest.mark.capability("ORD-03")
@pytest.mark.capability("INV-01")
def test_an_order_keeps_what_was_agreed_and_reserves_its_stock(market: Market) -> None:
    made = market.goods({"TEA": 500}, {market.store(): 10})
    placed = market.checkout({"TEA": 3})
    assert placed.status == 201
    order = placed["order"]
    assert order["status"] == "awaiting_payment"
    assert (order["address"]["city"], order["contact"]["name"]) == ("Lisboa", "Inês Carvalho")
    assert (order["payment_method"], order["delivery_method"], order["total_minor"]) == ("card", "parcel", 1500)
    assert market.stock("TEA") == {"on_hand": 10, "reserved": 3, "available": 7}
    path = f"/staff/products/{made['TEA']}"
    version = market.shop.get(path, as_=market.shop.boss)["version"]
    edit = {"version": version, "name": {"en": "Renamed"}, "category_id": market.category_id}
    market.set_price(made["TEA"], "TEA", 999)
    market.shop.put(path, edit, as_=market.shop.boss).ok()
    market.shop.delete(path, as_=market.shop.boss).ok()
    assert market.shop.get(path, as_=market.shop.boss)["status"] == "deleted"
    assert market.shop.get(f"/shop/products/{made['TEA']}").status == 404
    assert market.shop.get(f"/me/orders/{order['order_id']}", as_=INES).ok() == order
    assert order["lines"][0]["name"]["en"] == "Tea"


@pytest.mark.capability("ORD-03")
def test_the_same_key_is_the_same_order_and_another_body_is_refused(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 10})
    quote_id = market.quote({"TEA": 1}).ok()["quote_id"]
    first, again = (market.checkout({"TEA": 1}, key="click", quote_id=quote_id) for _ in range(2))
    assert again.status == 201 and again.body == first.body
    assert len(market.shop.rows("Order")) == 1
    assert market.stock("TEA")["reserved"] == 1
    assert len(market.stripe.objects("payment_intent")) == 1
    other = market.checkout({"TEA": 2}, key="click")
    assert (other.status, other["code"]) == (409, "idempotency_key_reused")


def test_another_buyers_key_means_nothing_here(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 10})
    orders = {market.checkout({"TEA": 1}, by=buyer, key="click")["order"]["order_id"] for buyer in (INES, OTTO)}
    assert len(orders) == 2


def test_a_repeat_is_answered_even_if_the_price_has_changed_since(market: Market) -> None:
    made = market.goods({"TEA": 500}, {market.store(): 10})
    quote_id = market.quote({"TEA": 1}).ok()["quote_id"]
    first = market.checkout({"TEA": 1}, key="click", quote_id=quote_id)
    market.set_price(made["TEA"], "TEA", 900)
    assert market.checkout({"TEA": 1}, key="click", quote_id=quote_id).body == first.body


@pytest.mark.capability("INV-03")
def test_the_last_units_are_sold_once(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 3})
    quote_id = market.quote({"TEA": 1}).ok()["quote_id"]
    answers = [market.checkout({"TEA": 1}, quote_id=quote_id) for _ in range(5)]
    assert [answer.status for answer in answers] == [201, 201, 201, 409, 409]
    assert answers[-1]["code"] == "insufficient_stock"
    assert market.stock("TEA") == {"on_hand": 3, "reserved": 3, "available": 0}


def test_an_order_for_more_than_there_is_takes_nothing_of_the_rest(market: Market) -> None:
    store = market.store()
    market.goods({"TEA": 500}, {store: 9})
    market.goods({"CUP": 900}, {store: 1})
    assert market.quote({"TEA": 2, "CUP": 2}).body["sku"] == "CUP"
    assert market.stock("TEA")["reserved"] == 0


@pytest.mark.capability("STO-03")
def test_one_store_serves_the_order_whole_else_the_next(market: Market) -> None:
    near, far = market.store("Near", rank=1), market.store("Far", rank=2)
    market.goods({"TEA": 500}, {near: 5, far: 5})
    market.goods({"CUP": 900}, {far: 5})
    assert market.quote({"TEA": 5}).ok()["store_id"] == near
    next_one = market.quote({"TEA": 1, "CUP": 1}).ok()
    assert next_one["store_id"] == far
    assert next_one["explanation"] == ["Near is short of CUP", "Far has all of it"]
    assert market.quote({"TEA": 11}).body["code"] == "insufficient_stock"
    assert market.quote({"TEA": 1, "CUP": 1}).ok() == next_one


def test_a_long_order_finds_the_last_of_many_stores(market: Market) -> None:
    stores = [market.store(f"Store {rank}", rank=rank) for rank in range(8)]
    made = market.listed(market.category(), options=[option("size", *(f"s{n}" for n in range(40)))])
    goods = [sku["sku"] for sku in made["skus"]]
    market.receive(stores[-1], dict.fromkeys(goods, 2))
    assert market.checkout(dict.fromkeys(goods, 2))["order"]["store_id"] == stores[-1]


@pytest.mark.capability("STO-01")
@pytest.mark.capability("STO-03")
def test_a_store_that_is_closed_or_does_not_deliver_there_is_not_offered(market: Market) -> None:
    iberia = market.store("Iberia", serves=["PT", "ES"])
    market.goods({"TEA": 500}, {iberia: 5})
    assert market.quote({"TEA": 1}, country="JP").body["code"] == "not_delivered_there"
    sheet = market.shop.get(f"/staff/stores/{iberia}", as_=market.shop.boss).ok()
    told = ("store_id", "central", "merchant_id")
    closed = {name: value for name, value in sheet.items() if name not in told} | {"open": False}
    market.shop.put(f"/staff/stores/{iberia}", closed, as_=market.shop.boss).ok()
    market.shop.pass_time(minutes=1)
    assert market.quote({"TEA": 1}).status == 409
    assert market.shop.get("/shop/stores").ok()["items"] == []


@pytest.mark.capability("STO-03")
def test_a_store_that_works_today_goes_before_one_that_does_not_in_the_same_country(market: Market) -> None:
    weekdays = [{"day": day, "opens": "09:00", "closes": "18:00"} for day in ("mon", "tue", "wed", "thu", "fri")]
    first = market.store("First", rank=1, hours=weekdays, holidays=["2026-11-03"])
    second = market.store("Second", rank=2)
    abroad = market.store("Abroad", rank=0, address=ADDRESS | {"country": "ES"})
    market.goods({"TEA": 500}, {first: 5, second: 5, abroad: 5})

    def serves(units: int = 1) -> str:
        return str(market.quote({"TEA": units}).ok()["store_id"])

    assert serves() == first
    market.shop.pass_time(hours=14)  # Monday, 23:00: closed for the night, and yet its parcels leave first
    assert serves() == first
    market.shop.pass_time(hours=10)  # its holiday
    assert serves() == second
    market.shop.pass_time(days=4)  # a Saturday
    assert serves() == second
    market.shop.pass_time(days=2)
    assert serves() == first


@pytest.mark.capability("PAY-16")
def test_an_order_stands_though_the_provider_is_down_and_is_paid_later(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 3})
    market.stripe.fail_next("timeout_before", count=2)
    placed = market.checkout({"TEA": 1})
    assert (placed.status, placed["payment"]) == (201, None)
    started = market.shop.post("/me/payments", {"order_id": placed["order"]["order_id"]}, as_=INES).ok()
    market.stripe.buyer.pay(started["client_secret"])
    market.hear()
    assert market.order(placed["order"]["order_id"])["status"] == "paid"


def test_staff_take_an_order_with_its_own_date_prices_and_freight_and_it_is_audited(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 30})
    request = {
        "buyer_id": INES.id,
        "address": ADDRESS,
        "contact": CONTACT,
        "freight_minor": 3238,
        "placed_at": "1996-07-04T00:00:00.000Z",
        "reason": "Order 10248",
        "lines": [{"sku": "TEA", "quantity": 12, "unit_price_minor": 1400, "discount_basis_points": 1500}],
    }
    headers = {"Idempotency-Key": "10248"}
    placed = market.shop.post("/staff/assisted-orders", request, as_=market.shop.boss, headers=headers)
    order = placed.ok()["order"]
    assert (order["goods_minor"], order["discount_minor"], order["freight_minor"]) == (16800, 2520, 3238)
    assert (order["placed_at"], order["buyer_id"]) == ("1996-07-04T00:00:00Z", INES.id)
    again = market.shop.post("/staff/assisted-orders", request, as_=market.shop.boss, headers=headers)
    assert again.body["order"] == order
    (entry,) = market.shop.get("/staff/audit", as_=market.shop.boss, subject=order["order_id"]).ok()["items"]
    assert entry["details"]["lines"] == {"TEA": {"unit_price_minor": 1400, "discount_basis_points": 1500}}
    assert (entry["details"]["freight_minor"], entry["reason"]) == (3238, "Order 10248")

    clerk = market.shop.staff("orders.assist")
    assert (
        market.shop.post("/staff/assisted-orders", request, as_=clerk, headers={"Idempotency-Key": "2"}).status == 403
    )
    plain = {**{k: request[k] for k in ("buyer_id", "address", "contact")}, "lines": [{"sku": "TEA", "quantity": 1}]}
    assert market.shop.post("/staff/assisted-orders", plain, as_=clerk, headers={"Idempotency-Key": "3"}).status == 201


@pytest.mark.capability("ORD-03")
def test_an_order_that_is_cancelled_while_its_payment_begins_was_placed_all_the_same(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.goods({"TEA": 500}, {market.store(): 10})
    quote_id = market.quote({"TEA": 1}).ok()["quote_id"]

    def cancel_before_the_next() -> None:
        before_next_write(monkeypatch, lambda: market.cancel(market.shop.rows("Order")[0]["order_id"]), of="Payment")

    before_next_write(monkeypatch, cancel_before_the_next, of="Payment")
    placed = market.checkout({"TEA": 1}, quote_id=quote_id)
    assert (placed.status, placed["payment"]) == (201, None)
    assert market.order(placed["order"]["order_id"])["status"] == "cancelled"


def test_a_release_that_has_more_to_ask_for_knows_a_checkout_that_was_sent_before() -> None:
    class Later(Checkout):
        gift_wrap: bool = False

    said = {"lines": [{"sku": "TEA", "quantity": 1}], "quote_id": "0" * 32, "address": ADDRESS, "contact": CONTACT}
    before = fingerprint_of(Checkout.model_validate(said))
    assert fingerprint_of(Later.model_validate(said | {"gift_wrap": False})) == before
    assert fingerprint_of(Later.model_validate(said | {"gift_wrap": True})) != before
