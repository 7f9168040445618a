"""The audit trail: what staff do is written down with it, by itself, and found again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from souk.domains.access.model.callers import guest_id
from souk.domains.access.model.rights import SHOP
from souk.domains.payments.actions import attempts
from souk.domains.payments.store import payments as payment_store
from souk.kernel.caller import Caller
from tests.house.pages.routes import entries
from tests.support.desk import Desk
from tests.support.market import ADDRESS, CONTACT, INES, STORE, Market
from tests.support.people import People
from tests.support.shop import Shop
from tests.support.working_day import PERSONAL, SAID, work_a_day


@pytest.fixture
def desk(dynamodb: None, market: Market, people: People, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """On moto: so every command of staff meets DynamoDB's rules at least once."""
    return Desk(market, monkeypatch)


@pytest.mark.capability("SYS-08")
def test_every_command_of_staff_leaves_one_entry_and_a_repeated_one_none(desk: Desk) -> None:
    """Who, what, before, after, when, from where and by which request; and no person's data in any of it."""
    work_a_day(desk)
    routes = {f"{one.method} {one.path}" for one in entries() if one.audience == "staff" and one.method != "GET"}
    assert desk.sent == routes
    assert len(desk.request_ids) == len(routes)
    trail = json.dumps(desk.shop.rows("AuditEntry"), ensure_ascii=False)
    assert [one for one in PERSONAL if one in trail] == []


def trail(shop: Shop, **query: Any) -> list[dict[str, Any]]:
    return list(shop.get("/staff/audit", as_=shop.boss, **query).ok()["items"])


@pytest.mark.capability("SYS-08")
def test_the_trail_is_searched_by_subject_and_by_actor_within_days_newest_first(shop: Shop, market: Market) -> None:
    clerk = shop.staff("stores.write")
    store_id = market.store()
    for version in (1, 2, 3):
        shop.pass_time(days=1)
        edit = STORE | {"rank": version, "version": version}
        shop.put(f"/staff/stores/{store_id}", edit, as_=clerk if version == 2 else shop.boss).ok()
    of_store = trail(shop, subject=store_id)
    assert [entry["at"][:10] for entry in of_store] == ["2026-11-05", "2026-11-04", "2026-11-03", "2026-11-02"]
    assert trail(shop, actor="clerk") == [of_store[1]]
    assert trail(shop, actor="boss") == [of_store[0], *of_store[2:]]
    for whose in ({"subject": store_id}, {"actor": "boss"}):
        days = {"from": "2026-11-03", "to": "2026-11-04"}
        assert trail(shop, **whose, **days) == [one for one in trail(shop, **whose) if "03" <= one["at"][8:10] <= "04"]
        first = shop.get("/staff/audit", as_=shop.boss, limit=2, **whose).ok()
        rest = trail(shop, limit=2, cursor=first["next_cursor"], **whose)
        assert first["items"] + rest == trail(shop, **whose)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"subject": "sto_1", "actor": "boss"},
        {"subject": ""},
        {"actor": "a#b"},
        {"subject": "sto_1", "from": "yesterday"},
        {"subject": "sto_1", "from": "2026-11-03", "to": "2026-11-02"},
    ],
)
def test_a_search_for_nothing_or_for_everything_is_refused(shop: Shop, query: dict[str, str]) -> None:
    assert shop.get("/staff/audit", as_=shop.boss, **query).status == 422


@pytest.mark.capability("SYS-08")
def test_what_happens_by_itself_names_the_task(shop: Shop, market: Market) -> None:
    made = market.product(market.category(), "Pot", code="POT")["product_id"]
    plan = {"list_at": "2026-11-02T10:00:00Z"}
    shop.put(f"/staff/listings/{made}/schedule", plan, as_=shop.boss).ok()
    shop.drain()
    shop.pass_time(hours=2)
    (listed,) = trail(shop, actor="system:apply_listing")
    assert (listed["subject"], listed["changes"][0]["after"]["status"]) == (made, "listed")
    (planned,) = (one for one in trail(shop, subject=made) if one["action"].startswith("PUT"))
    assert listed["request_id"] == planned["request_id"]


