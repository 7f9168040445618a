"""A member's address book, and orders that are sent to an address in it."""

from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from souk.domains.members.model.addresses import MOST_ADDRESSES
from tests.support.market import ADDRESS, INES, OTTO, Market
from tests.support.shop import Answer, Shop
from tests.support.table import before_next_write

PATH = "/me/addresses"


def home(number: int = 1, **more: Any) -> dict[str, Any]:
    return ADDRESS | {"street": f"Rua Nova {number}"} | more


def add(shop: Shop, address: dict[str, Any], **more: Any) -> Answer:
    return shop.post(PATH, {"address": address, **more}, as_=INES)


def book(shop: Shop) -> list[dict[str, Any]]:
    return list(shop.get(PATH, as_=INES).ok()["items"])


def default_of(shop: Shop) -> list[str]:
    return [one["address_id"] for one in book(shop) if one["default"]]


@pytest.mark.capability("USR-07")
def test_addresses_are_added_read_changed_and_removed(shop: Shop) -> None:
    made = add(shop, home())
    assert (made.status, made["address"], made["default"]) == (201, home() | {"region": None, "point": None}, True)
    path = f"{PATH}/{made['address_id']}"
    assert shop.get(path, as_=INES).ok() == made.body == book(shop)[0]
    moved = shop.put(path, {"address": home(2)}, as_=INES).ok()
    assert moved == made.body | {"address": home(2) | {"region": None, "point": None}}
    assert shop.delete(path, as_=INES).status == 204
    assert book(shop) == [] and {shop.get(path, as_=INES).status, shop.delete(path, as_=INES).status} == {404}


def test_the_same_address_added_twice_stands_in_the_book_once(shop: Shop) -> None:
    first, second = add(shop, home()).ok(), add(shop, home()).ok()
    assert first == second and len(book(shop)) == 1


@pytest.mark.capability("USR-07")
def test_a_book_holds_so_many_addresses_and_no_more(shop: Shop) -> None:
    for number in range(MOST_ADDRESSES):
        assert add(shop, home(number)).status == 201
    refused = add(shop, home(MOST_ADDRESSES))
    assert (refused.status, refused["code"], refused["most"]) == (409, "address_book_full", MOST_ADDRESSES)
    assert add(shop, home(0)).status == 201 and len(book(shop)) == MOST_ADDRESSES


@pytest.mark.capability("USR-07")
def test_two_who_make_a_default_at_once_leave_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    add(shop, home()).ok()
    before_next_write(monkeypatch, lambda: add(shop, home(2), default=True).ok())
    last = add(shop, home(3), default=True).ok()
    assert default_of(shop) == [last["address_id"]] and len(book(shop)) == 3


@pytest.mark.capability("USR-07")
def test_whatever_is_done_to_a_book_that_has_addresses_one_is_the_default(shop: Shop) -> None:
    members = count()

    class Book(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.path, self.known = PATH, list[str]()
            self.by = type(INES)(f"mem_{next(members)}", "member", INES.may)

        @rule(number=st.integers(1, 5), default=st.booleans())
        def add(self, number: int, default: bool) -> None:
            made = shop.post(PATH, {"address": home(number), "default": default}, as_=self.by).ok()
            self.known = [*dict.fromkeys([*self.known, made["address_id"]])]
            assert made["default"] or not default

        @rule(place=st.integers(0, 9), number=st.integers(1, 5), default=st.booleans())
        def change(self, place: int, number: int, default: bool) -> None:
            if self.known:
                path = f"{PATH}/{self.known[place % len(self.known)]}"
                changed = shop.put(path, {"address": home(number), "default": default}, as_=self.by).ok()
                assert changed["default"] or not default

        @rule(place=st.integers(0, 9))
        def remove(self, place: int) -> None:
            if self.known:
                shop.delete(f"{PATH}/{self.known.pop(place % len(self.known))}", as_=self.by)

        @invariant()
        def one_default(self) -> None:
            found = shop.get(PATH, as_=self.by).ok()["items"]
            assert [one["address_id"] for one in found] == self.known
            assert sum(one["default"] for one in found) == min(1, len(found))

    run_state_machine_as_test(Book, settings=settings(max_examples=15, stateful_step_count=12, deadline=None))


# -- at checkout
@pytest.fixture
def stocked(market: Market) -> Market:
    market.goods({"CUP": 1000}, {market.store(): 20})
    return market


@pytest.mark.capability("USR-07")
@pytest.mark.capability("ORD-03")
def test_an_order_keeps_the_address_it_was_placed_with(stocked: Market) -> None:
    shop = stocked.shop
    address_id = add(shop, home()).ok()["address_id"]
    placed = stocked.checkout({"CUP": 1}, key="once", address=None, address_id=address_id)
    order_id = placed.ok()["order"]["order_id"]
    assert placed["order"]["address"] == home() | {"region": None, "point": None}
    shop.put(f"{PATH}/{address_id}", {"address": home(2)}, as_=INES).ok()
    assert stocked.order(order_id)["address"] == home() | {"region": None, "point": None}
    shop.delete(f"{PATH}/{address_id}", as_=INES)
    assert stocked.order(order_id)["address"] == home() | {"region": None, "point": None}
    again = stocked.checkout({"CUP": 1}, key="once", address=None, address_id=address_id)
    assert (again.status, again["order"]) == (201, placed["order"])


@pytest.mark.capability("USR-07")
def test_an_order_goes_to_one_address_and_to_none_of_somebody_elses(stocked: Market) -> None:
    shop = stocked.shop
    address_id = add(shop, home()).ok()["address_id"]
    assert stocked.checkout({"CUP": 1}, address_id=address_id).status == 422
    assert stocked.checkout({"CUP": 1}, address=None).status == 422
    refused = stocked.checkout({"CUP": 1}, by=OTTO, address=None, address_id=address_id)
    absent = stocked.checkout({"CUP": 1}, by=OTTO, address=None, address_id="adr_none")
    assert refused.status == 404 and refused.body == absent.body
    assert shop.rows("Order") == []
