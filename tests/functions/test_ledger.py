"""The ledger: whatever moves money is booked where it happens, and debits are credits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.ledger.model.voucher import Unbalanced, VoucherDraft
from tests.support import books
from tests.support.market import RENT, Market

TODAY, MONTH = "2026-11-02", "2026-11"


@pytest.fixture
def market(market: Market) -> Market:
    """Odd prices, a freight that does not divide, and a tax."""
    market.set_up(tax_basis_points=725)
    market.goods({"CUP": 1099, "POT": 4567}, {market.store(freight_minor=333): 50})
    return market


def trial_balance(market: Market) -> dict[str, int]:
    """What each account holds, as staff read it."""
    found = market.shop.get("/staff/ledger/balances", as_=market.shop.boss).ok()["items"]
    if not found:
        return {}
    (of_euros,) = found
    assert of_euros["difference_minor"] == 0
    assert of_euros["debit_minor"] == of_euros["credit_minor"] == sum(a["debit_minor"] for a in of_euros["accounts"])
    return {one["account"]: one["balance_minor"] for one in of_euros["accounts"] if one["balance_minor"]}


def signed(sums: dict[str, int]) -> dict[str, int]:
    """Each on its account's own side: what is earned or owed is a credit."""
    debits = ("clearing", "receivable", "bank", "other_expense")
    return {account: minor if account.startswith(debits) else -minor for account, minor in sums.items() if minor}


@pytest.mark.capability("ANA-13")
def test_a_sale_is_revenue_freight_and_tax_and_the_money_is_at_the_provider(market: Market) -> None:
    order_id = market.buy({"CUP": 3})
    order = market.order(order_id)
    books.count(market.shop)
    assert trial_balance(market) == {
        "revenue:own": 3 * 1099,
        "freight": 333,
        "tax": order["tax_minor"],
        "clearing:stripe": order["total_minor"],
    }


@pytest.mark.capability("ANA-13")
def test_what_staff_take_off_is_a_discount_beside_the_revenue(market: Market) -> None:
    order = market.order(market.assisted({"sku": "CUP", "quantity": 3, "discount_basis_points": 1000}))
    books.count(market.shop)
    assert trial_balance(market) == {
        "revenue:own": 3 * 1099,
        "discounts:line_discount": -330,
        "freight": 333,
        "tax": order["tax_minor"],
        "clearing:stripe": order["total_minor"],
    }


@pytest.mark.capability("ANA-13")
def test_what_is_cancelled_leaves_the_books_with_nothing_but_its_history(market: Market) -> None:
    order_id = market.buy({"CUP": 3, "POT": 1})
    market.cancel(order_id).ok()
    books.count(market.shop)
    total = market.order(order_id)["total_minor"]
    assert trial_balance(market)["refunds_payable"] == total

    market.shop.drain()
    market.stripe.server.fake.tick()
    market.hear()
    books.count(market.shop)
    assert trial_balance(market) == {"revenue:own": 3 * 1099 + 4567, "refunds:own": -(3 * 1099 + 4567)}


@pytest.mark.capability("ANA-13")
def test_however_often_an_entry_is_delivered_it_counts_once(market: Market) -> None:
    market.buy({"CUP": 1})
    books.count(market.shop, times=2)
    once = trial_balance(market)
    market.buy({"POT": 2})
    books.count(market.shop, times=3)
    assert trial_balance(market) == signed(books.accounts(books.entries(market.shop)))
    assert once["revenue:own"] == 1099


@pytest.mark.capability("ANA-13")
def test_rent_is_booked_by_hand_once_and_taken_back_by_an_entry_that_mirrors_it(market: Market) -> None:
    boss = market.shop.boss
    voucher = market.shop.post("/staff/ledger/vouchers", RENT, as_=boss).ok()
    assert market.shop.post("/staff/ledger/vouchers", RENT, as_=boss).ok() == voucher
    other = market.shop.post("/staff/ledger/vouchers", RENT | {"note": "of December"}, as_=boss)
    assert (other.status, other["code"]) == (409, "voucher_reference_used")
    books.count(market.shop)
    assert trial_balance(market) == {"other_expense": 100, "bank": -100}

    path = f"/staff/ledger/vouchers/{voucher['voucher_id']}"
    assert market.shop.post(f"{path}/void", as_=boss).ok()["status"] == "voided"
    assert market.shop.post(f"{path}/void", as_=boss).status == 409
    books.count(market.shop)
    assert trial_balance(market) == {}
    booked = market.shop.get(f"/staff/ledger/entries/{voucher['voucher_id']}", as_=boss).ok()["items"]
    assert [entry["cause"] for entry in booked] == ["posted", "voided"]
    assert market.shop.get("/staff/ledger/vouchers", as_=boss, month=MONTH).ok()["items"] == [
        market.shop.get(path, as_=boss).ok()
    ]


@pytest.mark.capability("ANA-13")
@given(st.lists(st.tuples(st.sampled_from(["bank", "other_income", "other_expense"]), st.integers(-9, 9)), min_size=2))
def test_a_voucher_is_taken_exactly_where_its_debits_are_its_credits(postings: list[tuple[str, int]]) -> None:
    said = [{"account": account, "minor": minor} for account, minor in postings[:10]]
    draft = VoucherDraft.model_validate(RENT | {"postings": said})
    balances = sum(minor for _, minor in postings[:10]) == 0
    try:
        moves = draft.moves()
    except Unbalanced:
        assert not balances or not any(books.accounts([{"postings": said}]).values())
    else:
        assert balances
        assert {account: minor for account, minor in moves.items() if minor} == books.accounts([{"postings": said}])


@pytest.mark.capability("ANA-13")
def test_the_entries_of_a_day_are_read_in_order_and_page_by_page(market: Market) -> None:
    first = market.buy({"CUP": 1})
    market.shop.pass_time(minutes=1)
    second = market.buy({"CUP": 1})
    market.shop.pass_time(minutes=1)
    market.cancel(first).ok()
    asked: dict[str, Any] = {"day": TODAY, "limit": 1}
    found: list[dict[str, Any]] = []
    while "cursor" not in asked or asked["cursor"]:
        page = market.shop.get("/staff/ledger/entries", as_=market.shop.boss, **asked).ok()
        assert len(page["items"]) <= 1
        found += page["items"]
        asked["cursor"] = page["next_cursor"]
    assert [entry["subject"] for entry in found] == [first, first, second, second, first, first]
    assert {entry["cause"].partition(":")[0] for entry in found[:2]} == {"sale", "charge"}
    assert {entry["cause"].partition(":")[0] for entry in found[4:]} == {"left out", "refund_owed"}
    of_first = market.shop.get(f"/staff/ledger/entries/{first}", as_=market.shop.boss).ok()["items"]
    assert sorted(of_first, key=str) == sorted((entry for entry in found if entry["subject"] == first), key=str)


@pytest.mark.capability("ANA-13")
def test_the_books_are_head_offices_and_shut_to_who_may_not_read_them(market: Market) -> None:
    shop = market.shop
    for path, asked in (("balances", {}), ("entries", {"day": TODAY}), ("vouchers", {"month": MONTH})):
        assert shop.get(f"/staff/ledger/{path}", as_=shop.staff("ledger.read"), **asked).status == 200
        assert (
            shop.get(f"/staff/ledger/{path}", as_=shop.staff("ledger.read", stores=("sto_1",)), **asked).status == 404
        )
        assert shop.get(f"/staff/ledger/{path}", as_=shop.staff("reports.read"), **asked).status == 403
    assert shop.post("/staff/ledger/vouchers", RENT, as_=shop.staff("ledger.read")).status == 403
