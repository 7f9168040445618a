"""Orders of every kind whose money is only authorised: each is taken once, when it has to be, and as it was agreed."""

from collections.abc import Iterator

import pytest

from tests.support import bills, books, sales
from tests.support.authorised import booked, charges, lapse, money, state
from tests.support.bank_transfers import ACCOUNT, enter
from tests.support.bills import held, pull
from tests.support.kept import agree, one_click, settle_in
from tests.support.market import INES, Market, agreed_to
from tests.support.merchants import trader
from tests.support.refunds import give_back, settle
from tests.support.shop import Answer
from tests.support.wallets import topped_up

pytestmark = pytest.mark.capability("PAY-04")


@pytest.fixture
def market(market: Market) -> Iterator[Market]:
    """After each test the books balance, and the provider's bill of each day agrees with them."""
    market.shop.make_queues()
    market.set_up(capture="at_shipment", payment_methods=["card", "bank_transfer"], bank_account=ACCOUNT)
    yield market
    market.shop.drain()
    market.hear()
    market.shop.drain()
    books.check(market.shop)


def pay(market: Market, placed: Answer) -> str:
    """Authorised, prepared, and everybody told; the order's id."""
    market.pay(placed.ok() and placed)
    market.hear()
    market.shop.drain()
    order_id = str(placed["order"]["order_id"])
    market.prepare(order_id)
    return order_id


# -- flash sales


@pytest.fixture
def sale(market: Market) -> tuple[str, str]:
    """A store that has twenty, of which ten are in a sale that runs; the sale's id and the store's."""
    store_id = market.store(freight_minor=490)
    market.goods({"TEA": 500}, {store_id: 20})
    return sales.running(market, store_id), store_id


@pytest.mark.capability("PRM-06")
def test_what_was_had_in_a_flash_sale_is_taken_at_its_price_as_it_leaves(market: Market, sale: tuple[str, str]) -> None:
    sale_id, store_id = sale
    order_id = pay(market, sales.buy(market, sale_id, 2))
    assert (state(market, order_id), charges(market), booked(market)) == (("confirmed", "authorised"), [(0, 0)], [])
    market.shop.pass_time(hours=2)
    assert market.level("TEA", store_id) == (20, 2, 18), "the sale is over, and its order is not"
    market.ship(order_id).ok()
    assert (charges(market), sorted(booked(market))) == ([(1090, 0)], ["charge", "sale"])
    (sold,) = (one for one in books.entries(market.shop) if one["cause"] == "sale")
    assert sold["campaign"] == sale_id
    assert market.level("TEA", store_id) == (18, 0, 18)


@pytest.mark.capability("PRM-06")
@pytest.mark.parametrize(("end", "over"), [("cancelled", False), ("cancelled", True), ("lapsed", True)])
def test_what_was_had_in_a_flash_sale_and_is_let_go_is_the_sales_again_or_the_stores(
    market: Market, sale: tuple[str, str], end: str, over: bool
) -> None:
    sale_id, store_id = sale
    order_id = pay(market, sales.buy(market, sale_id, 2))
    if over:
        market.shop.pass_time(hours=2)
    if end == "cancelled":
        market.cancel(order_id).ok()
    else:
        lapse(market)
        assert market.ship(order_id)["code"] == "payment_lapsed"
    assert (state(market, order_id), charges(market), booked(market)) == (("cancelled", "voided"), [(0, 1090)], [])
    assert market.level("TEA", store_id) == ((20, 0, 20) if over else (20, 10, 10))
    if not over:
        assert sales.left(market, sale_id) == {"stock": 10}
        assert sales.buy(market, sale_id, 2).status == 201


# -- several sellers


@pytest.mark.capability("MER-06")
@pytest.mark.capability("ORD-11")
def test_of_several_sellers_it_is_taken_once_as_it_is_split_and_each_ships_and_gives_back_alone(
    market: Market,
) -> None:
    market.set_up(tax_basis_points=2300)
    market.goods({"CUP": 1000}, {market.store(freight_minor=490): 10})
    tea = trader(market, "Teahouse", freight_minor=300)
    tea.goods({"PUERH": 1999})
    order_id = market.paid({"CUP": 2, "PUERH": 1})
    assert (state(market, order_id), charges(market), booked(market)) == (("paid", "authorised"), [(0, 0)], [])
    market.shop.drain()
    total = market.order(order_id)["total_minor"]
    assert (state(market, order_id), charges(market)) == (("split", "moved"), [(total, 0)])
    parts = {one["lines"][0]["sku"]: one for one in map(market.order, _became(market, order_id))}
    for part in parts.values():
        market.prepare(part["order_id"])
        file = market.money(part["order_id"])
        assert (file["payment"]["status"], file["payment"]["captured_minor"]) == ("captured", part["total_minor"])
    market.ship(parts["PUERH"]["order_id"]).ok()
    market.cancel(parts["CUP"]["order_id"]).ok()
    market.shop.drain()
    market.hear()
    assert charges(market) == [(total, parts["CUP"]["total_minor"])]
    assert [state(market, parts[sku]["order_id"])[0] for sku in ("PUERH", "CUP")] == ["shipped", "cancelled"]


