"""Pick tasks: what the warehouse takes from the shelves."""

from collections.abc import Callable

import pytest

from souk.domains.orders.model.order import Order
from souk.domains.shipping import actions as shipping
from souk.table.unit import Unit
from tests.support import goods, sales
from tests.support.shop import Shop

PICKS = frozenset({"orders.pick"})


@pytest.fixture
def store_id(shop: Shop) -> str:
    """A store with ten mugs."""
    store_id = goods.open_store(shop)
    goods.make_product(shop, "MUG")
    goods.receive(shop, store_id, {"MUG": 10})
    return store_id


@pytest.fixture
def order_mugs(shop: Shop, store_id: str) -> Callable[[int], Order]:
    """A minute after the order before."""

    def order(units: int) -> Order:
        shop.pass_time(minutes=1)
        return sales.prepare(sales.place(store_id, {"MUG": units}))

    return order


def _listed(shop: Shop, store_id: str, status: str) -> list[str]:
    found = shop.get("/staff/picks", as_=shop.boss, store_id=store_id, status=status).ok()["items"]
    return [card["order_id"] for card in found]


def test_what_is_to_be_picked_is_listed_oldest_first_until_it_is_picked(
    shop: Shop, store_id: str, order_mugs: Callable[[int], Order]
) -> None:
    first, second = order_mugs(1), order_mugs(2)
    assert _listed(shop, store_id, "open") == [first.order_id, second.order_id]
    path = f"/staff/picks/{first.order_id}"
    assert shop.get(path, as_=shop.boss).ok()["units"] == {"MUG": 1}
    picked, again = (shop.post(f"{path}/picked", as_=shop.boss).ok() for _ in range(2))
    assert (picked["status"], picked["picked_by"]) == ("picked", "boss")
    assert again == picked
    assert _listed(shop, store_id, "open") == [second.order_id]
    assert _listed(shop, store_id, "picked") == [first.order_id]


def test_what_has_left_has_been_picked(shop: Shop, store_id: str, order_mugs: Callable[[int], Order]) -> None:
    order = order_mugs(2)
    parcel = {"order_id": order.order_id, "carrier": "other", "tracking_number": "P-1"}
    shop.post("/staff/shipments", parcel | {"units": {"MUG": 1}}, as_=shop.boss).ok()
    assert _listed(shop, store_id, "open") == [order.order_id]
    shop.post("/staff/shipments", parcel | {"tracking_number": "P-2"}, as_=shop.boss).ok()
    assert _listed(shop, store_id, "open") == []


def test_a_dropped_task_is_gone_and_may_be_dropped_again(
    shop: Shop, store_id: str, order_mugs: Callable[[int], Order]
) -> None:
    order = order_mugs(1)
    for _ in range(2):
        with Unit() as unit:
            shipping.drop_pick(unit, order.order_id)
    assert _listed(shop, store_id, "open") == []
    assert shop.post(f"/staff/picks/{order.order_id}/picked", as_=shop.boss).status == 404


def test_another_stores_tasks_are_missing(shop: Shop, store_id: str, order_mugs: Callable[[int], Order]) -> None:
    order = order_mugs(1)
    packer = goods.clerk(goods.open_store(shop, "Souk Baixa"), may=PICKS)
    foreign, absent = (shop.post(f"/staff/picks/{one}/picked", as_=packer) for one in (order.order_id, "ord_0"))
    assert (foreign.status, foreign.body) == (404, absent.body)
    assert shop.get(f"/staff/picks/{order.order_id}", as_=packer).status == 404
    assert shop.get("/staff/picks", as_=packer, store_id=store_id).status == 404
    own = goods.clerk(store_id, may=PICKS)
    assert shop.post(f"/staff/picks/{order.order_id}/picked", as_=own).status == 200


def test_a_status_that_no_task_has_is_refused(shop: Shop, store_id: str) -> None:
    assert shop.get("/staff/picks", as_=shop.boss, store_id=store_id, status="lost").status == 422
    assert shop.get("/staff/picks", as_=shop.boss).status == 422
