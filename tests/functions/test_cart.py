"""The cart, as buyers keep it."""

import pytest

from souk.domains.access.model.callers import guest_id
from souk.kernel.caller import Caller
from tests.support.market import INES, OTTO, Market


def lines_of(market: Market, by: Caller = INES) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in market.shop.get("/me/cart", as_=by).ok()["lines"]}


@pytest.mark.capability("ORD-01")
def test_lines_are_added_changed_and_removed(market: Market) -> None:
    market.goods({"TEA": 500, "CUP": 1200}, {market.store(): 10})
    post, put = market.shop.post, market.shop.put
    post("/me/cart/lines", {"sku": "TEA", "quantity": 2}, as_=INES).ok()
    cart = post("/me/cart/lines", {"sku": "TEA", "quantity": 1}, as_=INES).ok()
    assert (cart["lines"][0]["quantity"], cart["goods_minor"]) == (3, 1500)
    assert put("/me/cart/lines/CUP", {"quantity": 2}, as_=INES).ok()["goods_minor"] == 3900
    assert market.shop.delete("/me/cart/lines/TEA", as_=INES).ok()["goods_minor"] == 2400
    assert market.shop.delete("/me/cart/lines/TEA", as_=INES).status == 404
    assert lines_of(market, OTTO) == {}


@pytest.mark.capability("ORD-01")
def test_the_guests_cart_comes_along_summed_and_capped_by_stock_and_only_once(market: Market) -> None:
    market.goods({"TEA": 500, "CUP": 1200}, {market.store(): 5})
    token = "gst_0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    guest = Caller(id=guest_id(token), kind="guest", may=INES.may)
    market.shop.put("/me/cart/lines/TEA", {"quantity": 4}, as_=guest).ok()
    market.shop.put("/me/cart/lines/CUP", {"quantity": 1}, as_=guest).ok()
    market.shop.put("/me/cart/lines/TEA", {"quantity": 3}, as_=INES).ok()
    for _ in range(2):
        market.shop.post("/me/cart/merge", {"guest_token": token}, as_=INES).ok()
        assert lines_of(market) == {"TEA": 5, "CUP": 1}
    assert lines_of(market, guest) == {}


@pytest.mark.capability("ORD-01")
@pytest.mark.capability("LST-01")
@pytest.mark.capability("PRD-07")
def test_a_new_price_and_a_delisting_are_flagged(market: Market) -> None:
    made = market.goods({"TEA": 500, "CUP": 1200}, {market.store(): 5})
    for sku in made:
        market.shop.put(f"/me/cart/lines/{sku}", {"quantity": 2}, as_=INES).ok()
    market.set_price(made["TEA"], "TEA", 550)
    market.delist(made["CUP"])
    cart = market.shop.get("/me/cart", as_=INES).ok()
    tea, cup = cart["lines"]
    assert (tea["price_minor"], tea["price_changed"], cup["for_sale"]) == (550, True, False)
    assert cart["goods_minor"] == 1100
    assert market.shop.put("/me/cart/lines/CUP", {"quantity": 1}, as_=INES).body["code"] == "not_for_sale"


def test_an_expired_cart_is_empty_before_it_is_deleted(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 5})
    market.shop.put("/me/cart/lines/TEA", {"quantity": 1}, as_=INES).ok()
    market.shop.pass_time(days=61)
    assert lines_of(market) == {}
