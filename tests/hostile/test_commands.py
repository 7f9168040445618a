"""Commands that ask for too much, for something else, or for the same again at once."""

import sys
from typing import Any

import pytest

from tests.hostile.requests import operation, said
from tests.house.pages.routes import entries
from tests.support.market import ADDRESS, CONTACT, INES, OTTO, Market
from tests.support.sales import buy, left, running
from tests.support.shop import Answer
from tests.support.table import before_next_write

KEYS: dict[str, str | None] = {
    "29 none": None,
    "29 empty": "",
    "29 of 101 characters": "x" * 101,
    "29 of 300 characters": "x" * 300,
    "29 with a line break": "a\nb",
    "29 with a tab": "a\tb",
    "29 with NUL": "a\0",
    "29 in letters beyond ASCII": "ключ",
    "29 with half a character": "\ud800",
}


@pytest.fixture
def market(market: Market) -> Market:
    market.shop.keep_in_memory()
    return market


@pytest.fixture
def tea(market: Market) -> Market:
    market.goods({"TEA": 500, "CUP": 900}, {market.store(): 50})
    return market


@pytest.mark.parametrize("row", KEYS)
def test_a_key_that_cannot_be_told_from_others_is_refused_by_every_command_that_wants_one(
    tea: Market, row: str
) -> None:
    order = {"lines": [{"sku": "TEA", "quantity": 1}], "address": ADDRESS, "contact": CONTACT}
    sale_id = running(tea, tea.shop.get("/staff/stores", as_=tea.shop.boss)["items"][0]["store_id"])
    in_sale = {"quantity": 1, "quote_id": "0" * 32, "address": ADDRESS, "contact": CONTACT}
    wanted = {
        "/me/sales/{sale_id}/orders": (INES, in_sale),
        "/me/checkout": (INES, {**order, "quote_id": tea.quote({"TEA": 1}).ok()["quote_id"]}),
        "/me/payments/top-ups": (INES, {"amount_minor": 500}),
        "/me/one-click-orders": (INES, {"lines": order["lines"], "contact": CONTACT}),
        "/staff/assisted-orders": (tea.shop.boss, {**order, "buyer_id": INES.id}),
    }
    keyed = {one.path for one in entries() if "idempotency-key" in _headers(operation(one))}
    assert keyed == wanted.keys()
    key = KEYS[row]
    headers = {} if key is None else {"Idempotency-Key": key}
    with tea.shop.unchanged():
        for path, (caller, body) in wanted.items():
            answer = tea.shop.call("POST", path.format(sale_id=sale_id), body, as_=caller, headers=headers)
            assert (path, said(answer)) == (path, (400, "unreadable_key"))


def _headers(operation: dict[str, Any]) -> set[str]:
    return {one["name"].lower() for one in operation.get("parameters", []) if one["in"] == "header"}


