"""A stocktake: what should be there is frozen, people count while the shop goes on, and the differences are booked."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.domains.inventory.model.stock import Stock
from souk.table import current, keys, record
from souk.table.actions import Action, Put
from tests.support.market import Market
from tests.support.shop import Answer, Shop
from tests.support.table import before_next_write


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with ten mugs and ten cups."""
    store_id = market.store()
    market.goods({"MUG": 1000, "CUP": 1000}, {store_id: 10})
    return store_id


def _begin(shop: Shop, store_id: str, reference: str = "2026", as_: Any = None, **more: Any) -> Answer:
    return shop.post("/staff/stocktakes", {"store_id": store_id, "reference": reference, **more}, as_=as_ or shop.boss)


def _opened(shop: Shop, store_id: str, **more: Any) -> str:
    """A stocktake that takes counts."""
    path = f"/staff/stocktakes/{_begin(shop, store_id, **more).ok()['stocktake_id']}"
    shop.drain()
    assert shop.get(path, as_=shop.boss)["status"] == "open"
    return path


def _count(shop: Shop, path: str, reference: str = "", as_: Any = None, **units: int) -> Answer:
    return _enter(shop, path, units, reference, as_)


def _enter(shop: Shop, path: str, units: dict[str, int], reference: str = "", as_: Any = None) -> Answer:
    lines = [{"sku": sku, "counted": count} for sku, count in units.items()]
    said = {"reference": reference or f"C-{shop.next_number()}", "lines": lines}
    return shop.post(f"{path}/counts", said, as_=as_ or shop.boss)


def _posted(shop: Shop, path: str) -> dict[str, Any]:
    shop.post(f"{path}/post", as_=shop.boss).ok()
    shop.drain()
    found = shop.get(path, as_=shop.boss).ok()
    assert found["status"] == "posted"
    return found


def _lines(shop: Shop, path: str, which: str = "all") -> dict[str, dict[str, Any]]:
    found = shop.get(f"{path}/lines", as_=shop.boss, which=which, limit=100).ok()["items"]
    return {one["sku"]: one for one in found}


def _entries(market: Market, sku: str, store_id: str) -> list[tuple[str, int, int]]:
    return [(entry["cause"], entry["delta"], entry["balance"]) for entry in market.entries(sku, store_id)]


@pytest.mark.capability("INV-08")
@pytest.mark.capability("STO-07")
def test_a_count_is_held_against_what_was_there_at_the_opening_and_has_moved_until_it_was_counted(
    shop: Shop, market: Market, store_id: str
) -> None:
    """One mug was missing at the opening already; two are shipped before the count, and three after it."""
    before, after = market.laid_out({"MUG": 2}), market.laid_out({"MUG": 3})
    path = _opened(shop, store_id)
    market.ship(before).ok()
    assert {sku: line["expected"] for sku, line in _lines(shop, path).items()} == {"CUP": 10, "MUG": 10}
    (line,) = _count(shop, path, MUG=7).ok()["items"]
    assert (line["expected"], line["counts"][0]["expected"], line["difference"]) == (10, 8, -1)
    market.ship(after).ok()
    market.receive(store_id, {"MUG": 5})
    assert set(_lines(shop, path, "uncounted")) == {"CUP"}
    assert set(_lines(shop, path, "different")) == {"MUG"}
    stocktake = _posted(shop, path)
    assert (stocktake["lines"], stocktake["settled"], stocktake["differences"]) == (2, 2, 1)
    assert _entries(market, "MUG", store_id)[1:] == [
        ("shipment", -2, 8),
        ("shipment", -3, 5),
        ("receipt", 5, 10),
        ("stocktake", -1, 9),
    ]
    assert market.level("CUP", store_id) == (10, 0, 10)
    assert len(shop.facts("StocktakePosted")) == 1


