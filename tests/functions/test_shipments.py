"""Parcels: what leaves, with whom, under which number."""

from typing import Any

import pytest

from tests.support.market import Market, to_ship
from tests.support.shop import Answer, Shop
from tests.support.table import before_next_write

SHIPS = ("orders.ship", "orders.read")
UPS = "1Z999AA10123456784"


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with ten mugs and ten cups."""
    store_id = market.store()
    market.goods({"MUG": 1000, "CUP": 1000}, {store_id: 10})
    return store_id


@pytest.fixture
def order_id(market: Market, store_id: str) -> str:
    """Three mugs and a cup, paid and laid out."""
    return market.laid_out({"MUG": 3, "CUP": 1})


def _ship(shop: Shop, order_id: str, number: str = UPS, carrier: str = "ups", **more: Any) -> Answer:
    """All that is left of the order, unless other units are named."""
    units = more.pop("units", None)
    said = {"units": to_ship(shop, order_id) if units is None else units, **more}
    parcel = {"order_id": order_id, "carrier": carrier, "tracking_number": number, **said}
    return shop.post("/staff/shipments", parcel, as_=shop.boss)


def _status(market: Market, order_id: str) -> str:
    return str(market.order(order_id)["status"])


@pytest.mark.capability("SHP-06")
@pytest.mark.capability("ORD-18")
def test_an_order_goes_out_in_several_parcels(shop: Shop, market: Market, store_id: str, order_id: str) -> None:
    first = _ship(shop, order_id, units={"MUG": 2})
    assert (first.status, first["units"], first["carrier_name"]) == (201, {"MUG": 2}, "UPS")
    assert _status(market, order_id) == "part_shipped"
    assert market.level("MUG", store_id) == (8, 1, 7)

    shop.pass_time(hours=1)
    rest = _ship(shop, order_id, "SF1234567890123", "sf").ok()
    assert rest["units"] == {"MUG": 1, "CUP": 1}
    assert _status(market, order_id) == "shipped"
    assert market.level("MUG", store_id) == (7, 0, 7)
    assert market.level("CUP", store_id) == (9, 0, 9)
    listed = shop.get("/staff/shipments", as_=shop.boss, order_id=order_id).ok()["items"]
    assert {one["shipment_id"] for one in listed} == {first["shipment_id"], rest["shipment_id"]}
    assert [(fact["tracking_number"], fact["whole"]) for fact in shop.facts("OrderShipped")] == [
        (UPS, False),
        ("SF1234567890123", True),
    ]


def test_the_same_parcel_sent_again_leaves_once(shop: Shop, market: Market, store_id: str, order_id: str) -> None:
    first, again = (
        _ship(shop, order_id, units={"MUG": 2}),
        _ship(shop, order_id, "1z 999 aa1 0123456784", units={"MUG": 2}),
    )
    assert (again.status, again.body) == (201, first.body)
    assert market.level("MUG", store_id) == (8, 1, 7)
    assert len(shop.facts("OrderShipped")) == 1
    other = _ship(shop, order_id, units={"MUG": 1})
    assert (other.status, other["code"]) == (409, "parcel_entered")


def test_of_two_packers_at_once_one_ships(
    shop: Shop, market: Market, store_id: str, order_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_next_write(monkeypatch, lambda: _ship(shop, order_id, "1Z999AA10123456785").ok())
    late = _ship(shop, order_id)
    assert (late.status, late["code"]) == (409, "not_in_that_state")
    assert market.level("MUG", store_id) == (7, 0, 7)
    assert len(shop.rows("Shipment")) == 1


def test_an_order_that_is_not_paid_is_cancelled_or_is_gone_does_not_ship(
    shop: Shop, market: Market, store_id: str
) -> None:
    unpaid, cancelled, gone = market.place({"MUG": 1}), market.place({"MUG": 1}), market.laid_out({"MUG": 1})
    market.cancel(cancelled).ok()
    _ship(shop, gone).ok()
    for order_id in (unpaid, cancelled, gone):
        refused = _ship(shop, order_id, "1Z999AA10123456785")
        assert (refused.status, refused["code"]) == (409, "not_in_that_state")
    assert market.level("MUG", store_id) == (9, 1, 8)


@pytest.mark.capability("ORD-18")
def test_a_parcel_says_what_is_in_it(shop: Shop, market: Market, store_id: str, order_id: str) -> None:
    """Nobody ships what they have not named, alone or in a batch."""
    tracking = {"carrier": "ups", "tracking_number": UPS}
    row = tracking | {"number": market.order(order_id)["number"]}
    silent = shop.post("/staff/shipments", tracking | {"order_id": order_id}, as_=shop.boss)
    batch = shop.post("/staff/shipments/batch", {"rows": [row]}, as_=shop.boss)
    for refused, at in ((silent, "body.units"), (batch, "body.rows.0.units")):
        assert (refused.status, [one["at"] for one in refused["errors"]]) == (422, [at])
    assert (_status(market, order_id), shop.rows("Shipment")) == ("confirmed", [])


@pytest.mark.capability("ORD-18")
def test_no_more_leaves_than_was_ordered(shop: Shop, market: Market, store_id: str, order_id: str) -> None:
    for units in ({"MUG": 4}, {"CUP": 2}, {"BOWL": 1}, {"MUG": 0}, {"MUG": -1}, {}, {"MUG": True}):
        assert _ship(shop, order_id, units=units).status == 422, units
    assert market.level("MUG", store_id) == (10, 3, 7)
    assert shop.rows("Shipment") == []


@pytest.mark.capability("SHP-06")
def test_a_number_that_is_not_the_carriers_is_refused(shop: Shop, order_id: str) -> None:
    for carrier, number in (
        ("ups", "1Z999"),
        ("ups", "1234567890"),
        ("ups", UPS + "\n1"),
        ("dhl", "12345"),
        ("fedex", "abc"),
        ("sf", "SF12"),
        ("other", "##"),
        ("other", "1234\u0661"),
        ("other", "x" * 61),
        ("pigeon", "1234567890"),
        ("", UPS),
    ):
        assert _ship(shop, order_id, number, carrier).status == 422, (carrier, number)
    assert shop.rows("Shipment") == []


def test_a_number_of_the_carrier_is_kept_as_the_carrier_spells_it(shop: Shop, market: Market, store_id: str) -> None:
    order_id = market.laid_out({"MUG": 6})
    for carrier, number in (
        ("dhl", "1234567890"),
        ("dhl", "JJD000390007894561230"),
        ("ups", "1z999aa10123456784"),
        ("fedex", "1234 5678 9012"),
        ("sf", "SF1234567890123"),
        ("other", "nw-10248"),
    ):
        parcel = _ship(shop, order_id, number, carrier, units={"MUG": 1}).ok()
        assert parcel["tracking_number"] == number.replace(" ", "").upper()


@pytest.mark.capability("SHP-06")
def test_a_corrected_number_leaves_the_old_one_in_the_history(shop: Shop, order_id: str) -> None:
    parcel = _ship(shop, order_id).ok()
    path = f"/staff/shipments/{order_id}/{parcel['shipment_id']}"
    edit = {"carrier": "other", "carrier_name": "Pigeon Post", "tracking_number": "pp-7", "version": parcel["version"]}
    shop.pass_time(hours=1)
    corrected = shop.put(path, edit, as_=shop.boss).ok()
    assert (corrected["tracking_number"], corrected["carrier_name"]) == ("PP-7", "Pigeon Post")
    before = {"carrier": "ups", "carrier_name": "UPS", "tracking_number": UPS, "by": "boss"}
    assert [one | {"at": ""} for one in corrected["corrections"]] == [before | {"at": ""}]
    assert shop.put(path, edit, as_=shop.boss).ok() == corrected
    assert shop.put(path, edit | {"tracking_number": "PP-8"}, as_=shop.boss)["code"] == "edited_meanwhile"
    assert shop.put(path, edit | {"carrier": "ups"}, as_=shop.boss)["code"] == "wrong_tracking_number"
    assert _ship(shop, order_id).ok() == corrected


def test_a_parcels_own_date_needs_a_permission_and_is_audited(shop: Shop, store_id: str, order_id: str) -> None:
    yesterday, tomorrow, before = "2026-11-02T09:00:00Z", "2026-11-04T09:00:00Z", "2026-11-01T23:59:00Z"
    shop.pass_time(days=1)
    parcel = {
        "order_id": order_id,
        "carrier": "ups",
        "tracking_number": UPS,
        "shipped_at": yesterday,
        "units": {"MUG": 3},
    }
    packer = shop.staff(*SHIPS, stores=(store_id,))
    refused = shop.post("/staff/shipments", parcel, as_=packer)
    assert (refused.status, refused["permission"]) == (403, "orders.override")
    for wrong in (tomorrow, before):
        assert shop.post("/staff/shipments", parcel | {"shipped_at": wrong}, as_=shop.boss)["code"] == "wrong_day"
    assert shop.post("/staff/shipments", parcel, as_=shop.boss).ok()["shipped_at"] == "2026-11-02T09:00:00Z"
    entries = shop.get(f"/staff/stock/MUG/{store_id}/entries", as_=shop.boss).ok()["items"]
    assert entries[-1]["at"] == "2026-11-02T09:00:00Z"
    audited, _ = shop.get("/staff/audit", as_=shop.boss, subject=order_id).ok()["items"]
    assert (audited["by"], audited["action"]) == ("boss", "POST /staff/shipments")
    assert any(one["after"].get("shipped_at") == "2026-11-02T09:00:00Z" for one in audited["changes"])


def test_another_stores_orders_and_parcels_are_missing(shop: Shop, market: Market, order_id: str) -> None:
    packer = shop.staff(*SHIPS, stores=(market.store("Souk Baixa"),))
    tracking = {"carrier": "ups", "tracking_number": UPS}
    parcel = tracking | {"units": {"MUG": 1}}
    foreign, absent = (
        shop.post("/staff/shipments", parcel | {"order_id": one}, as_=packer) for one in (order_id, "ord_0")
    )
    assert (foreign.status, foreign.body) == (404, absent.body)
    shipped = _ship(shop, order_id).ok()
    assert shop.get("/staff/shipments", as_=packer, order_id=order_id).ok()["items"] == []
    edit = {**tracking, "version": 1}
    foreign, absent = (
        shop.put(f"/staff/shipments/{order_id}/{one}", edit, as_=packer) for one in (shipped["shipment_id"], "shp_0")
    )
    assert (foreign.status, foreign.body) == (404, absent.body)


@pytest.mark.capability("SHP-06")
def test_a_batch_ships_every_good_row_and_says_what_is_wrong_with_the_others(
    shop: Shop, market: Market, store_id: str, order_id: str
) -> None:
    other = market.laid_out({"CUP": 2})
    unpaid = market.place({"CUP": 1})
    number, unpaid_number, other_number = (market.order(one)["number"] for one in (order_id, unpaid, other))
    rows = [
        {"number": number, "carrier": "ups", "tracking_number": "1Z", "units": {"MUG": 1}},
        {"number": "00000-0000-0000-0000", "carrier": "ups", "tracking_number": UPS, "units": {"MUG": 1}},
        {"number": "nonsense#", "carrier": "ups", "tracking_number": UPS, "units": {"MUG": 1}},
        {"number": unpaid_number, "carrier": "ups", "tracking_number": UPS, "units": {"CUP": 1}},
        {"number": number, "carrier": "ups", "tracking_number": UPS, "units": {"MUG": 1}},
        {"number": other_number, "carrier": "dhl", "tracking_number": "1234567890", "units": {"CUP": 2}},
    ]
    answer = shop.post("/staff/shipments/batch", {"rows": rows}, as_=shop.boss).ok()
    assert (answer["shipped"], answer["refused"]) == (2, 4)
    assert [row.get("code") for row in answer["rows"]] == [
        "wrong_tracking_number",
        "no_such_order",
        "no_such_order",
        "not_in_that_state",
        None,
        None,
    ]
    assert (_status(market, order_id), _status(market, other)) == ("part_shipped", "shipped")
    again = shop.post("/staff/shipments/batch", {"rows": rows}, as_=shop.boss).ok()
    assert again == answer
    assert market.level("CUP", store_id) == (8, 2, 6)


def test_a_batch_that_is_none_is_refused(shop: Shop) -> None:
    row = {"number": "1", "carrier": "ups", "tracking_number": UPS, "units": {"MUG": 1}}
    wrong: tuple[Any, ...] = ([], [row] * 101, [{}], [row | {"price": 1}], "x")
    for rows in wrong:
        assert shop.post("/staff/shipments/batch", {"rows": rows}, as_=shop.boss).status == 422, rows


def test_who_may_not_ship_is_told_so(shop: Shop, store_id: str, order_id: str) -> None:
    clerk = shop.staff("orders.read", stores=(store_id,))
    parcel = {"order_id": order_id, "carrier": "ups", "tracking_number": UPS, "units": {"MUG": 1}}
    assert shop.post("/staff/shipments", parcel, as_=clerk).status == 403
    assert shop.post("/staff/shipments", parcel).status == 401
