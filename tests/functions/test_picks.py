"""Pick tasks: what the warehouse takes from the shelves."""

from collections.abc import Callable

import pytest

from souk.domains.shipping import actions as shipping
from souk.table.unit import Unit
from tests.support.market import Market
from tests.support.shop import Shop


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with ten mugs."""
    store_id = market.store()
    market.goods({"MUG": 1000}, {store_id: 10})
    return store_id


@pytest.fixture
def order_mugs(market: Market, store_id: str) -> Callable[[int], str]:
    """A minute after the order before."""

    def order(units: int) -> str:
        market.shop.pass_time(minutes=1)
        return market.laid_out({"MUG": units})

    return order


def _listed(shop: Shop, store_id: str, status: str) -> list[str]:
    found = shop.get("/staff/picks", as_=shop.boss, store_id=store_id, status=status).ok()["items"]
    return [card["order_id"] for card in found]


def test_what_is_to_be_picked_is_listed_oldest_first_until_it_is_picked(
    shop: Shop, store_id: str, order_mugs: Callable[[int], str]
) -> None:
    first, second = order_mugs(1), order_mugs(2)
    assert _listed(shop, store_id, "open") == [first, second]
    path = f"/staff/picks/{first}"
    assert shop.get(path, as_=shop.boss).ok()["units"] == {"MUG": 1}
    picked, again = (shop.post(f"{path}/picked", as_=shop.boss).ok() for _ in range(2))
    assert (picked["status"], picked["picked_by"]) == ("picked", "boss")
    assert again == picked
    assert _listed(shop, store_id, "open") == [second]
    assert _listed(shop, store_id, "picked") == [first]


def test_a_long_list_of_picks_is_read_page_by_page(shop: Shop, store_id: str, order_mugs: Callable[[int], str]) -> None:
    orders = [order_mugs(1) for _ in range(3)]
    first = shop.get("/staff/picks", as_=shop.boss, store_id=store_id, limit=2).ok()
    rest = shop.get("/staff/picks", as_=shop.boss, store_id=store_id, limit=2, cursor=first["next_cursor"]).ok()
    assert [card["order_id"] for card in (*first["items"], *rest["items"])] == orders


def test_what_has_left_has_been_picked(shop: Shop, store_id: str, order_mugs: Callable[[int], str]) -> None:
    order = order_mugs(2)
    parcel = {"order_id": order, "carrier": "other", "tracking_number": "P-1"}
    shop.post("/staff/shipments", parcel | {"units": {"MUG": 1}}, as_=shop.boss).ok()
    assert _listed(shop, store_id, "open") == [order]
    shop.post("/staff/shipments", parcel | {"tracking_number": "P-2", "units": {"MUG": 1}}, as_=shop.boss).ok()
    assert _listed(shop, store_id, "open") == []


def test_a_dropped_task_is_gone_and_may_be_dropped_again(
    shop: Shop, store_id: str, order_mugs: Callable[[int], str]
) -> None:
    order = order_mugs(1)
    for _ in range(2):
        with Unit() as unit:
            shipping.drop_pick(unit, order)
    assert _listed(shop, store_id, "open") == []
    assert shop.post(f"/staff/picks/{order}/picked", as_=shop.boss).status == 404


def test_another_stores_tasks_are_missing(
    shop: Shop, market: Market, store_id: str, order_mugs: Callable[[int], str]
) -> None:
    order = order_mugs(1)
    packer = shop.staff("orders.pick", stores=(market.store("Souk Baixa"),))
    foreign, absent = (shop.post(f"/staff/picks/{one}/picked", as_=packer) for one in (order, "ord_0"))
    assert (foreign.status, foreign.body) == (404, absent.body)
    assert shop.get(f"/staff/picks/{order}", as_=packer).status == 404
    assert shop.get("/staff/picks", as_=packer, store_id=store_id).status == 404
    own = shop.staff("orders.pick", stores=(store_id,))
    assert shop.post(f"/staff/picks/{order}/picked", as_=own).status == 200


def test_a_status_that_no_task_has_is_refused(shop: Shop, store_id: str) -> None:
    assert shop.get("/staff/picks", as_=shop.boss, store_id=store_id, status="lost").status == 422
    assert shop.get("/staff/picks", as_=shop.boss).status == 422