@pytest.mark.capability("INV-08")
def test_it_is_posted_once_and_takes_no_counts_afterwards(shop: Shop, market: Market, store_id: str) -> None:
    path = _opened(shop, store_id)
    _count(shop, path, MUG=9, CUP=11).ok()
    _posted(shop, path)
    with shop.unchanged():
        again = shop.post(f"{path}/post", as_=shop.boss)
        assert (again.status, again["code"]) == (409, "not_in_that_state")
        late = _count(shop, path, MUG=8)
        assert (late.status, late["code"]) == (409, "not_open")
        assert shop.post(f"{path}/cancel", as_=shop.boss).status == 409
    assert (market.level("MUG", store_id), market.level("CUP", store_id)) == ((9, 0, 9), (11, 0, 11))


@pytest.mark.capability("INV-08")
def test_several_people_count_and_the_last_count_of_a_line_holds(shop: Shop, market: Market, store_id: str) -> None:
    path = _opened(shop, store_id)
    ann, bea = (shop.staff("stock.write", stores=(store_id,)) for _ in range(2))
    _count(shop, path, "ann", ann, MUG=4, CUP=10).ok()
    _count(shop, path, "bea", bea, MUG=9).ok()
    late = _count(shop, path, "ann", ann, MUG=4, CUP=10).ok()
    assert [(line["sku"], line["counts"][-1]["counted"]) for line in late["items"]] == [("MUG", 9), ("CUP", 10)]
    assert _count(shop, path, "ann", ann, MUG=5)["code"] == "reference_used"
    assert _count(shop, path, JUG=1)["code"] == "not_counted"
    _posted(shop, path)
    assert market.level("MUG", store_id) == (9, 0, 9)


@pytest.mark.capability("INV-08")
def test_a_count_that_is_sent_again_after_a_sale_is_still_the_first_one(
    shop: Shop, market: Market, store_id: str
) -> None:
    order_id = market.laid_out({"MUG": 3})
    path = _opened(shop, store_id)
    _count(shop, path, "ann", MUG=10).ok()
    market.ship(order_id).ok()
    (line,) = _count(shop, path, "ann", MUG=10).ok()["items"]
    assert line["difference"] == 0
    _posted(shop, path)
    assert market.level("MUG", store_id) == (7, 0, 7)


def test_work_that_nobody_heard_of_is_woken_by_the_same_command(shop: Shop, market: Market, store_id: str) -> None:
    """Its fact lies among the dead letters: it is as if it had been told."""
    path = f"/staff/stocktakes/{_begin(shop, store_id).ok()['stocktake_id']}"
    _leave_untold(shop)
    assert _begin(shop, store_id).ok()["status"] == "opening"
    shop.drain()
    _count(shop, path, MUG=9).ok()
    shop.post(f"{path}/post", as_=shop.boss).ok()
    _leave_untold(shop)
    assert shop.post(f"{path}/post", as_=shop.boss).ok()["status"] == "posting"
    shop.drain()
    assert shop.get(path, as_=shop.boss)["status"] == "posted"
    assert market.level("MUG", store_id) == (9, 0, 9)


def _leave_untold(shop: Shop) -> None:
    shop._told.update(row["fact_id"] for row in shop.rows("Fact"))


