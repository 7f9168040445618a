"""Parcels: what leaves, with whom, under which number."""

from collections.abc import Sequence
from typing import Any

import pytest

from souk.domains.orders.model.order import Order
from souk.table import current
from souk.table.port import Action
from tests.support import goods, sales
from tests.support.shop import Answer, Shop

SHIPS = frozenset({"orders.ship", "orders.read"})
UPS = "1Z999AA10123456784"


@pytest.fixture
def store_id(shop: Shop) -> str:
    """A store with ten mugs and ten cups."""
    store_id = goods.open_store(shop)
    for sku in ("MUG", "CUP"):
        goods.make_product(shop, sku)
    goods.receive(shop, store_id, {"MUG": 10, "CUP": 10})
    return store_id


@pytest.fixture
def order(store_id: str) -> Order:
    """Three mugs and a cup, paid and laid out."""
    return sales.prepare(sales.place(store_id, {"MUG": 3, "CUP": 1}))


def _ship(shop: Shop, order: Order, number: str = UPS, carrier: str = "ups", **more: Any) -> Answer:
    parcel = {"order_id": order.order_id, "carrier": carrier, "tracking_number": number, **more}
    return shop.post("/staff/shipments", parcel, as_=shop.boss)


def _status(shop: Shop, order: Order) -> str:
    return next(str(row["status"]) for row in shop.rows("Order") if row["order_id"] == order.order_id)


@pytest.mark.capability("SHP-06")
def test_an_order_goes_out_in_several_parcels(shop: Shop, store_id: str, order: Order) -> None:
    first = _ship(shop, order, units={"MUG": 2})
    assert (first.status, first["units"], first["carrier_name"]) == (201, {"MUG": 2}, "UPS")
    assert _status(shop, order) == "part_shipped"
    assert goods.level(shop, "MUG", store_id) == (8, 1, 7)

    shop.pass_time(hours=1)
    rest = _ship(shop, order, "SF1234567890123", "sf").ok()
    assert rest["units"] == {"MUG": 1, "CUP": 1}
    assert _status(shop, order) == "shipped"
    assert goods.level(shop, "MUG", store_id) == (7, 0, 7)
    assert goods.level(shop, "CUP", store_id) == (9, 0, 9)
    listed = shop.get("/staff/shipments", as_=shop.boss, order_id=order.order_id).ok()["items"]
    assert {one["shipment_id"] for one in listed} == {first["shipment_id"], rest["shipment_id"]}
    assert [(fact["tracking_number"], fact["whole"]) for fact in shop.facts("OrderShipped")] == [
        (UPS, False), ("SF1234567890123", True)]  # fmt: skip


def test_the_same_parcel_sent_again_leaves_once(shop: Shop, store_id: str, order: Order) -> None:
    first, again = _ship(shop, order, units={"MUG": 2}), _ship(shop, order, "1z 999 aa1 0123456784", units={"MUG": 2})
    assert (again.status, again.body) == (201, first.body)
    assert goods.level(shop, "MUG", store_id) == (8, 1, 7)
    assert len(shop.facts("OrderShipped")) == 1
    other = _ship(shop, order, units={"MUG": 1})
    assert (other.status, other["code"]) == (409, "parcel_entered")


