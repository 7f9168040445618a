"""Head office's control of its stores: what it leaves to them, what it sets for many, and the way back."""

from typing import Any, get_args

import pytest

from souk.domains.stores.model.control import StoreValues
from souk.domains.stores.model.settings import StoreField
from souk.kernel import kept
from souk.kernel.caller import Caller
from souk.table.unit import Unit
from tests.support.market import Market
from tests.support.memory import MemoryTable
from tests.support.shop import Answer, Shop

MONDAYS = {"day": "mon", "opens": "09:00", "closes": "19:00"}
LATE = [MONDAYS | {"opens": "12:00"}]
READ_ONLY = ("store_id", "central", "merchant_id")


def clerk_of(shop: Shop, *stores: str) -> Caller:
    return shop.staff("stores.read", "stores.write", stores=stores)


def edit(shop: Shop, store_id: str, by: Caller, **changes: Any) -> Answer:
    sheet = shop.get(f"/staff/stores/{store_id}", as_=shop.boss).ok()
    said = {name: value for name, value in sheet.items() if name not in READ_ONLY}
    return shop.put(f"/staff/stores/{store_id}", said | changes, as_=by)


def allow(shop: Shop, *fields: str) -> None:
    now = shop.get("/staff/settings", as_=shop.boss).ok()
    shop.put("/staff/settings", now | {"stores_may_set": fields}, as_=shop.boss).ok()


def push(shop: Shop, values: dict[str, Any], conflicts: str = "keep", **more: Any) -> list[dict[str, Any]]:
    """Every page of it."""
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["next_cursor"]:
        cursor = {"cursor": pages[-1]["next_cursor"]} if pages else {}
        said = {"values": values, "conflicts": conflicts, **more, **cursor}
        pages.append(shop.post("/staff/stores/push", said, as_=shop.boss).ok())
    return pages


def read(shop: Shop, store_id: str) -> dict[str, Any]:
    return dict(shop.get(f"/staff/stores/{store_id}", as_=shop.boss).ok())


# What the policy can name, each with a value that is not the one of the market's store.
OWN: dict[str, Any] = {
    "open": False,
    "hours": LATE,
    "holidays": ["2026-12-25"],
    "phone": "+351 21 000 0002",
    "manager": "Ana Dias",
    "freight_minor": 300,
    "free_freight_from_minor": 5000,
    "daily_orders": 20,
    "reach": {"metres": 7000, "area": None},
}
# What head office pushes: a store that wants the same has nothing of its own.
PUSHED: dict[str, Any] = {
    "open": False,
    "hours": [MONDAYS],
    "holidays": ["2026-12-26"],
    "phone": "+351 21 000 0003",
    "manager": "Rui Costa",
    "freight_minor": 490,
    "free_freight_from_minor": 0,
    "daily_orders": 0,
    "reach": {"metres": 1, "area": None},
}
NEVER = {"name": "Another", "rank": 1, "serves": ["ES"], "time_zone": "UTC"}


def test_what_may_be_left_to_stores_is_what_can_be_pushed_to_them() -> None:
    assert OWN.keys() == PUSHED.keys() == StoreValues.__annotations__.keys() == {*get_args(StoreField)}


@pytest.mark.capability("STO-13")
@pytest.mark.parametrize("field", [*OWN, *NEVER])
def test_a_store_sets_what_the_policy_names_and_nothing_else(market: Market, field: str) -> None:
    shop, store_id = market.shop, market.store()
    clerk, value = clerk_of(shop, store_id), (OWN | NEVER)[field]
    allow(shop, *(name for name in OWN if name != field))
    with shop.unchanged():
        refused = edit(shop, store_id, clerk, **{field: value})
    assert (refused.status, refused["code"], refused["field"]) == (403, "field_of_head_office", field)
    allow(shop, *OWN)
    answer = edit(shop, store_id, clerk, **{field: value})
    assert answer.status == (403 if field in NEVER else 200)
    assert edit(shop, store_id, shop.boss, **{field: value}).ok()[field] == value


@pytest.mark.capability("STO-13")
def test_what_the_policy_was_and_who_changed_it_is_kept_and_can_be_gone_back_to(shop: Shop) -> None:
    allow(shop, "hours")
    allow(shop)
    newest, first = shop.get("/staff/settings/history", as_=shop.boss).ok()["items"]
    assert (newest["by"], newest["before"]["stores_may_set"], newest["after"]["stores_may_set"]) == (
        "boss",
        ["hours"],
        [],
    )
    rolled = shop.post("/staff/settings/rollback", {"version": first["version"]}, as_=shop.boss).ok()
    assert rolled["stores_may_set"] == ["hours"]


@pytest.mark.capability("STO-13")
@pytest.mark.parametrize("conflicts", ["keep", "overwrite"])
@pytest.mark.parametrize("field", OWN)
def test_a_push_reaches_every_store_and_tells_which_had_their_own(market: Market, field: str, conflicts: str) -> None:
    shop, own, pushed = market.shop, OWN[field], PUSHED[field]
    plain, willing, other = (market.store(name) for name in ("Plain", "Willing", "Other"))
    before = read(shop, other)[field]
    edit(shop, other, clerk_of(shop, other), **{field: own}).ok()
    edit(shop, willing, clerk_of(shop, willing), **{field: pushed}).ok()
    assert read(shop, other)["central"] == {field: before}

    pages = push(shop, {field: pushed}, conflicts, limit=1)
    outcome = {"keep": "kept", "overwrite": "overwritten"}[conflicts]
    told = [one for page in pages for one in page["conflicts"]]
    is_other = own != pushed
    wanted = [{"store_id": other, "name": "Other", "field": field, "outcome": outcome}] if is_other else []
    assert told == wanted and len(pages) == 3
    assert read(shop, plain)[field] == read(shop, willing)[field] == pushed
    keeps = is_other and conflicts == "keep"
    assert read(shop, other)[field] == (own if keeps else pushed)
    assert read(shop, other)["central"] == ({field: pushed} if keeps else {})
    assert read(shop, willing)["central"] == {}, "it has what head office wants"

    with shop.unchanged():
        again = push(shop, {field: pushed}, conflicts)
    assert [(page["changed"], page["unchanged"]) for page in again] == [(0, 3)]

    path = f"/staff/stores/{other}/own/{field}"
    assert shop.delete(path, as_=clerk_of(shop, other)).ok()[field] == pushed
    with shop.unchanged():
        assert shop.delete(path, as_=clerk_of(shop, other)).ok()["central"] == {}


