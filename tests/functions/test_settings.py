"""The settings of the shop: typed, in force at once, with a history to go back in."""

from itertools import pairwise
from typing import Any

import pytest

from souk.domains.stores.model.settings import ShopSettings
from tests.support.market import ADDRESS, INES, Market
from tests.support.shop import Answer, Shop

PATH = "/staff/settings"
MONDAYS = {"day": "mon", "opens": "09:00", "closes": "19:00"}


def change(shop: Shop, **edit: Any) -> Answer:
    now = shop.get(PATH, as_=shop.boss).ok()
    return shop.put(PATH, now | edit, as_=shop.boss)


def change_and_wait(shop: Shop, **edit: Any) -> None:
    change(shop, **edit).ok()
    shop.pass_time(seconds=60)


@pytest.mark.capability("SYS-01")
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"email": "nobody"},
        {"phone": "none"},
        {"currency": "euro"},
        {"tax_basis_points": 10_001},
        {"tax_basis_points": "8"},
        {"payment_seconds": -1},
        {"confirm_by_hand": 1},
        {"payment_methods": ["shells"]},
        {"payment_methods": "card"},
        {"delivery_areas": [{"country": "Portugal"}]},
        {"delivery_areas": [{"country": "PT", "town": "Lisboa"}]},
        {"hours": [MONDAYS | {"closes": "08:00"}]},
        {"version": "0"},
        {"colour": "red"},
        {"return_seconds": 604_800},
        {"authorise_first": True},
        {"capture": "never"},
        {"bill_accounts": {"wechat_pay": "mine"}},
        {"bill_accounts": {"alipay": "20881234567890120156"}},
        {"bill_accounts": {"stripe": "acct_1"}},
    ],
)
def test_a_bad_value_is_refused_and_nothing_is_kept(shop: Shop, wrong: dict[str, Any]) -> None:
    answer = change(shop, **wrong)
    assert (answer.status, answer["code"], shop.rows("ShopSettings")) == (422, "not_valid", [])


@pytest.mark.capability("PAY-04")
@pytest.mark.parametrize(("first", "capture"), [(True, "when_paid"), (False, "at_once"), (None, "at_once")])
def test_settings_that_an_older_release_has_stored_take_money_as_they_did(first: bool | None, capture: str) -> None:
    assert ShopSettings.model_validate({"authorise_first": first}).capture == capture
    told = {"authorise_first": first, "capture": "at_shipment"}
    assert ShopSettings.model_validate(told).capture == "at_shipment"


@pytest.mark.parametrize(("seconds", "days"), [(604_800, 7), (90_000, 2), (0, 0), (None, None)])
def test_settings_that_an_older_release_has_stored_take_goods_back_for_as_long(
    seconds: int | None, days: int | None
) -> None:
    assert ShopSettings.model_validate({"return_seconds": seconds}).after_sales.return_days == days
    told = {"return_seconds": seconds, "after_sales": {"return_days": 30}}
    assert ShopSettings.model_validate(told).after_sales.return_days == 30


@pytest.mark.capability("SYS-01")
def test_goods_that_are_given_back_for_ever_are_as_well_kept_as_others(shop: Shop) -> None:
    for_ever = {"category_id": "cat_1", "return_days": None}
    change(shop, after_sales={"return_days": 14, "categories": [for_ever]}).ok()
    assert shop.get(PATH, as_=shop.boss).ok()["after_sales"]["categories"] == [for_ever]


@pytest.mark.capability("SYS-01")
def test_a_change_holds_within_a_minute_where_the_old_setting_was_known(market: Market) -> None:
    market.goods({"TEA": 1000}, {market.store(): 5})
    assert market.quote({"TEA": 1}).ok()["tax_minor"] == 0
    change_and_wait(market.shop, tax_basis_points=800)
    assert market.quote({"TEA": 1}).ok()["tax_minor"] == 80


@pytest.mark.capability("SYS-01")
def test_every_version_tells_who_made_it_when_and_what_it_changed_and_can_be_gone_back_to(shop: Shop) -> None:
    began = shop.get(PATH, as_=shop.boss).ok()
    edits: list[dict[str, Any]] = [
        {"name": "Souk Chiado", "email": "hello@example.com"},
        {"tax_basis_points": 725, "delivery_areas": [{"country": "PT", "regions": ["Lisboa"]}]},
        {"name": "Souk", "payment_seconds": 900},
    ]
    for edit in edits:
        shop.pass_time(hours=1)
        change(shop, **edit).ok()
    history = list(reversed(shop.get(f"{PATH}/history", as_=shop.boss).ok()["items"]))
    assert [(one["version"], one["by"], one["at"][11:16]) for one in history] == [
        (1, "boss", "10:00"),
        (2, "boss", "11:00"),
        (3, "boss", "12:00"),
    ]
    assert [one["after"].keys() for one in history] == [edit.keys() for edit in edits]
    versions = [began, *(one["settings"] for one in history)]
    for (before, after), one in zip(pairwise(versions), history, strict=True):
        differ = {name for name in after if before[name] != after[name]} - {"version"}
        assert one["before"] == {name: before[name] for name in differ}
        assert one["after"] == {name: after[name] for name in differ}

    for number, wanted in enumerate(versions, start=4):
        rolled = shop.post(f"{PATH}/rollback", {"version": number - 4}, as_=shop.boss)
        assert rolled.ok() == wanted | {"version": number} == shop.get(PATH, as_=shop.boss).body
        assert shop.post(f"{PATH}/rollback", {"version": number - 4}, as_=shop.boss).body == rolled.body
    newest = shop.get(f"{PATH}/history", as_=shop.boss, limit=1)["items"][0]
    assert (newest["version"], newest["restored"]) == (7, 3)


