"""Merchants: let in by head office, suspended at once with all their goods, and let back in."""

from datetime import timedelta

import pytest

from souk.flows import merchant_business
from souk.kernel import clock, kept
from tests.support import files, merchants, sales
from tests.support.market import INES, OTTO, STORE, Market
from tests.support.merchants import APPLICATION, Trader, application, apply, decide, people_of, trader
from tests.support.pictures import CANARY, opened, taken
from tests.support.shop import Shop
from tests.support.table import before_next_write


def topics(shop: Shop, of: str = "member") -> list[str]:
    path, by = ("/me/messages", INES) if of == "member" else ("/staff/messages", shop.boss)
    return [one["topic"] for one in shop.get(path, as_=by).ok()["items"]]


@pytest.mark.capability("MER-02")
def test_a_member_applies_is_asked_answers_and_may_sell(market: Market) -> None:
    shop = market.shop
    begun = apply(shop, INES).ok()
    merchant_id = begun["merchant_id"]
    assert begun["status"] == "applied" and begun["documents"][0]["content_type"] == "application/pdf"
    shop.drain()
    assert topics(shop, "head office") == ["merchant_applied"]
    assert [one["merchant_id"] for one in shop.get("/staff/merchants", as_=shop.boss).ok()["items"]] == [merchant_id]
    decide(shop, merchant_id, "asked", "Whose licence is that?").ok()
    shop.drain()
    assert shop.get(APPLICATION, as_=INES).ok()["steps"][-1]["reason"] == "Whose licence is that?"
    known = begun["documents"][0]["document_id"]
    another = merchants.send_up(shop, INES, taken(), "image/jpeg")
    answered = shop.post(APPLICATION, application(known, another), as_=INES).ok()
    assert [one["document_id"] for one in answered["documents"]] == [known, another]
    decide(shop, merchant_id, "active", "Welcome").ok()
    shop.drain()
    assert topics(shop) == ["merchant_approved", "merchant_asked"]
    assert "by" not in str(shop.get(APPLICATION, as_=INES).ok()["steps"])
    assert shop.get("/staff/merchants", as_=shop.boss, status="active").ok()["items"][0]["name"] == "Teahouse"
    told = shop.get("/staff/audit", as_=shop.boss, subject=merchant_id, **{"from": "2026-01-01", "to": "2026-12-31"})
    reasons = {one["reason"] for one in told.ok()["items"] if one["by"] == shop.boss.id}
    assert reasons == {"Whose licence is that?", "Welcome"}


@pytest.mark.capability("MER-03")
def test_a_merchants_people_are_not_told_who_decided_at_head_office(market: Market, teahouse: Trader) -> None:
    path = f"/staff/merchants/{teahouse.merchant_id}"
    seen = {who: market.shop.get(path, as_=who).ok() for who in (market.shop.boss, teahouse.boss)}
    assert [[step["by"] for step in one["history"]] for one in seen.values()] == [
        ["mem_teahouse", market.shop.boss.id],
        ["mem_teahouse", "shop"],
    ]
    assert seen[market.shop.boss] | {"history": ()} == seen[teahouse.boss] | {"history": ()}


@pytest.mark.capability("MER-02")
def test_who_is_rejected_is_told_why_and_may_apply_again(market: Market) -> None:
    shop = market.shop
    merchant_id = apply(shop, INES).ok()["merchant_id"]
    decide(shop, merchant_id, "rejected", "The licence is over").ok()
    shop.drain()
    assert shop.get("/me/messages", as_=INES).ok()["items"][0]["text"]["en"] == "The reason: The licence is over"
    assert decide(shop, merchant_id, "active").status == 409
    again = apply(shop, INES, legal_name="Teahouse SA").ok()
    assert (again["merchant_id"], again["status"], again["legal_name"]) == (merchant_id, "applied", "Teahouse SA")


def test_who_has_waited_longest_is_looked_at_first(market: Market) -> None:
    shop = market.shop
    waiting = []
    for applicant in (OTTO, INES):
        waiting.append(apply(shop, applicant).ok()["merchant_id"])
        shop.pass_time(minutes=5)
    first = shop.get("/staff/merchants", as_=shop.boss, limit=1).ok()
    second = shop.get("/staff/merchants", as_=shop.boss, limit=1, cursor=first["next_cursor"]).ok()
    assert [page["items"][0]["merchant_id"] for page in (first, second)] == waiting


