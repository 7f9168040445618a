"""Settlements: what a merchant's sales of a month come to, and who reads it."""

import pytest

from tests.support import books, disputes, merchants
from tests.support import settlements as desk
from tests.support.market import INES, Market
from tests.support.merchants import Trader
from tests.support.people import People
from tests.support.profile import NEW, Member

MONTH = "2026-11"


@pytest.fixture
def trader(market: Market) -> Trader:
    return desk.kiln(market)


@pytest.fixture
def kiln(trader: Trader) -> str:
    """The merchant's id."""
    return trader.merchant_id


@pytest.mark.capability("MER-04")
@pytest.mark.capability("MER-05")
def test_a_merchants_sale_is_owed_to_it_less_the_commission_which_alone_is_earned(market: Market, kiln: str) -> None:
    order = market.order(desk.delivered(market, {"CUP": 3}))
    cups = next(line for line in order["lines"] if line["sku"] == "CUP")
    amounts = {one["kind"]: one["minor"] for one in cups["amounts"]}
    fee = desk.fee_of(1099, 3)
    assert cups["commission_minor"] == fee
    told = desk.settlement(market, kiln)
    assert (told["sales_minor"], told["fees_minor"]) == (3 * 1099 + amounts["freight"], fee)
    assert told["payable_minor"] == told["sales_minor"] - fee
    assert (told["status"], told["movements"]) == ("open", 1)
    (moved,) = desk.movements(market, kiln)
    assert (moved["subject"], moved["kind"], moved["payable_minor"]) == (
        order["order_id"],
        "sale",
        told["payable_minor"],
    )
    booked = books.accounts(books.entries(market.shop))
    assert booked[f"merchants_payable:{kiln}"] == -told["payable_minor"]
    assert booked[f"commission:{kiln}"] == -fee
    assert not {"revenue:own", "freight", "cost_of_goods"} & {*booked}
    assert booked["tax"] == -order["tax_minor"]
    # The books know one sum of all merchants; of what they sell the shop has no cost, and earns the fee.
    accounts = market.shop.get("/staff/ledger/balances", as_=market.shop.boss).ok()["items"][0]["accounts"]
    owed = {one["account"]: one["balance_minor"] for one in accounts}
    assert (owed["merchants_payable"], owed["commission"]) == (told["payable_minor"], fee)
    assert not any(":mer_" in account for account in owed)
    profit = market.shop.get("/staff/profit/products", as_=market.shop.boss, month=MONTH).ok()["items"]
    assert {one["sku"]: one["profit_minor"] for one in profit}["CUP"] == fee


@pytest.mark.capability("MER-05")
def test_of_a_cart_of_several_sellers_each_has_its_own_and_one_can_be_paid_back_alone(
    market: Market, kiln: str
) -> None:
    """The order that they were is taken back when it is split, and each part is sold."""
    order = market.order(market.buy({"CUP": 3, "TEA": 2}))
    tea, cups = sorted((market.order(one["order_id"]) for one in order["became"]), key=lambda one: one["goods_minor"])
    told = desk.settlement(market, kiln)
    assert (told["sales_minor"], told["fees_minor"], told["refunds_minor"]) == (3 * 1099 + 333, desk.fee_of(1099, 3), 0)
    assert {moved["kind"] for moved in desk.movements(market, kiln)} == {"sale"}
    assert tea["lines"][0]["commission_minor"] is None
    # What was booked before it was split makes nothing up, and says that the merchant finds it under its part.
    before = [moved for moved in desk.movements(market, kiln) if moved["undivided"]]
    assert {moved["subject"] for moved in before} == {order["order_id"]} == {cups["came_from"][0]["order_id"]}
    assert (len(before), sum(moved["payable_minor"] for moved in before)) == (2, 0)

    market.cancel(tea["order_id"]).ok()
    assert {**desk.settlement(market, kiln), "version": 0} == told | {"version": 0}
    market.cancel(cups["order_id"]).ok()
    back = desk.settlement(market, kiln)
    assert back["refunds_minor"] == back["sales_minor"] == told["sales_minor"]
    assert back["fees_minor"] == back["payable_minor"] == 0


