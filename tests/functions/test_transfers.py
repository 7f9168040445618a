"""Goods on the way between stores: nothing of them is ever lost, whatever arrives."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.table import keys
from tests.support.market import Market
from tests.support.shop import Answer, Shop, client
from tests.support.table import before_next_write


@pytest.fixture
def stores(market: Market) -> tuple[str, str]:
    """The warehouse with ten mugs and ten cups, and a store that has never had any."""
    warehouse = market.store("Warehouse", serves=["DE"])
    market.goods({"MUG": 1000, "CUP": 1000}, {warehouse: 10})
    return warehouse, market.store()


def _lines(units: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "units": count} for sku, count in units.items()]


def _ship(shop: Shop, stores: tuple[str, str], reference: str = "TR-1", as_: Any = None, **units: int) -> Answer:
    said = {"from_store_id": stores[0], "store_id": stores[1], "reference": reference, "due": "2026-11-05"}
    return shop.post("/staff/transfers", said | {"lines": _lines(units)}, as_=as_ or shop.boss)


def _settle(
    shop: Shop, transfer: Any, how: str, reference: str = "A", note: str = "said so", as_: Any = None, **units: int
) -> Answer:
    said = {"reference": reference, "lines": _lines(units), "note": note}
    return shop.post(f"/staff/transfers/{transfer['transfer_id']}/{how}", said, as_=as_ or shop.boss)


def _incoming(shop: Shop, sku: str, store_id: str) -> int:
    return int(shop.get(f"/staff/stock/{sku}/{store_id}", as_=shop.boss).ok()["incoming"])


@pytest.mark.capability("INV-13")
def test_what_was_sent_is_on_its_way_with_its_day_and_what_does_not_arrive_is_a_discrepancy(
    shop: Shop, market: Market, stores: tuple[str, str]
) -> None:
    transfer = _ship(shop, stores, MUG=6, CUP=2).ok()
    assert market.level("MUG", stores[0]) == (4, 0, 4)
    assert (market.level("MUG", stores[1]), _incoming(shop, "MUG", stores[1])) == ((0, 0, 0), 6)
    clerk = shop.staff("stock.read", "stock.write", stores=(stores[1],))
    (seen,) = shop.get("/staff/transfers", as_=clerk, store_id=stores[1]).ok()["items"]
    assert (seen["outstanding"], seen["due"]) == ({"MUG": 6, "CUP": 2}, "2026-11-05")
    partial = _settle(shop, transfer, "receive", as_=clerk, MUG=5, CUP=2).ok()
    assert (partial["status"], partial["outstanding"]) == ("partial", {"MUG": 1})
    assert (market.level("MUG", stores[1]), _incoming(shop, "MUG", stores[1])) == ((5, 0, 5), 1)
    open_ones = shop.get("/staff/transfers", as_=clerk, store_id=stores[1], status="partial").ok()["items"]
    assert [one["transfer_id"] for one in open_ones] == [transfer["transfer_id"]]
    assert shop.get("/staff/transfers", as_=clerk, store_id=stores[1]).ok()["items"] == []


@pytest.mark.capability("INV-13")
@pytest.mark.parametrize(
    ("how", "there", "here"),
    [("receive", (6, 0, 6), (4, 0, 4)), ("return", (5, 0, 5), (5, 0, 5)), ("write-off", (5, 0, 5), (4, 0, 4))],
)
def test_a_discrepancy_is_resolved_by_what_has_become_of_the_rest(
    shop: Shop, market: Market, stores: tuple[str, str], how: str, there: Any, here: Any
) -> None:
    transfer = _ship(shop, stores, MUG=6).ok()
    _settle(shop, transfer, "receive", MUG=5).ok()
    resolved = _settle(shop, transfer, how, "B", "Fell off the van", MUG=1).ok()
    assert (resolved["status"], resolved["outstanding"]) == ("posted", {})
    assert (market.level("MUG", stores[1]), market.level("MUG", stores[0])) == (there, here)
    assert _incoming(shop, "MUG", stores[1]) == 0
    assert [(one["units"], one["by"]) for one in resolved["settlements"]] == [
        ({"MUG": 5}, "boss"),
        ({"MUG": 1}, "boss"),
    ]
    assert resolved["settlements"][1]["note"] == "Fell off the van"
    over = _settle(shop, transfer, "receive", "C", MUG=1)
    assert (over.status, over["code"]) == (409, "not_in_that_state")


@pytest.mark.capability("INV-13")
def test_every_movement_is_in_the_ledger_of_its_store(shop: Shop, market: Market, stores: tuple[str, str]) -> None:
    transfer = _ship(shop, stores, MUG=6).ok()
    _settle(shop, transfer, "receive", MUG=4).ok()
    _settle(shop, transfer, "return", "B", MUG=2).ok()
    ledgers = [market.entries("MUG", one) for one in stores]
    told = [[(entry["cause"], entry["delta"], entry["reference"]) for entry in ledger] for ledger in ledgers]
    transfer_id = transfer["transfer_id"]
    assert told[0][1:] == [("transfer_out", -6, transfer_id), ("transfer_back", 2, transfer_id)]
    assert told[1] == [("transfer_in", 4, transfer_id)]
    moved = [(fact["store_id"], fact["cause"], fact["units"]) for fact in shop.facts("StockMoved")]
    expected = [(stores[0], "transfer_out", -6), (stores[0], "transfer_back", 2), (stores[1], "transfer_in", 4)]
    assert all((store_id, cause, {"MUG": delta}) in moved for store_id, cause, delta in expected)
    assert len(moved) == 1 + len(expected)


def test_goods_that_all_come_back_make_the_transfer_void(shop: Shop, market: Market, stores: tuple[str, str]) -> None:
    transfer = _ship(shop, stores, MUG=6).ok()
    assert _settle(shop, transfer, "return", MUG=6).ok()["status"] == "voided"
    assert market.level("MUG", stores[0]) == (10, 0, 10)


def test_a_command_sent_again_moves_nothing_again(shop: Shop, market: Market, stores: tuple[str, str]) -> None:
    first, again = (_ship(shop, stores, MUG=6).ok() for _ in range(2))
    assert first == again
    assert _ship(shop, stores, MUG=5)["code"] == "reference_used"
    received = [_settle(shop, first, "receive", MUG=4).ok() for _ in range(2)]
    assert received[0] == received[1]
    assert _settle(shop, first, "receive", MUG=2)["code"] == "reference_used"
    assert _settle(shop, first, "write-off", MUG=4)["code"] == "reference_used"
    assert (market.level("MUG", stores[0]), market.level("MUG", stores[1])) == ((4, 0, 4), (4, 0, 4))


def test_more_than_there_is_is_neither_sent_nor_received(shop: Shop, market: Market, stores: tuple[str, str]) -> None:
    market.goods({"JUG": 1000})
    with shop.unchanged():
        assert _ship(shop, stores, MUG=11)["code"] == "insufficient_stock"
        assert _ship(shop, stores, JUG=1)["code"] == "not_stocked"
        assert _ship(shop, (stores[0], stores[0]), MUG=1).status == 422
        assert _ship(shop, (stores[0], "sto_0"), MUG=1).status == 404
    transfer = _ship(shop, stores, MUG=6).ok()
    over = _settle(shop, transfer, "receive", MUG=7)
    assert (over.status, over["code"], over["outstanding"]) == (409, "more_than_expected", 6)
    assert _settle(shop, transfer, "receive", CUP=1)["code"] == "more_than_expected"
    assert _settle(shop, transfer, "write-off", note="", MUG=1).status == 422


def test_each_store_says_what_it_knows_and_others_see_nothing(
    shop: Shop, market: Market, stores: tuple[str, str]
) -> None:
    """The one that sent it what was lost or came back, the other what has arrived."""
    rights = ("stock.read", "stock.write")
    sender, receiver, stranger = (shop.staff(*rights, stores=(one,)) for one in (*stores, market.store("Souk Baixa")))
    assert _ship(shop, stores, as_=receiver, MUG=1).status == 404
    transfer = _ship(shop, stores, as_=sender, MUG=6).ok()
    path = f"/staff/transfers/{transfer['transfer_id']}"
    assert [shop.get(path, as_=one).status for one in (sender, receiver, stranger)] == [200, 200, 404]
    assert shop.get(path, as_=stranger).body == shop.get("/staff/transfers/trf_0", as_=stranger).body
    with shop.unchanged():
        assert _settle(shop, transfer, "receive", as_=sender, MUG=1).status == 404
        assert _settle(shop, transfer, "write-off", as_=receiver, MUG=1).status == 404
        assert _settle(shop, transfer, "return", as_=receiver, MUG=1).status == 404
        assert _settle(shop, transfer, "receive", as_=stranger, MUG=1).status == 404
    assert _settle(shop, transfer, "receive", as_=receiver, MUG=5).status == 200
    assert _settle(shop, transfer, "write-off", "B", as_=sender, MUG=1).status == 200
    assert shop.get("/staff/transfers", as_=receiver, store_id=stores[0]).status == 404
    sent = shop.get("/staff/transfers", as_=sender, store_id=stores[0], direction="out", status="posted").ok()
    assert [one["transfer_id"] for one in sent["items"]] == [transfer["transfer_id"]]


def test_two_who_receive_the_same_goods_at_once_receive_them_once(
    shop: Shop, market: Market, stores: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = _ship(shop, stores, MUG=6).ok()
    before_next_write(monkeypatch, lambda: _settle(shop, transfer, "receive", "B", MUG=4).ok())
    over = _settle(shop, transfer, "receive", "A", MUG=4)
    assert (over.status, over["outstanding"]) == (409, 2)
    assert market.level("MUG", stores[1]) == (4, 0, 4)


def test_stock_that_an_older_release_kept_is_sent_and_awaited_too(
    dynamodb: None, shop: Shop, market: Market, stores: tuple[str, str]
) -> None:
    """It counted nothing that is on its way."""
    market.receive(stores[1], {"MUG": 1})
    for store_id in stores:
        pk, sk = keys.STOCK.main.of({"sku": "MUG", "store_id": store_id})
        kept = {"TableName": "souk-test", "Key": {"PK": {"S": pk}, "SK": {"S": sk}}}
        client("dynamodb").update_item(**kept, UpdateExpression="REMOVE incoming")
    assert _incoming(shop, "MUG", stores[1]) == 0
    transfer = _ship(shop, stores, MUG=6).ok()
    assert _incoming(shop, "MUG", stores[1]) == 6
    _settle(shop, transfer, "receive", MUG=6).ok()
    assert (market.level("MUG", stores[1]), _incoming(shop, "MUG", stores[1])) == ((7, 0, 7), 0)


HOW = ("receive", "return", "write-off")
Steps = list[tuple[str, int, int]]
steps: st.SearchStrategy[Steps] = st.lists(
    st.tuples(st.sampled_from(("ship", *HOW)), st.integers(0, 2), st.integers(1, 4)), min_size=4, max_size=15
)


@pytest.mark.capability("INV-13")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_what_is_in_stores_on_the_way_and_written_off_is_always_what_there_was(market: Market, history: Steps) -> None:
    shop = market.shop
    shop.keep_in_memory()
    market.category_id = ""
    places = (market.store("a"), market.store("b"))
    market.goods({"MUG": 1000}, {places[0]: 9})
    sent: list[Any] = []
    for number, (verb, which, units) in enumerate(history):
        if verb == "ship":
            answer = _ship(shop, places if which else places[::-1], f"T-{number}", MUG=units)
            sent += [answer.body] if answer.status == 201 else []
        elif sent:
            answer = _settle(shop, sent[which % len(sent)], verb, f"S-{number}", MUG=units)
        else:
            continue
        assert answer.status in (200, 201, 409)
        now = [shop.get(f"/staff/transfers/{one['transfer_id']}", as_=shop.boss).ok() for one in sent]
        lost = sum(sum(one["units"].values()) for each in now for one in each["settlements"] if one["kind"] == "lost")
        on_the_way = sum(sum(one["outstanding"].values()) for one in now)
        levels = shop.get("/staff/stock/MUG", as_=shop.boss).ok()
        assert levels["on_hand"] + on_the_way + lost == 9
        assert sum(one["incoming"] for one in levels["stores"]) == on_the_way
        assert all((one["status"] in ("posted", "voided")) == (not one["outstanding"]) for one in now)