def test_what_is_sent_twice_is_said_once(market: Market) -> None:
    shop = market.shop
    said = application(merchants.send_up(shop, INES))
    first, second = (shop.post(APPLICATION, said, as_=INES).ok() for _ in range(2))
    assert first == second
    path = f"/staff/merchants/{first['merchant_id']}"
    decision = {"status": "active", "reason": "Welcome", "version": shop.get(path, as_=shop.boss).ok()["version"]}
    assert len({str(shop.put(f"{path}/status", decision, as_=shop.boss).ok()) for _ in range(2)}) == 1
    shop.drain()
    assert len(shop.facts("MerchantApplied")) == len(shop.facts("MerchantDecided")) == 1
    assert shop.post(APPLICATION, application(merchants.send_up(shop, INES)), as_=INES).status == 409


def test_head_office_decides_upon_what_it_has_read(market: Market) -> None:
    shop = market.shop
    merchant_id = apply(shop, INES).ok()["merchant_id"]
    path = f"/staff/merchants/{merchant_id}"
    read = shop.get(path, as_=shop.boss).ok()["version"]
    apply(shop, INES, name="Another name").ok()
    decision = {"status": "active", "reason": "Welcome", "version": read}
    assert shop.put(f"{path}/status", decision, as_=shop.boss)["code"] == "edited_meanwhile"


@pytest.mark.capability("MER-02")
def test_documents_are_judged_by_their_bytes_and_seen_by_those_concerned_alone(market: Market) -> None:
    shop = market.shop
    upload = f"{APPLICATION}/uploads"
    for said, status in (
        ({"content_type": "image/svg+xml", "bytes": 10}, 415),
        ({"content_type": "application/pdf", "bytes": 10_000_001}, 413),
        ({"content_type": "application/pdf", "bytes": 0}, 422),
    ):
        assert shop.post(upload, said, as_=INES).status == status
    script = merchants.send_up(shop, INES, b"<script>alert(1)</script>")
    foreign = merchants.send_up(shop, OTTO)
    for upload_id, code in ((script, "not_a_picture"), (foreign, "no_document_sent")):
        assert shop.post(APPLICATION, application(upload_id), as_=INES)["code"] == code
    assert not shop.rows("Merchant")
    photo = merchants.send_up(shop, INES, taken(), "image/jpeg")
    made = shop.post(APPLICATION, application(photo), as_=INES).ok()
    ways = [(f"/staff/merchants/{made['merchant_id']}", shop.boss), (APPLICATION, INES)]
    for path, by in ways:
        seen = files.fetched(shop.get(f"{path}/documents/{photo}", as_=by).ok()["url"])
        assert opened(seen).size == opened(taken()).size and CANARY not in seen
    assert shop.get(f"{APPLICATION}/documents/{photo}", as_=OTTO).status == 404


@pytest.fixture
def teahouse(market: Market) -> Trader:
    return trader(market)


def sold(market: Market, sku: str, product_id: str) -> list[bool]:
    """Whether it is on its page, in its category's list, in a new cart and in a quote."""
    shop = market.shop
    shelf = shop.get(f"/shop/categories/{market.category_id}/products").ok()["items"]
    return [
        shop.get(f"/shop/products/{product_id}").status == 200,
        product_id in {card["product_id"] for card in shelf},
        shop.post("/me/cart/lines", {"sku": sku, "quantity": 1}, as_=OTTO).status < 300,
        market.quote({sku: 1}).status == 200,
    ]


@pytest.mark.capability("MER-02")
def test_only_an_active_merchant_can_list(market: Market, teahouse: Trader) -> None:
    shop, product_id = market.shop, teahouse.product("PUERH")
    teahouse.suspend()
    plan = {"list_at": "2026-12-01T08:00:00Z"}
    for by in (teahouse.boss, shop.boss):
        assert shop.post(f"/staff/listings/{product_id}/list", as_=by)["code"] == "may_not_sell"
        assert shop.put(f"/staff/listings/{product_id}/schedule", plan, as_=by)["code"] == "may_not_sell"
    applicant = merchants.member("applicant")
    merchant_id = apply(shop, applicant).ok()["merchant_id"]
    early = Trader(market, merchant_id, "", people_of(merchant_id))
    refused = shop.post(f"/staff/listings/{early.product('OOLONG')}/list", as_=early.boss)
    assert (refused.status, refused["code"]) == (409, "may_not_sell")
    assert shop.post("/staff/stores", STORE | {"merchant_id": merchant_id}, as_=shop.boss).status == 409