@pytest.mark.capability("MER-05")
@pytest.mark.parametrize("paid_by", [{"paid_by": "cash"}, {"paid_by": "card_terminal", "reference": "T-1"}])
def test_what_a_merchants_own_till_takes_the_merchant_has_and_owes_the_fee_and_the_tax(
    market: Market, trader: Trader, paid_by: dict[str, str]
) -> None:
    total = 2 * 1099 + (2 * 1099 * 725 + 5_000) // 10_000
    lines = [{"sku": "CUP", "quantity": 2}]
    sale = {"store_id": trader.store_id, "sale_id": "S-1", "lines": lines, "total_minor": total, **paid_by}
    order_id = market.shop.post("/staff/sales", sale, as_=trader.boss).ok()["order_id"]
    told = desk.settlement(market, trader.merchant_id)
    assert (told["sales_minor"], told["taken_minor"], told["movements"]) == (2 * 1099, total, 2)
    assert told["payable_minor"] == 2 * 1099 - desk.fee_of(1099, 2) - total < 0
    booked = books.accounts(books.entries(market.shop))
    assert not [account for account in booked if account.startswith("clearing")]
    assert booked[f"merchants_payable:{trader.merchant_id}"] == -told["payable_minor"]

    for _ in range(2):
        desk.bring_back(market, order_id, {"CUP": 1})
    after = desk.settlement(market, trader.merchant_id)
    assert (after["taken_minor"], after["fees_minor"], after["payable_minor"]) == (0, 0, 0)
    assert after["refunds_minor"] == after["sales_minor"] == 2 * 1099
    kinds = [moved["kind"] for moved in desk.movements(market, trader.merchant_id)]
    assert sorted(kinds) == ["refund", "refund", "sale", "till", "till", "till"]


@pytest.mark.capability("MER-05")
def test_what_a_merchants_till_took_never_becomes_a_balance_with_the_shop(
    market: Market, trader: Trader, people: People
) -> None:
    """The shop would owe the buyer what it has never had."""
    member = Member(people)
    member.change("phone")
    total = 2 * 1099 + (2 * 1099 * 725 + 5_000) // 10_000
    sale = {
        "store_id": trader.store_id,
        "sale_id": "S-1",
        "total_minor": total,
        "paid_by": "cash",
        "phone": NEW["phone"],
    }
    lines = [{"sku": "CUP", "quantity": 2}]
    sold = market.shop.post("/staff/sales", sale | {"lines": lines}, as_=trader.boss).ok()
    about = {"order_id": sold["order_id"], "lines": lines, "reason": "damaged"}
    brought = {"return_id": "R-1", "condition": "restock", "store_id": trader.store_id, **about}
    given = {"reference": "G-1", "amount_minor": total, "reason": "sorry"}
    for path, said in (
        ("/staff/returns", brought),
        ("/staff/refunds", about),
        (f"/staff/payments/{sold['order_id']}/refunds", given),
    ):
        refused = market.shop.post(path, said | {"refund_to": "balance"}, as_=trader.boss)
        assert (refused.status, refused.body["code"]) == (422, "taken_by_merchant"), path
    market.shop.post("/staff/returns", brought, as_=trader.boss).ok()
    assert market.shop.rows("Wallet") == []


@pytest.mark.capability("MER-05")
@pytest.mark.parametrize("store", ["its store", "no store"])
def test_goodwill_for_a_merchants_order_is_the_merchants_until_its_goods_come_back(
    market: Market, trader: Trader, store: str
) -> None:
    kiln, order_id = trader.merchant_id, market.buy({"CUP": 2})
    if store == "no store":
        declined = {"store_id": trader.store_id, "reason": "no stock"}
        market.shop.post(f"/staff/handling/{order_id}/decline", declined, as_=trader.boss).ok()
        assert market.order(order_id)["status"] == "unassigned"
    before = desk.settlement(market, kiln)["payable_minor"]
    given = {"reference": "G-1", "amount_minor": 2_000, "reason": "sorry"}
    by = market.shop.boss if store == "no store" else trader.boss
    market.shop.post(f"/staff/payments/{order_id}/refunds", given, as_=by).ok()
    told = desk.settlement(market, kiln)
    assert (told["refunds_minor"], told["payable_minor"]) == (2_000, before - 2_000)
    booked = books.accounts(books.entries(market.shop))
    assert "goodwill" not in booked
    assert booked[f"merchants_payable:{kiln}"] == -told["payable_minor"]
    if store == "no store":
        market.shop.post(
            f"/staff/handling/{order_id}/assign", {"store_id": trader.store_id, "reason": "found"}, as_=market.shop.boss
        ).ok()
    market.cancel(order_id).ok()
    assert desk.settlement(market, kiln)["payable_minor"] == 0
    assert {moved["kind"] for moved in desk.movements(market, kiln)} == {"sale", "refund"}