def test_of_two_packers_at_once_one_ships(
    shop: Shop, store_id: str, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = current.table().write

    def write_late(actions: Sequence[Action], token: str) -> None:
        monkeypatch.setattr(current.table(), "write", write)
        _ship(shop, order, "1Z999AA10123456785").ok()
        write(actions, token)

    monkeypatch.setattr(current.table(), "write", write_late)
    late = _ship(shop, order)
    assert (late.status, late["code"]) == (409, "not_in_that_state")
    assert goods.level(shop, "MUG", store_id) == (7, 0, 7)
    assert len(shop.rows("Shipment")) == 1


def test_an_order_that_is_not_paid_is_cancelled_or_is_gone_does_not_ship(shop: Shop, store_id: str) -> None:
    unpaid, cancelled = sales.place(store_id, {"MUG": 1}), sales.cancel(sales.place(store_id, {"MUG": 1}))
    gone = sales.prepare(sales.place(store_id, {"MUG": 1}))
    _ship(shop, gone).ok()
    for order in (unpaid, cancelled, gone):
        refused = _ship(shop, order, "1Z999AA10123456785")
        assert (refused.status, refused["code"]) == (409, "not_in_that_state")
    assert goods.level(shop, "MUG", store_id) == (9, 1, 8)


def test_no_more_leaves_than_was_ordered(shop: Shop, store_id: str, order: Order) -> None:
    for units in ({"MUG": 4}, {"CUP": 2}, {"BOWL": 1}, {"MUG": 0}, {"MUG": -1}, {}, {"MUG": True}):
        assert _ship(shop, order, units=units).status == 422, units
    assert goods.level(shop, "MUG", store_id) == (10, 3, 7)
    assert shop.rows("Shipment") == []


@pytest.mark.capability("SHP-06")
def test_a_number_that_is_not_the_carriers_is_refused(shop: Shop, order: Order) -> None:
    for carrier, number in (
        ("ups", "1Z999"), ("ups", "1234567890"), ("ups", UPS + "\n1"), ("dhl", "12345"), ("fedex", "abc"),
        ("sf", "SF12"), ("other", "##"), ("other", "1234\u0661"), ("other", "x" * 61), ("pigeon", "1234567890"),
        ("", UPS),
    ):  # fmt: skip
        assert _ship(shop, order, number, carrier).status == 422, (carrier, number)
    assert shop.rows("Shipment") == []


def test_a_number_of_the_carrier_is_kept_as_the_carrier_spells_it(shop: Shop, store_id: str) -> None:
    order = sales.prepare(sales.place(store_id, {"MUG": 6}))
    for carrier, number in (
        ("dhl", "1234567890"), ("dhl", "JJD000390007894561230"), ("ups", "1z999aa10123456784"),
        ("fedex", "1234 5678 9012"), ("sf", "SF1234567890123"), ("other", "nw-10248"),
    ):  # fmt: skip
        parcel = _ship(shop, order, number, carrier, units={"MUG": 1}).ok()
        assert parcel["tracking_number"] == number.replace(" ", "").upper()


@pytest.mark.capability("SHP-06")
def test_a_corrected_number_leaves_the_old_one_in_the_history(shop: Shop, order: Order) -> None:
    parcel = _ship(shop, order).ok()
    path = f"/staff/shipments/{order.order_id}/{parcel['shipment_id']}"
    edit = {"carrier": "other", "carrier_name": "Pigeon Post", "tracking_number": "pp-7", "version": parcel["version"]}
    shop.pass_time(hours=1)
    corrected = shop.put(path, edit, as_=shop.boss).ok()
    assert (corrected["tracking_number"], corrected["carrier_name"]) == ("PP-7", "Pigeon Post")
    before = {"carrier": "ups", "carrier_name": "UPS", "tracking_number": UPS, "by": "boss"}
    assert [one | {"at": ""} for one in corrected["corrections"]] == [before | {"at": ""}]
    assert shop.put(path, edit, as_=shop.boss).ok() == corrected
    assert shop.put(path, edit | {"tracking_number": "PP-8"}, as_=shop.boss).status == 409
    assert shop.put(path, edit | {"carrier": "ups"}, as_=shop.boss)["code"] == "wrong_tracking_number"
    assert _ship(shop, order).ok() == corrected


def test_a_parcels_own_date_needs_a_permission_and_is_audited(shop: Shop, store_id: str, order: Order) -> None:
    yesterday, tomorrow, before = "2026-11-02T09:00:00Z", "2026-11-04T09:00:00Z", "2026-11-01T23:59:00Z"
    shop.pass_time(days=1)
    parcel = {"order_id": order.order_id, "carrier": "ups", "tracking_number": UPS, "shipped_at": yesterday}
    packer = goods.clerk(store_id, may=SHIPS)
    refused = shop.post("/staff/shipments", parcel, as_=packer)
    assert (refused.status, refused["permission"]) == (403, "orders.override")
    for wrong in (tomorrow, before):
        assert shop.post("/staff/shipments", parcel | {"shipped_at": wrong}, as_=shop.boss)["code"] == "wrong_day"
    assert shop.post("/staff/shipments", parcel, as_=shop.boss).ok()["shipped_at"] == "2026-11-02T09:00:00Z"
    entries = shop.get(f"/staff/stock/MUG/{store_id}/entries", as_=shop.boss).ok()["items"]
    assert entries[-1]["at"] == "2026-11-02T09:00:00Z"
    (audited,) = shop.rows("AuditEntry")
    assert (audited["subject"], audited["by"]) == (order.order_id, "boss")


def test_another_stores_orders_and_parcels_are_missing(shop: Shop, order: Order) -> None:
    packer = goods.clerk(goods.open_store(shop, "Souk Baixa"), may=SHIPS)
    parcel = {"carrier": "ups", "tracking_number": UPS}
    foreign, absent = (shop.post("/staff/shipments", parcel | {"order_id": one}, as_=packer)
                       for one in (order.order_id, "ord_0"))  # fmt: skip
    assert (foreign.status, foreign.body) == (404, absent.body)
    shipped = _ship(shop, order).ok()
    assert shop.get("/staff/shipments", as_=packer, order_id=order.order_id).ok()["items"] == []
    edit = {**parcel, "version": 1}
    foreign, absent = (shop.put(f"/staff/shipments/{order.order_id}/{one}", edit, as_=packer)
                       for one in (shipped["shipment_id"], "shp_0"))  # fmt: skip
    assert (foreign.status, foreign.body) == (404, absent.body)


@pytest.mark.capability("SHP-06")
def test_a_batch_ships_every_good_row_and_says_what_is_wrong_with_the_others(
    shop: Shop, store_id: str, order: Order
) -> None:
    other = sales.prepare(sales.place(store_id, {"CUP": 2}))
    unpaid = sales.place(store_id, {"CUP": 1})
    rows = [
        {"number": order.number, "carrier": "ups", "tracking_number": "1Z"},
        {"number": "00000-0000-0000-0000", "carrier": "ups", "tracking_number": UPS},
        {"number": "nonsense#", "carrier": "ups", "tracking_number": UPS},
        {"number": unpaid.number, "carrier": "ups", "tracking_number": UPS},
        {"number": order.number, "carrier": "ups", "tracking_number": UPS, "units": {"MUG": 1}},
        {"number": other.number, "carrier": "dhl", "tracking_number": "1234567890"},
    ]
    answer = shop.post("/staff/shipments/batch", {"rows": rows}, as_=shop.boss).ok()
    assert (answer["shipped"], answer["refused"]) == (2, 4)
    assert [row.get("code") for row in answer["rows"]] == [
        "wrong_tracking_number", "no_such_order", "missing", "not_in_that_state", None, None]  # fmt: skip
    assert (_status(shop, order), _status(shop, other)) == ("part_shipped", "shipped")
    again = shop.post("/staff/shipments/batch", {"rows": rows}, as_=shop.boss).ok()
    assert again == answer
    assert goods.level(shop, "CUP", store_id) == (8, 2, 6)


def test_a_batch_that_is_none_is_refused(shop: Shop) -> None:
    row = {"number": "1", "carrier": "ups", "tracking_number": UPS}
    wrong: tuple[Any, ...] = ([], [row] * 101, [{}], [row | {"price": 1}], "x")
    for rows in wrong:
        assert shop.post("/staff/shipments/batch", {"rows": rows}, as_=shop.boss).status == 422, rows


def test_who_may_not_ship_is_told_so(shop: Shop, store_id: str, order: Order) -> None:
    clerk = goods.clerk(store_id, may=frozenset({"orders.read"}))
    parcel = {"order_id": order.order_id, "carrier": "ups", "tracking_number": UPS}
    assert shop.post("/staff/shipments", parcel, as_=clerk).status == 403
    assert shop.post("/staff/shipments", parcel).status == 401