def test_two_who_count_the_same_line_at_once_are_both_written_down(
    shop: Shop, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _opened(shop, store_id)
    before_next_write(monkeypatch, lambda: _count(shop, path, "bea", MUG=9).ok())
    (line,) = _count(shop, path, "ann", MUG=8).ok()["items"]
    assert [one["counted"] for one in line["counts"]] == [9, 8]


def test_whoever_counts_while_it_is_being_ended_is_counted_or_refused(
    shop: Shop, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _opened(shop, store_id)
    before_next_write(monkeypatch, lambda: shop.post(f"{path}/post", as_=shop.boss).ok())
    assert _count(shop, path, MUG=8)["code"] == "not_open"
    shop.drain()
    assert _lines(shop, path, "uncounted").keys() == {"MUG", "CUP"}


@pytest.mark.capability("INV-08")
def test_goods_that_are_promised_and_not_there_make_the_store_short(shop: Shop, market: Market, store_id: str) -> None:
    market.place({"MUG": 8})
    path = _opened(shop, store_id)
    _count(shop, path, MUG=3).ok()
    _posted(shop, path)
    assert market.level("MUG", store_id) == (3, 8, -5)
    assert [(fact["cause"], fact["short"]) for fact in shop.facts("StockShort")] == [("stocktake", {"MUG": 5})]


def test_what_has_left_since_it_was_not_found_was_not_missing(shop: Shop, market: Market, store_id: str) -> None:
    order_id = market.laid_out({"MUG": 4})
    path = _opened(shop, store_id)
    _count(shop, path, MUG=0).ok()
    market.ship(order_id).ok()
    _posted(shop, path)
    assert (_lines(shop, path)["MUG"]["difference"], _lines(shop, path)["MUG"]["posted"]) == (-10, -6)
    assert market.level("MUG", store_id) == (0, 0, 0)


@pytest.mark.capability("INV-08")
def test_chosen_goods_only_and_given_up_without_a_trace_in_the_ledger(
    shop: Shop, market: Market, store_id: str
) -> None:
    assert _begin(shop, store_id, skus=["MUG", "JUG"])["code"] == "not_stocked"
    path = _opened(shop, store_id, skus=["MUG", "MUG"])
    assert set(_lines(shop, path)) == {"MUG"}
    _count(shop, path, MUG=3).ok()
    assert shop.post(f"{path}/cancel", as_=shop.boss)["status"] == "cancelled"
    assert shop.post(f"{path}/post", as_=shop.boss).status == 409
    assert market.level("MUG", store_id) == (10, 0, 10)
    first, again = (_begin(shop, store_id, "other").ok() for _ in range(2))
    assert first == again
    assert _begin(shop, store_id, "other", note="x")["code"] == "reference_used"
    path = f"/staff/stocktakes/{first['stocktake_id']}"
    assert _count(shop, path, MUG=3)["code"] == "not_open"
    shop.post(f"{path}/cancel", as_=shop.boss).ok()
    shop.drain()
    assert (shop.get(path, as_=shop.boss)["status"], _lines(shop, path)) == ("cancelled", {})
    cards = shop.get("/staff/stocktakes", as_=shop.boss, store_id=store_id).ok()["items"]
    assert [card["status"] for card in cards] == ["cancelled", "cancelled"]


@pytest.mark.capability("STO-07")
def test_another_stores_stocktake_is_missing_like_one_that_never_was(shop: Shop, market: Market, store_id: str) -> None:
    path = _opened(shop, store_id)
    stranger = shop.staff("stock.read", "stock.write", stores=(market.store("Souk Baixa"),))
    with shop.unchanged():
        for below in ("", "/lines"):
            foreign, absent = (shop.get(f"{one}{below}", as_=stranger) for one in (path, "/staff/stocktakes/stk_0"))
            assert (foreign.status, foreign.body) == (404, absent.body)
        assert _count(shop, path, as_=stranger, MUG=1).status == 404
        assert _begin(shop, store_id, "mine", stranger).status == 404
        for below in ("post", "cancel"):
            assert shop.post(f"{path}/{below}", as_=stranger).status == 404
        assert shop.get("/staff/stocktakes", as_=stranger, store_id=store_id).status == 404


Steps = list[tuple[str, int]]
steps: st.SearchStrategy[Steps] = st.lists(
    st.tuples(st.sampled_from(("receipt", "issue", "count", "count")), st.integers(0, 14)), max_size=10
)


@pytest.mark.capability("INV-08")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_in_the_end_there_is_what_was_counted_last_and_what_has_moved_since(market: Market, history: Steps) -> None:
    """Whatever else was counted, received and issued before, between and after."""
    shop = market.shop
    shop.keep_in_memory()
    market.category_id = ""
    store_id = market.store()
    market.goods({"MUG": 1000}, {store_id: 10})
    path = f"/staff/stocktakes/{_begin(shop, store_id).ok()['stocktake_id']}"
    _work(shop, "StocktakeOpened")
    there = 10
    for number, (verb, units) in enumerate(history):
        if verb == "count":
            _count(shop, path, MUG=units).ok()
            there = units
            continue
        line = {"sku": "MUG", "units": units + 1}
        document = {"kind": verb, "store_id": store_id, "reference": f"D-{number}", "lines": [line]}
        if shop.post("/staff/stock-documents", document, as_=shop.boss).status == 201:
            there += (units + 1) * (1 if verb == "receipt" else -1)
    shop.post(f"{path}/post", as_=shop.boss).ok()
    _work(shop, "StocktakeCounted")
    assert market.level("MUG", store_id)[0] == max(0, there)


class Breaking:
    """The table, for a function that is ended after every so many writes."""

    def __init__(self, every: int) -> None:
        self.every, self.writes, self.table = every, 0, current.table()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)

    def write(self, actions: Sequence[Action], token: str) -> None:
        self.writes += 1
        if self.writes % self.every == 0:
            raise KeyboardInterrupt
        self.table.write(actions, token)


@pytest.mark.capability("INV-08")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(every=st.integers(2, 6), found=st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_however_often_it_breaks_off_every_line_is_frozen_and_posted_once(
    market: Market, every: int, found: list[int]
) -> None:
    shop = market.shop
    shop.keep_in_memory()
    market.category_id = ""
    store_id = market.store()
    _stock(store_id, len(found), 2)
    path = f"/staff/stocktakes/{_begin(shop, store_id).ok()['stocktake_id']}"
    _work(shop, "StocktakeOpened", every)
    for first in range(0, len(found), 40):
        part = {_sku(first + number): units for number, units in enumerate(found[first : first + 40])}
        _enter(shop, path, part).ok()
    shop.post(f"{path}/post", as_=shop.boss).ok()
    _work(shop, "StocktakeCounted", every)
    done = shop.get(path, as_=shop.boss).ok()
    assert (done["status"], done["lines"], done["settled"]) == ("posted", len(found), len(found))
    on_hand = {row["sku"]: row["on_hand"] for row in shop.rows("Stock")}
    assert on_hand == {_sku(number): units for number, units in enumerate(found)}
    assert len(shop.rows("StockEntry")) == done["differences"] == sum(units != 2 for units in found)


@pytest.mark.capability("INV-08")
def test_a_store_of_ten_thousand_goods_is_counted(market: Market) -> None:
    shop = market.shop
    store_id = market.store()
    _stock(store_id, 10_000, 5)
    path = f"/staff/stocktakes/{_begin(shop, store_id).ok()['stocktake_id']}"
    _work(shop, "StocktakeOpened")
    assert shop.get(path, as_=shop.boss)["lines"] == 10_000
    for first in range(0, 10_000, 500):
        _enter(shop, path, {_sku(number): 4 for number in range(first, first + 20)}).ok()
    shop.post(f"{path}/post", as_=shop.boss).ok()
    _work(shop, "StocktakeCounted")
    stocktake = shop.get(path, as_=shop.boss).ok()
    assert (stocktake["status"], stocktake["settled"], stocktake["differences"]) == ("posted", 10_000, 400)
    assert sum(row["on_hand"] for row in shop.rows("Stock")) == 50_000 - 400


def _work(shop: Shop, fact: str, every: int = 0) -> None:
    """The work of a stocktake, begun again as often as it breaks off: no other hears of these goods."""
    (told,) = (row for row in shop.rows("Fact") if row["detail_type"] == fact)
    table = current.table()
    if every:
        current.use(Breaking(every))
    while True:
        try:
            shop.invoke("WorkStocktakes", {"detail-type": fact, "detail": told["detail"]})
        except KeyboardInterrupt:
            continue
        break
    current.use(table)


def _sku(number: int) -> str:
    return f"MUG-{number:05d}"


def _stock(store_id: str, goods: int, units: int) -> None:
    """So many goods lie in the store; nobody has catalogued them."""
    for number in range(goods):
        stock = Stock(sku=_sku(number), store_id=store_id, product_id="prd_1", version=1, on_hand=units)
        row = record.row_of(keys.STOCK, stock.but(available=units))
        current.table().write([Put(row, ())], str(number))