def _became(market: Market, order_id: str) -> list[str]:
    return [str(link["order_id"]) for link in market.order(order_id)["became"]]


@pytest.mark.capability("MER-06")
def test_of_several_sellers_what_is_cancelled_or_let_go_before_it_is_split_is_no_ones(market: Market) -> None:
    market.goods({"CUP": 1000}, {market.store(): 10})
    tea = trader(market, "Teahouse")
    tea.goods({"PUERH": 2000})
    cancelled = market.paid({"CUP": 2, "PUERH": 1})
    market.cancel(cancelled).ok()
    lost = market.paid({"CUP": 1, "PUERH": 1})
    lapse(market)
    market.shop.drain()
    for order_id in (cancelled, lost):
        assert (state(market, order_id), _became(market, order_id)) == (("cancelled", "voided"), [])
    assert (charges(market), booked(market)) == ([(0, 4000), (0, 3000)], [])
    assert market.stock("CUP")["reserved"] == market.stock("PUERH")["reserved"] == 0


# -- other currencies


@pytest.fixture
def abroad(market: Market) -> Iterator[Market]:
    market.set_up(charged_currencies=["USD"])
    market.set_rates(USD="1.0843")
    market.stripe.control("config", settles_in="eur", rates={"usd": "0.93"})
    market.goods({"CUP": 1099}, {market.store(): 9})
    yield market
    settle(market)
    market.shop.pass_time(days=1)
    bill = pull(market)
    theirs, ours = held(market)
    assert (bills.told(market.shop, bill["bill_id"]), theirs) == ({}, ours)


def in_dollars(market: Market, units: int) -> str:
    wanted = {"CUP": units}
    return pay(market, market.checkout(wanted, **agreed_to(market.quote(wanted, currency="USD").ok())))


@pytest.mark.capability("FX-02")
def test_what_was_agreed_in_dollars_is_taken_and_given_back_by_that_rate_whatever_it_is_as_it_leaves(
    abroad: Market,
) -> None:
    order_id = in_dollars(abroad, 3)
    assert (state(abroad, order_id), booked(abroad)) == (("confirmed", "authorised"), [])
    abroad.set_rates(USD="1.7")
    abroad.ship(order_id).ok()
    assert charges(abroad) == [(3575, 0)]
    file = abroad.money(order_id)
    assert (file["payment"]["captured_minor"], file["events"][0]["charged"]) == (
        3297,
        {"currency": "USD", "minor": 3575},
    )
    for _ in range(3):
        give_back(abroad, order_id, CUP=1)
        settle(abroad)
    assert charges(abroad) == [(3575, 3575)]


@pytest.mark.capability("FX-02")
def test_what_is_let_go_in_dollars_is_in_no_books(abroad: Market) -> None:
    order_id = in_dollars(abroad, 2)
    abroad.cancel(order_id).ok()
    assert (state(abroad, order_id), charges(abroad), booked(abroad)) == (("cancelled", "voided"), [(0, 2383)], [])


# -- goods that stand in for others


@pytest.mark.capability("ORD-14")
@pytest.mark.parametrize("instead", ["PIN", "POT"])
@pytest.mark.parametrize("end", ["shipped", "cancelled"])
def test_cheaper_or_dearer_goods_in_the_place_of_others_cost_what_was_agreed(
    market: Market, instead: str, end: str
) -> None:
    market.goods({"CUP": 1000, "PIN": 400, "POT": 5000}, {market.store(): 9})
    order_id = pay(market, market.checkout({"CUP": 2}))
    _substitute(market, order_id, instead).ok()
    assert (state(market, order_id), charges(market)) == (("confirmed", "authorised"), [(0, 0)])
    market.shop.drain()
    if end == "shipped":
        assert market.ship(order_id).ok()["units"] == {"CUP": 1, instead: 1}
        assert (charges(market), sorted(booked(market))) == ([(2000, 0)], ["charge", "sale"])
        give_back(market, order_id, **{instead: 1})
        settle(market)
        assert charges(market) == [(2000, 1000)]
    else:
        market.cancel(order_id).ok()
        assert (state(market, order_id), charges(market)) == (("cancelled", "voided"), [(0, 2000)])
        assert market.stock("CUP")["reserved"] == market.stock(instead)["reserved"] == 0


@pytest.mark.capability("ORD-14")
@pytest.mark.parametrize(("instead", "code"), [("CUP", "in_this_order"), ("POT", "insufficient_stock")])
def test_goods_that_cannot_stand_in_for_others_take_no_money(market: Market, instead: str, code: str) -> None:
    store_id = market.store()
    market.goods({"CUP": 1000, "POT": 5000})
    market.receive(store_id, {"CUP": 9})
    order_id = pay(market, market.checkout({"CUP": 2}))
    refused = _substitute(market, order_id, instead)
    assert (refused.status, refused["code"]) == (409, code)
    assert (money(market, order_id), charges(market)) == ("authorised", [(0, 0)])