@pytest.mark.capability("MER-02")
def test_a_suspension_takes_all_goods_off_in_one_call_and_its_end_brings_back_just_those(
    market: Market, teahouse: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = market.shop
    monkeypatch.setattr(merchant_business, "_MOST_MOVED", 2)
    products = teahouse.goods({"PUERH": 1900, "OOLONG": 1500, "MATCHA": 2900, "SENCHA": 900})
    own = market.goods({"CUP": 1000}, {market.store(): 5})
    shop.post(f"/staff/listings/{products['SENCHA']}/delist", {"reason": "too old"}, as_=teahouse.boss).ok()
    assert all(sold(market, "PUERH", products["PUERH"]))
    waiting = market.checkout({"OOLONG": 1}, by=INES)
    teahouse.suspend()
    kept.forget_all()
    for sku in ("PUERH", "OOLONG", "MATCHA"):
        assert not any(sold(market, sku, products[sku])), "it is so before anybody was told"
    assert all(sold(market, "CUP", own["CUP"]))
    shop.drain()
    assert statuses(shop, products) == dict.fromkeys(products, "delisted")
    market.pay(waiting)
    market.hear()
    assert market.order(waiting["order"]["order_id"])["status"] == "paid", "what was ordered before is served"
    teahouse.reinstate()
    shop.drain()
    assert statuses(shop, products) == dict.fromkeys(products, "listed") | {"SENCHA": "delisted"}
    assert all(sold(market, "PUERH", products["PUERH"]))
    history = shop.get(f"/staff/listings/{products['PUERH']}/history", as_=teahouse.boss).ok()["items"]
    assert [(one["action"], one["actor"]) for one in history[1:]] == [("delisted", "merchant"), ("listed", "merchant")]


def statuses(shop: Shop, products: dict[str, str]) -> dict[str, str]:
    return {sku: shop.get(f"/staff/listings/{one}", as_=shop.boss).ok()["status"] for sku, one in products.items()}


@pytest.mark.capability("MER-02")
def test_what_was_decided_by_hand_meanwhile_stays_so(market: Market, teahouse: Trader) -> None:
    shop, products = market.shop, teahouse.goods({"PUERH": 1900, "OOLONG": 1500})
    teahouse.suspend()
    shop.drain()
    shop.post(f"/staff/listings/{products['PUERH']}/delist", {"reason": "recalled"}, as_=shop.boss).ok()
    teahouse.reinstate()
    shop.drain(times=2)
    assert statuses(shop, products) == {"PUERH": "delisted", "OOLONG": "listed"}


@pytest.mark.capability("MER-02")
def test_what_was_to_end_while_its_merchant_was_suspended_stays_off_and_says_why(
    market: Market, teahouse: Trader
) -> None:
    shop, product_id = market.shop, teahouse.goods({"PUERH": 1900})["PUERH"]
    ends = clock.text(shop.clock.at + timedelta(hours=1))
    shop.put(f"/staff/listings/{product_id}/schedule", {"delist_at": ends}, as_=teahouse.boss).ok()
    teahouse.suspend()
    shop.drain()
    shop.clock.at += timedelta(hours=2)  # no timer has come
    teahouse.reinstate()
    shop.drain()
    shop.invoke("ApplyListing", {"product_id": product_id})
    assert statuses(shop, {"PUERH": product_id}) == {"PUERH": "delisted"}
    history = shop.get(f"/staff/listings/{product_id}/history", as_=teahouse.boss).ok()["items"]
    assert [(one["action"], one["actor"], one["reason"]) for one in history[2:]] == [
        ("delisted", "merchant", "its merchant may not sell"),
        ("unplanned", "scheduler", "its time is over"),
    ]


@pytest.mark.capability("MER-02")
def test_while_it_is_suspended_its_flash_sales_and_stores_are_not_shown_either(
    market: Market, teahouse: Trader
) -> None:
    shop = market.shop
    teahouse.goods({"PUERH": 1900})
    sale_id = sales.planned(market, teahouse.store_id, "PUERH")
    own = market.store("Souk Chiado")
    market.goods({"CUP": 1000}, {own: 10})
    of_own = sales.planned(market, own, "CUP")

    def shown() -> tuple[set[str], set[str], set[str], int]:
        listed = {one["sale_id"] for one in shop.get("/shop/sales").ok()["items"]}
        stores = shop.get("/shop/stores").ok()["items"], shop.get("/shop/stores", near="38.71,-9.14").ok()["items"]
        everywhere, nearby = ({one["store_id"] for one in found} for found in stores)
        return listed, everywhere, nearby, shop.get(f"/shop/sales/{sale_id}").status

    both = {own, teahouse.store_id}
    assert shown() == ({sale_id, of_own}, both, both, 200)
    teahouse.suspend()
    assert shown() == ({of_own}, {own}, {own}, 404)
    assert shop.get(f"/shop/sales/{sale_id}").body == shop.get("/shop/sales/sal_none").body
    teahouse.reinstate()
    assert shown() == ({sale_id, of_own}, both, both, 200)


@pytest.mark.capability("MER-02")
def test_goods_stay_where_they_are_to_be_though_a_suspension_ends_while_they_are_taken_off(
    market: Market, teahouse: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, products = market.shop, teahouse.goods({"PUERH": 1900})
    shop.drain()

    def let_back_in() -> None:
        teahouse.reinstate()
        shop.drain()

    teahouse.suspend()
    before_next_write(monkeypatch, let_back_in, of="Product")
    merchant_business.move_goods(teahouse.merchant_id)
    shop.drain()
    assert statuses(shop, products) == {"PUERH": "listed"}


@pytest.mark.capability("MER-02")
def test_goods_that_come_on_the_shelf_just_as_their_merchant_is_suspended_go_off_again(
    market: Market, teahouse: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand, where the suspension had gone through all goods already, and by the clock while it lasts."""
    shop = market.shop
    products = {sku: teahouse.product(sku) for sku in ("PUERH", "OOLONG")}
    timed = f"/staff/listings/{products['OOLONG']}/schedule"
    shop.put(timed, {"list_at": clock.text(shop.clock.at + timedelta(hours=1))}, as_=teahouse.boss).ok()
    shop.drain()

    def suspend() -> None:
        teahouse.suspend()
        shop.drain()

    before_next_write(monkeypatch, suspend, of="Product")
    shop.post(f"/staff/listings/{products['PUERH']}/list", as_=teahouse.boss).ok()
    shop.pass_time(hours=2)
    shop.drain(times=2)
    assert statuses(shop, products) == dict.fromkeys(products, "delisted")
    teahouse.reinstate()
    shop.drain()
    assert statuses(shop, products) == dict.fromkeys(products, "listed")


@pytest.mark.capability("MER-02")
def test_goods_that_are_edited_while_they_are_brought_back_are_brought_back_too(
    market: Market, teahouse: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was edited last stands first in the list that is gone through, before what has been seen."""
    shop, products = market.shop, dict[str, str]()
    for sku in ("PUERH", "OOLONG", "MATCHA"):
        products |= teahouse.goods({sku: 1900})
        shop.pass_time(seconds=5)
    teahouse.suspend()
    shop.drain()
    shop.pass_time(seconds=60)

    def edit() -> None:
        for product_id in products.values():
            sheet = shop.get(f"/staff/products/{product_id}", as_=teahouse.boss).ok()
            said = {name: sheet[name] for name in ("version", "name", "category_id")}
            shop.put(f"/staff/products/{product_id}", said, as_=teahouse.boss).ok()
            shop.pass_time(seconds=1)

    monkeypatch.setattr(merchant_business, "_PAGE", 1)
    teahouse.reinstate()
    before_next_write(monkeypatch, edit, of="Product")
    merchant_business.move_goods(teahouse.merchant_id)
    assert statuses(shop, products) == dict.fromkeys(products, "listed")