@pytest.mark.capability("STO-13")
def test_a_store_that_sets_head_offices_value_again_has_none_of_its_own(market: Market) -> None:
    shop, store_id = market.shop, market.store(hours=[MONDAYS])
    clerk = clerk_of(shop, store_id)
    assert edit(shop, store_id, clerk, hours=LATE).ok()["central"] == {"hours": [MONDAYS]}
    assert edit(shop, store_id, clerk, hours=[]).ok()["central"] == {"hours": [MONDAYS]}
    assert edit(shop, store_id, clerk, hours=[MONDAYS]).ok()["central"] == {}
    edit(shop, store_id, clerk, hours=LATE).ok()
    assert edit(shop, store_id, shop.boss, hours=[]).ok()["central"] == {}


@pytest.mark.capability("STO-13")
def test_a_reach_that_a_store_has_already_is_no_conflict_however_little_of_it_is_said(market: Market) -> None:
    shop, store_id = market.shop, market.store()
    edit(shop, store_id, clerk_of(shop, store_id), reach=OWN["reach"]).ok()
    (page,) = push(shop, {"reach": {"metres": OWN["reach"]["metres"]}})
    assert page["conflicts"] == [] and read(shop, store_id)["central"] == {}


@pytest.mark.capability("STO-13")
def test_a_push_that_broke_off_is_finished_by_sending_it_again(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, stores = market.shop, [market.store(f"Souk {n}") for n in range(5)]
    commit, made = Unit.commit, list[int]()

    def broken(unit: Unit) -> None:
        made.append(1)
        if len(made) == 3:
            raise RuntimeError("the process has ended")
        commit(unit)

    monkeypatch.setattr(Unit, "commit", broken)
    said = {"values": {"daily_orders": 9}, "conflicts": "keep"}
    assert shop.post("/staff/stores/push", said, as_=shop.boss).status == 500
    assert sum(read(shop, one)["daily_orders"] == 9 for one in stores) == 2
    (page,) = push(shop, {"daily_orders": 9})
    assert (page["changed"], page["unchanged"]) == (3, 2)
    assert all(read(shop, one)["daily_orders"] == 9 for one in stores)


def test_a_push_to_some_leaves_the_others_and_names_those_that_are_not_there(market: Market) -> None:
    shop, stores = market.shop, [market.store(f"Souk {n}") for n in range(3)]
    (page,) = push(shop, {"daily_orders": 9, "open": False}, store_ids=[*stores[:2], stores[0], "sto_0"])
    assert page == {"changed": 2, "unchanged": 0, "conflicts": [], "missing": ["sto_0"], "next_cursor": None}
    assert [read(shop, one)["open"] for one in stores] == [False, False, True]


def test_stores_of_an_older_release_are_found_once_a_push_has_saved_them(market: Market) -> None:
    shop = market.shop
    market.goods({"TEA": 500}, {market.store(): 5})
    assert isinstance(shop.table, MemoryTable)
    for at, row in list(shop.table.rows.items()):
        if row["kind"] in ("Store", "OfferedStore"):
            older = {name: value for name, value in row.items() if not name.startswith("gsi")}
            shop.table._place(at, older if row["kind"] == "Store" else None)
    kept.forget_all()
    assert market.quote({"TEA": 1}).status == 409 and shop.get("/shop/stores", near="38,-9")["items"] == []
    push(shop, {})
    kept.forget_all()
    assert market.quote({"TEA": 1}).ok() and len(shop.get("/shop/stores", near="38,-9")["items"]) == 1


def test_only_head_office_pushes_and_a_store_goes_back_for_itself(market: Market) -> None:
    shop, (one, other) = market.shop, [market.store(name) for name in "ab"]
    said = {"values": {"open": False}, "conflicts": "overwrite"}
    with shop.unchanged():
        assert shop.post("/staff/stores/push", said, as_=clerk_of(shop, one)).status == 404
        assert shop.delete(f"/staff/stores/{other}/own/hours", as_=clerk_of(shop, one)).status == 404
        assert shop.delete(f"/staff/stores/{one}/own/name", as_=clerk_of(shop, one)).status == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": {"name": "All the same"}},
        {"values": {"phone": ""}},
        {"values": {"phone": None}},
        {"values": {"daily_orders": -1}},
        {"values": {"reach": {"area": []}}},
        {"conflicts": "ask"},
        {"store_ids": []},
        {"limit": 101},
    ],
)
def test_a_push_of_nonsense_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    market.store()
    said = {"values": {"open": False}, "conflicts": "keep"} | wrong
    with market.shop.unchanged():
        assert market.shop.post("/staff/stores/push", said, as_=market.shop.boss).status == 422