def test_30_twenty_equal_submits_are_one_order_though_none_has_seen_another(
    tea: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote_id, answers = tea.quote({"TEA": 1}).ok()["quote_id"], []

    def submit(more: int) -> None:
        """All but the last have read what there is before the last of them writes."""
        if more:
            before_next_write(monkeypatch, lambda: submit(more - 1))
        answers.append(tea.checkout({"TEA": 1}, key="click", quote_id=quote_id))

    most = sys.getrecursionlimit()
    sys.setrecursionlimit(20 * most)  # twenty requests, one within the other
    submit(19)
    sys.setrecursionlimit(most)
    assert all(answer.ok() == answers[0].body for answer in answers) and len(answers) == 20
    assert len(tea.shop.rows("Order")) == len(tea.stripe.objects("payment_intent")) == 1
    assert tea.stock("TEA")["reserved"] == 1


def test_30_two_equal_submits_in_a_sale_are_one_order_though_neither_has_seen_the_other(
    tea: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale_id = running(tea, tea.shop.get("/staff/stores", as_=tea.shop.boss)["items"][0]["store_id"])
    answers: list[Answer] = []
    before_next_write(monkeypatch, lambda: answers.append(buy(tea, sale_id, key="click")))
    answers.append(buy(tea, sale_id, key="click"))
    assert answers[0].ok() == answers[1].ok() and len(tea.shop.rows("Order")) == 1
    assert left(tea, sale_id) == {"stock": 9}


def test_31_a_cart_has_an_end(market: Market) -> None:
    market.store()
    market.goods({"CUP": 900})
    sizes = [{"code": f"s{n}", "name": {"en": f"Size {n}"}} for n in range(40)]
    option = {"code": "size", "name": {"en": "Size"}, "values": sizes}
    skus = [row["sku"] for row in market.listed(market.category_id, code="TEA", options=[option])["skus"]]
    for sku in skus:
        market.shop.post("/me/cart/lines", {"sku": sku, "quantity": 1}, as_=INES).ok()
    more = {"sku": skus[0], "quantity": 9_999}
    with market.shop.unchanged():
        assert said(market.shop.post("/me/cart/lines", {"sku": "CUP", "quantity": 1}, as_=INES)) == (422, "cart_full")
        assert said(market.shop.post("/me/cart/lines", more, as_=INES)) == (422, "line_full")
    assert market.shop.put(f"/me/cart/lines/{skus[0]}", {"quantity": 9_999}, as_=INES).status == 200


def test_31_lines_of_one_sku_are_summed_and_too_many_are_refused(tea: Market) -> None:
    def quote(lines: list[dict[str, Any]]) -> Answer:
        return tea.shop.post("/me/quotes", {"lines": lines, "country": "PT"}, as_=INES)

    one = {"sku": "TEA", "quantity": 1}
    (line,) = quote([one] * 45).ok()["lines"]
    assert line["quantity"] == 45
    with tea.shop.unchanged():
        assert said(quote([one] * 60)) == (409, "insufficient_stock")
        assert said(quote([{"sku": "TEA", "quantity": 9_999}] * 2)) == (422, "too_many_of_one")
        assert said(quote([{"sku": f"T{n}", "quantity": 1} for n in range(41)])) == (422, "too_many_lines")
        assert said(quote([{"sku": f"T{n}", "quantity": 1} for n in range(200)])) == (422, "not_valid")
        assert said(quote([])) == (422, "not_valid")


def sent(tea: Market, **units: int) -> str:
    order_id = tea.buy(units)
    tea.prepare(order_id)
    tea.ship(order_id).ok()
    return order_id


def ask_back(tea: Market, order_id: str, quantity: Any, sku: str = "TEA", by: Any = INES, **more: Any) -> Answer:
    wish = {"order_id": order_id, "lines": [{"sku": sku, "quantity": quantity}], "reason": "damaged", **more}
    return tea.shop.post("/me/refunds", wish, as_=by)


WISHES: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "32 nothing": ({"quantity": 0}, (422, "not_valid")),
    "32 less than nothing": ({"quantity": -1}, (422, "not_valid")),
    "32 more than was bought": ({"quantity": 3}, (422, "too_many_units")),
    "32 goods that were not bought": ({"quantity": 1, "sku": "CUP"}, (422, "too_many_units")),
    "32 in another currency": ({"quantity": 1, "currency": "USD"}, (422, "not_valid")),
    "32 an amount of one's own": ({"quantity": 1, "amount_minor": 99_999}, (422, "not_valid")),
    "32 of another buyer": ({"quantity": 1, "by": OTTO}, (404, "no_such_order")),
}


def test_32_a_refund_of_what_cannot_be_given_back_is_refused(tea: Market) -> None:
    order_id = sent(tea, TEA=2)
    with tea.shop.unchanged():
        for row, (wish, answer) in WISHES.items():
            assert (row, said(ask_back(tea, order_id, **wish))) == (row, answer)
    case_id = ask_back(tea, order_id, 1).ok()["case_id"]
    with tea.shop.unchanged():
        assert said(ask_back(tea, order_id, 1)) == (409, "case_already_open")
    tea.shop.post(f"/staff/refunds/{case_id}/approve", as_=tea.shop.boss).ok()
    with tea.shop.unchanged():
        assert said(ask_back(tea, order_id, 2)) == (422, "too_many_units")
        assert said(tea.shop.post(f"/staff/refunds/{case_id}/approve", as_=tea.shop.boss)) == (
            409,
            "not_in_that_state",
        )


def test_32_two_refunds_asked_for_at_once_are_one(tea: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id, answers = sent(tea, TEA=2), []
    before_next_write(monkeypatch, lambda: answers.append(ask_back(tea, order_id, 2)))
    answers.append(ask_back(tea, order_id, 2))
    assert [said(answer) for answer in answers] == [(201, None), (409, "case_already_open")]
    assert len(tea.shop.rows("RefundCase")) == 1