def test_a_version_that_never_was_is_missing_and_one_that_was_changed_meanwhile_refused(shop: Shop) -> None:
    assert shop.post(f"{PATH}/rollback", {"version": 3}, as_=shop.boss).status == 404
    change(shop, name="Bazaar").ok()
    late = shop.put(PATH, {"name": "Souq", "version": 0}, as_=shop.boss)
    assert (late.status, shop.get(PATH, as_=shop.boss)["name"]) == (409, "Bazaar")


def test_settings_are_head_offices_business(shop: Shop) -> None:
    local = shop.staff("settings.read", "settings.write", stores=("sto_1",))
    answers = [
        shop.get(PATH, as_=local),
        shop.get(f"{PATH}/history", as_=local),
        shop.put(PATH, {"version": 0}, as_=local),
        shop.post(f"{PATH}/rollback", {"version": 0}, as_=local),
    ]
    assert [answer.status for answer in answers] == [404] * 4


@pytest.mark.capability("SYS-01")
def test_a_payment_method_that_is_off_is_refused_and_what_was_ordered_before_stands(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 9})
    quote_id = market.quote({"TEA": 1}).ok()["quote_id"]
    placed = market.checkout({"TEA": 1}, key="once", quote_id=quote_id).ok()
    change_and_wait(market.shop, payment_methods=[])
    refused = market.checkout({"TEA": 1}, quote_id=quote_id)
    assert (refused.status, refused["code"], refused["method"]) == (422, "payment_method_off", "card")
    assert market.checkout({"TEA": 1}, key="once", quote_id=quote_id).ok()["order"] == placed["order"]
    assert market.stock("TEA")["reserved"] == 1


@pytest.mark.capability("SYS-01")
def test_the_shop_delivers_to_its_areas_only(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 9})
    quote_id = market.quote({"TEA": 1}).ok()["quote_id"]
    change_and_wait(market.shop, delivery_areas=[{"country": "PT", "regions": ["Lisboa", "Porto"]}, {"country": "ES"}])

    wanted = {"lines": [{"sku": "TEA", "quantity": 1}]}
    quoted = {
        place: market.shop.post("/me/quotes", wanted | dict(zip(("country", "region"), place, strict=False)), as_=INES)
        for place in (("ES",), ("PT",), ("PT", "porto"), ("PT", "Faro"), ("FR",))
    }
    assert [answer.status for answer in quoted.values()] == [200, 200, 200, 409, 409]
    assert quoted["PT", "Faro"]["code"] == "outside_delivery_areas"
    for region, status in (("lisboa", 201), ("Faro", 409), (None, 409)):
        answer = market.checkout({"TEA": 1}, quote_id=quote_id, address=ADDRESS | {"region": region})
        assert answer.status == status, (region, answer.body)
    assert market.stock("TEA")["reserved"] == 1


@pytest.mark.capability("SYS-01")
def test_a_store_without_hours_of_its_own_keeps_the_shops(market: Market) -> None:
    market.store("Chiado")
    market.store("Baixa", hours=[MONDAYS | {"opens": "12:00"}])
    change_and_wait(market.shop, hours=[MONDAYS])
    at_nine = {one["name"]: one["open_now"] for one in market.shop.get("/shop/stores").ok()["items"]}
    assert at_nine == {"Chiado": True, "Baixa": False}


@pytest.mark.capability("SYS-01")
def test_everybody_sees_how_to_reach_the_shop_and_nothing_of_how_it_works(shop: Shop) -> None:
    said = {"name": "Souk Chiado", "email": "hello@example.com", "phone": "+351 21 000 0001", "hours": [MONDAYS]}
    change(shop, **said, tax_basis_points=800).ok()
    info = shop.get("/shop/info").ok()
    open_to_all = {"currency": "EUR", "shown_currencies": [], "payment_methods": ["card"], "delivery_areas": []}
    open_to_all |= {"time_zone": "UTC", "charged_currencies": []}
    assert info == said | open_to_all
