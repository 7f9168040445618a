"""Sixteen of the staff pay back at once: never more than was captured, and what is left is still to be had."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from souk.domains.payments.model.refund import Goodwill
from souk.flows import refund
from souk.kernel.errors import Refusal
from souk.table import current
from tests.support import books
from tests.support.market import Market
from tests.support.refunds import settle
from tests.support.shared_table import SharedTable

AT_ONCE, EACH = 16, 733


@pytest.mark.capability("AFS-03")
def test_of_16_partial_refunds_at_once_no_more_is_given_than_was_captured(market: Market) -> None:
    table = SharedTable()
    current.use(table)
    market.shop.table = table
    market.goods({"CUP": 1099}, {market.store(freight_minor=333): 50})
    order_id = market.buy({"CUP": 3})
    captured = market.money(order_id)["balances"]["charged_minor"]
    fit = captured // EACH

    def give(number: int) -> str:
        wanted = Goodwill(reference=f"G-{number}", amount_minor=EACH, reason="It came late")
        try:
            return refund.give(order_id, wanted, by=market.shop.boss).status
        except Refusal as refusal:
            return refusal.code()

    table.gate = threading.Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = Counter(pool.map(give, range(AT_ONCE)))
    table.gate = None
    # Who was overtaken too often is told to send the same again, and then it fits or does not.
    outcomes += Counter(give(number) for number in range(AT_ONCE)) if outcomes["changed_meanwhile"] else Counter()
    assert {*outcomes} <= {"pending", "refund_too_high", "changed_meanwhile"}
    given = [one["amount_minor"] for one in market.money(order_id)["refunds"]]
    assert given == [EACH] * fit
    rest = {"reference": "REST", "amount_minor": captured - fit * EACH, "reason": "all of it"}
    market.shop.post(f"/staff/payments/{order_id}/refunds", rest, as_=market.shop.boss).ok()
    settle(market)
    balances = market.money(order_id)["balances"]
    assert balances["refunded_minor"] == balances["charged_minor"] == captured
    assert sum(one["amount"] for one in market.stripe.objects("refund")) == captured
    assert books.accounts(books.entries(market.shop))["refunds_payable"] == 0