@pytest.mark.capability("MER-05")
def test_what_a_bank_takes_back_for_good_of_a_merchants_order_is_the_merchants(market: Market, trader: Trader) -> None:
    order_id = market.buy({"CUP": 2})
    before = desk.settlement(market, trader.merchant_id)["payable_minor"]
    opened = disputes.dispute(market, order_id)
    disputes.hear(market)
    assert desk.settlement(market, trader.merchant_id)["payable_minor"] == before, "the bank has not decided"
    market.shop.post(f"/staff/disputes/{order_id}/{opened['id']}/accept", as_=trader.boss).ok()
    disputes.hear(market)
    told, total = desk.settlement(market, trader.merchant_id), market.order(order_id)["total_minor"]
    assert (told["refunds_minor"], told["payable_minor"]) == (total, before - total)
    booked = books.accounts(books.entries(market.shop))
    assert not {"dispute_losses", "disputed", "clearing:stripe"} & {*booked}


@pytest.mark.capability("MER-05", "PAY-15")
@pytest.mark.parametrize("status", ["won", "lost"])
def test_what_a_balance_gives_back_of_a_merchants_dispute_is_no_loss_of_the_merchant(
    market: Market, trader: Trader, status: str
) -> None:
    """Its goods were credited to the balance before the bank took the money, so it had none of it."""
    order_id = market.buy({"CUP": 2})
    said = {"reason": "too many", "refund_to": "balance"}
    market.shop.post(f"/me/orders/{order_id}/cancel", said, as_=INES).ok()
    opened = disputes.dispute(market, order_id)
    disputes.hear(market)
    disputes.decide(market, opened, status)
    disputes.hear(market)
    assert desk.settlement(market, trader.merchant_id)["payable_minor"] == 0
    booked, total = books.accounts(books.entries(market.shop)), market.order(order_id)["total_minor"]
    kept = {"clearing:stripe": total, "wallet": -total} if status == "won" else {}
    assert {name: minor for name, minor in booked.items() if minor and not name.startswith("tax")} == kept


@pytest.mark.capability("MER-05")
def test_a_merchants_people_read_their_own_settlements_and_nobody_elses(market: Market, trader: Trader) -> None:
    market.buy({"CUP": 1})
    told = desk.settlement(market, trader.merchant_id)
    weavers = merchants.trader(market, "Weavers")
    desk.adjust(market, weavers.merchant_id, 5).ok()
    for caller in (trader.boss, merchants.people_of(trader.merchant_id, "accounts")):
        for rest in ("", f"/{MONTH}/EUR", f"/{MONTH}/EUR/movements"):
            ours, theirs, nobodys = (
                market.shop.get(f"/staff/settlements/{one}{rest}", as_=caller)
                for one in (trader.merchant_id, weavers.merchant_id, "mer_nobody")
            )
            assert (ours.status, theirs.status) == (200, 404)
            assert theirs.body == nobodys.body
        assert market.shop.get("/staff/settlements", as_=caller).status == 404
    assert market.shop.get(f"/staff/settlements/{trader.merchant_id}/{MONTH}/EUR", as_=trader.boss).ok() == told


@pytest.mark.capability("MER-05")
def test_who_closed_paid_and_adjusted_and_from_which_account_is_the_shops_own_business(
    market: Market, trader: Trader
) -> None:
    kiln, path = trader.merchant_id, f"/staff/settlements/{trader.merchant_id}"
    market.buy({"CUP": 3})
    desk.adjust(market, kiln, 250).ok()
    desk.settlement(market, kiln)
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    desk.close(market, kiln).ok()
    paid = desk.pay_out(market, kiln).ok()
    seen = market.shop.get(f"{path}/{MONTH}/EUR", as_=trader.boss).ok()
    payout = paid["payout"] | {"by": "shop", "bank_account": None}
    assert seen == paid | {"closed_by": "shop", "payout": payout} != paid
    assert market.shop.get(path, as_=trader.boss).ok()["items"] == [seen]
    theirs = market.shop.get(f"{path}/{MONTH}/EUR/movements", as_=trader.boss, limit=100).ok()["items"]
    told = desk.movements(market, kiln)
    assert theirs == [moved | {"by": moved["by"] and "shop"} for moved in told] != told