def _substitute(market: Market, order_id: str, instead: str) -> Answer:
    """By staff, for one cup that is broken."""
    short = {"reference": "S-1", "sku": "CUP", "units": 1, "reason": "broken"}
    found = market.shop.post(f"/staff/shortages/{order_id}", short, as_=market.shop.boss).ok()
    path = f"/staff/shortages/{order_id}/{found['shortages'][0]['shortage_id']}"
    return market.shop.post(path, {"choice": "substitute", "sku": instead}, as_=market.shop.boss)


# -- kept methods and mandates


@pytest.mark.capability("PAY-12")
@pytest.mark.parametrize("end", ["shipped", "cancelled"])
def test_what_is_bought_with_one_click_waits_as_any_other_where_its_owner_is_there(market: Market, end: str) -> None:
    market.goods({"CUP": 1000}, {market.store(): 9})
    settle_in(market)
    bought = one_click(market, {"CUP": 2}, key="once").ok()
    order_id = bought["order"]["order_id"]
    assert (bought["standing"], state(market, order_id)) == ("paid", ("paid", "authorised"))
    assert one_click(market, {"CUP": 2}, key="once").ok() == bought
    market.hear()
    market.shop.drain()
    market.prepare(order_id)
    assert charges(market) == [(0, 0)]
    if end == "shipped":
        market.ship(order_id).ok()
        assert (charges(market), sorted(booked(market))) == ([(2000, 0)], ["charge", "sale"])
    else:
        market.cancel(order_id).ok()
        assert (state(market, order_id), charges(market)) == (("cancelled", "voided"), [(0, 2000)])


@pytest.mark.capability("PAY-13")
def test_what_is_charged_by_a_mandate_is_taken_at_once_and_goes_back(market: Market) -> None:
    market.goods({"CUP": 1000}, {market.store(): 9})
    agree(market, settle_in(market), charge=3000, day=5000).ok()
    order_id = one_click(market, {"CUP": 2}).ok()["order"]["order_id"]
    assert (state(market, order_id), charges(market)) == (("paid", "captured"), [(2000, 0)])
    market.hear()
    market.shop.drain()
    market.prepare(order_id)
    market.cancel(order_id).ok()
    settle(market)
    assert (state(market, order_id), charges(market)) == (("cancelled", "captured"), [(2000, 2000)])


@pytest.mark.capability("PAY-12")
def test_a_kept_card_of_whom_the_bank_asks_is_authorised_by_its_owner_and_taken_as_it_leaves(market: Market) -> None:
    market.goods({"CUP": 1000}, {market.store(): 9})
    agree(market, settle_in(market, "pm_card_authenticationRequired"), charge=3000, day=5000).ok()
    bought = one_click(market, {"CUP": 2}).ok()
    order_id = bought["order"]["order_id"]
    assert bought["standing"] != "paid"
    market.stripe.buyer.pay(bought["payment"]["client_secret"], "pm_card_visa")
    market.hear()
    market.shop.drain()
    market.prepare(order_id)
    assert (state(market, order_id), [one for one in charges(market) if any(one)]) == (("confirmed", "authorised"), [])
    market.ship(order_id).ok()
    assert [one for one in charges(market) if any(one)] == [(2000, 0)]


# -- what the balance pays in part


@pytest.mark.capability("PAY-18")
@pytest.mark.parametrize("end", ["shipped", "cancelled"])
def test_what_the_balance_pays_in_part_is_taken_when_paid_and_goes_back_to_both(market: Market, end: str) -> None:
    market.goods({"CUP": 1000}, {market.store(): 9})
    topped_up(market, 700)
    order_id = pay(market, market.checkout({"CUP": 3}, from_balance_minor=700))
    assert (state(market, order_id), charges(market)) == (("confirmed", "captured"), [(700, 0), (2300, 0)])
    if end == "shipped":
        market.ship(order_id).ok()
        give_back(market, order_id, CUP=3)
    else:
        market.cancel(order_id).ok()
    settle(market)
    assert charges(market) == [(700, 0), (2300, 2300)]
    (wallet,) = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    assert wallet["available_minor"] == 700


# -- what else may come


@pytest.mark.capability("PAY-06")
def test_a_transfer_for_an_order_that_is_authorised_goes_back_and_the_card_is_taken_as_it_leaves(
    market: Market,
) -> None:
    market.goods({"CUP": 1000}, {market.store(): 9})
    order_id = pay(market, market.checkout({"CUP": 2}))
    enter(market, 2000, market.order(order_id)["number"]).ok()
    (refund,) = market.money(order_id)["refunds"]
    assert (refund["status"], refund["amount_minor"]) == ("awaiting", 2000)
    assert state(market, order_id) == ("confirmed", "authorised")
    market.ship(order_id).ok()
    assert (state(market, order_id), charges(market)) == (("shipped", "captured"), [(2000, 0)])