class Buyer:
    """Does one thing after the other, each some minutes later, from an address of its own."""

    SOURCE = "203.0.113.7"

    def __init__(self, market: Market, caller: Caller, patch: pytest.MonkeyPatch) -> None:
        self.market, self.caller = market, caller
        self.done: list[tuple[str, str]] = []
        patch.setattr("tests.support.shop.uuid4", lambda: f"request-{len(self.done)}")

    def send(self, route: str, body: Any = None, key: str = "", **names: str) -> Any:
        self.market.shop.pass_time(minutes=5)
        method, path = route.split()
        headers = {"Idempotency-Key": key}
        sent: dict[str, Any] = {"as_": self.caller, "headers": headers, "source": self.SOURCE}
        answer = self.market.shop.call(method, path.format(**names), body or {}, **sent).ok()
        self.done.append((route, f"request-{len(self.done)}"))
        return answer

    def check_out(self) -> Any:
        wanted = {"lines": [{"sku": "TEA", "quantity": 1}]}
        quote = self.market.quote({"TEA": 1}, by=self.caller).ok()
        agreed = {**wanted, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": CONTACT}
        return self.send("POST /me/checkout", agreed, key=f"key-{len(self.done)}")


BACK = {"carrier": "other", "tracking_number": "BACK-1"}
GUEST = Caller(id=guest_id("gst_x"), kind="guest", may=frozenset({SHOP}))


@pytest.mark.capability("SYS-08")
@pytest.mark.parametrize("caller", [INES, GUEST], ids=lambda one: one.kind)
def test_what_a_buyer_does_to_orders_and_money_is_found_by_order_and_by_buyer(
    market: Market, monkeypatch: pytest.MonkeyPatch, caller: Caller
) -> None:
    """All of it, the request it came with, and whence; for those who may read the trail and nobody else."""
    shop, buyer = market.shop, Buyer(market, caller, monkeypatch)
    market.goods({"TEA": 500}, {market.store(): 9})
    given_up = str(buyer.check_out()["order"]["order_id"])
    buyer.send("POST /me/orders/{order_id}/cancel", {"reason": "Inês is ill"}, order_id=given_up)
    placed = buyer.check_out()
    order_id = str(placed["order"]["order_id"])
    attempts.stop(payment_store.of_order(order_id))
    begun = buyer.send("POST /me/payments", {"order_id": order_id})
    paid_back = _paid_and_cancelled(buyer)
    market.stripe.buyer.pay(begun["client_secret"])
    market.hear()
    market.prepare(order_id)
    market.ship(order_id)
    buyer.send("POST /me/orders/{order_id}/received", order_id=order_id)
    wish = {"order_id": order_id, "lines": [{"sku": "TEA", "quantity": 1}], "reason": "damaged", "text": "Inês is cut"}
    wish |= {"kind": "return"}
    case_id = str(buyer.send("POST /me/refunds", wish)["case_id"])
    shop.post(f"/staff/refunds/{case_id}/ask", SAID, as_=shop.boss).ok()
    buyer.send("POST /me/refunds/{case_id}/answer", SAID, case_id=case_id)
    shop.post(f"/staff/refunds/{case_id}/approve", as_=shop.boss).ok()
    buyer.send("POST /me/refunds/{case_id}/parcel", BACK, case_id=case_id)

    told = trail(shop, actor=caller.id)
    assert [(one["action"], one["request_id"]) for one in reversed(told)] == buyer.done
    assert {(one["by"], one["by_kind"], one["ip"]) for one in told} == {(caller.id, caller.kind, Buyer.SOURCE)}
    assert all("after" in change for one in told for change in one["changes"])
    subjects = (trail(shop, subject=one) for one in (given_up, order_id, paid_back, case_id))
    mine = [one for subject in subjects for one in subject if one["by"] == caller.id]
    assert len(told) > 5 and sorted(mine, key=lambda one: one["at"], reverse=True) == told
    for whose in ({"actor": caller.id}, {"subject": order_id}):
        assert list(pages(shop, **whose)) == trail(shop, **whose)
        day = {"from": "2026-11-03"}
        assert trail(shop, **whose, **day) == []
    assert "Inês" not in json.dumps(told, ensure_ascii=False)
    for path in ("/staff/orders/{}", "/staff/handling/{}", "/me/orders/{}"):
        who = shop.boss if "staff" in path else caller
        assert Buyer.SOURCE not in json.dumps(shop.get(path.format(order_id), as_=who).ok())


def _paid_and_cancelled(buyer: Buyer) -> str:
    """Its id; what is written to the buyer about it is read, of which the message itself tells."""
    placed = buyer.check_out()
    order_id = str(placed["order"]["order_id"])
    buyer.market.stripe.buyer.pay(placed["payment"]["client_secret"])
    buyer.market.hear()
    buyer.send("POST /me/orders/{order_id}/cancel", {"reason": "Inês is ill"}, order_id=order_id)
    buyer.market.shop.drain()
    assert buyer.market.shop.post("/me/messages/read", as_=buyer.caller).ok() == {"unread": 0}
    return order_id


def pages(shop: Shop, **whose: str) -> Iterator[dict[str, Any]]:
    """The trail one entry a page."""
    more: dict[str, str] = {}
    while True:
        page = shop.get("/staff/audit", as_=shop.boss, limit=1, **whose, **more).ok()
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        more = {"cursor": page["next_cursor"]}


def test_a_refused_command_leaves_no_entry(shop: Shop, market: Market) -> None:
    store_id = market.store()
    before = len(shop.rows("AuditEntry"))
    assert shop.put(f"/staff/stores/{store_id}", STORE | {"version": 7}, as_=shop.boss).status == 409
    assert shop.put(f"/staff/stores/{store_id}", STORE, as_=shop.boss).status == 422
    assert len(shop.rows("AuditEntry")) == before


def test_a_member_who_signs_out_and_a_lost_owner_brought_back_are_in_the_trail(people: People) -> None:
    people.owner()
    token = people.sign_up().ok()["id_token"]
    (member,) = (row for row in people.shop.rows("CallerRecord") if row["kind"] == "member")
    people.call("POST", "/access/sign-out", token=token)
    (entry,) = trail(people.shop, actor=member["caller_id"])
    assert (entry["by_kind"], {*entry["changes"][0]["after"]}) == ("member", {"valid_after", "version"})
    assert len(trail(people.shop, actor="system:appoint_owner")) == 1


@pytest.mark.capability("SYS-08")
def test_who_reads_an_order_is_in_the_access_log(market: Market, caplog: pytest.LogCaptureFixture) -> None:
    market.goods({"TEA": 500}, {market.store(): 9})
    order_id = market.place({"TEA": 1})
    caplog.clear()
    market.order(order_id)
    (line,) = (record for record in caplog.records if record.message == "answered")
    said = ("caller", "caller_kind", "method", "path", "status")
    assert [getattr(line, name) for name in said] == ["boss", "staff", "GET", f"/staff/orders/{order_id}", 200]