@pytest.mark.capability("MER-04")
def test_the_buyer_is_not_told_what_the_shop_keeps_nor_staff_who_may_not_see_the_books(
    market: Market, kiln: str
) -> None:
    order_id = market.buy({"CUP": 3})
    assert "commission_minor" not in str(market.shop.get(f"/me/orders/{order_id}", as_=INES).ok())
    seen = market.shop.get(f"/staff/orders/{order_id}", as_=market.shop.staff("orders.read")).ok()
    assert seen["lines"][0]["commission_minor"] is None
    assert market.order(order_id)["lines"][0]["commission_minor"] == desk.fee_of(1099, 3)


@pytest.mark.capability("MER-04")
def test_what_staff_take_off_is_the_merchants_and_the_fee_is_on_what_is_left(market: Market, kiln: str) -> None:
    order = market.order(market.assisted({"sku": "CUP", "quantity": 3, "discount_basis_points": 1000}))
    paid = 3 * 1099 - 330
    assert order["lines"][0]["commission_minor"] == (paid * 1250 + 5_000) // 10_000 + 21
    assert desk.settlement(market, kiln)["sales_minor"] == paid + 333


@pytest.mark.capability("MER-04")
def test_units_that_come_back_one_by_one_give_back_the_whole_fee(market: Market, kiln: str) -> None:
    order_id = desk.delivered(market, {"CUP": 3})
    for _ in range(3):
        market.shop.pass_time(days=1)
        desk.bring_back(market, order_id, {"CUP": 1})
    told = desk.settlement(market, kiln)
    assert told["sales_minor"] == told["refunds_minor"] == 3 * 1099 + 333
    assert told["fees_minor"] == told["payable_minor"] == 0
    fees = [moved["fee_minor"] for moved in desk.movements(market, kiln)]
    assert fees[0] == desk.fee_of(1099, 3) == -sum(fees[1:])
    assert all(2 * abs(3 * fee + fees[0]) <= 2 * 3 for fee in fees[1:])


@pytest.mark.capability("MER-05")
def test_an_adjustment_has_a_reason_and_is_made_once(market: Market, kiln: str) -> None:
    made = desk.adjust(market, kiln, 250).ok()
    assert desk.adjust(market, kiln, 250).ok() == made
    assert desk.adjust(market, kiln, 251).body["code"] == "adjustment_reference_used"
    assert desk.adjust(market, kiln, 0, reference="ADJ-2").body["code"] == "nothing_adjusted"
    assert desk.adjust(market, "mer_nobody", 250).status == 404
    assert desk.adjust(market, kiln, -100, reference="ADJ-3").ok()["by"] == "boss"
    told = desk.settlement(market, kiln)
    assert (told["adjustments_minor"], told["payable_minor"], told["movements"]) == (150, 150, 2)
    first, second = desk.movements(market, kiln)
    assert {first["reason"], second["reason"]} == {"late delivery"}
    booked = books.accounts(books.entries(market.shop))
    assert (booked["merchant_adjustments"], booked[f"merchants_payable:{kiln}"]) == (150, -150)


@pytest.mark.capability("MER-05")
def test_a_month_is_read_page_by_page(market: Market, kiln: str) -> None:
    for number in range(5):
        desk.adjust(market, kiln, 10 + number, reference=f"A-{number}").ok()
        market.shop.pass_time(seconds=1)
    path = f"/staff/settlements/{kiln}/{MONTH}/EUR/movements"
    found, cursor = list[int](), None
    while True:
        page = market.shop.get(path, as_=market.shop.boss, limit=2, **({"cursor": cursor} if cursor else {})).ok()
        found += [one["payable_minor"] for one in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert found == [10, 11, 12, 13, 14], "as they were booked"
