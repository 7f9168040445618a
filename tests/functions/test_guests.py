"""Guests shop without an account, by a token that only they hold."""

import pytest

from tests.support.people import People


@pytest.mark.capability("USR-05")
def test_a_guest_gets_a_token_that_opens_what_is_a_buyers_and_nothing_else(people: People) -> None:
    guest = people.shop.post("/access/guest").ok()
    header = f"Bearer {guest['token']}"
    assert people.admitted(header, "POST", "/me/cart") == 200
    for path in ("/staff/stores", "/staff/people", "/access/sign-out"):
        assert people.admitted(header, "GET", path) == 403


def test_guests_are_strangers_to_each_other(people: People) -> None:
    one, other = (people.shop.post("/access/guest").ok()["token"] for _ in range(2))
    principals = {people.authorize(f"Bearer {token}")["principalId"] for token in (one, other)}
    assert len(principals) == 2


def test_a_guests_token_cannot_be_read_from_the_table_or_guessed_from_the_id(people: People) -> None:
    token = people.shop.post("/access/guest").ok()["token"]
    assert len(token.removeprefix("gst_")) * 5 >= 128
    everything = str(people.shop.table.all())
    assert token not in everything and token.removeprefix("gst_") not in everything
    guest_id = people.authorize(f"Bearer {token}")["principalId"]
    assert guest_id in everything and people.admitted(f"Bearer {guest_id}") == 401


def test_a_guest_is_forgotten_after_thirty_days_even_where_the_item_lingers(people: People) -> None:
    token = people.shop.post("/access/guest").ok()["token"]
    people.shop.pass_time(days=29, hours=23)
    assert people.admitted(f"Bearer {token}") == 200
    people.shop.pass_time(hours=1)
    assert people.admitted(f"Bearer {token}") == 401
    [item] = people.shop.table.all()
    assert int(item["expires_at"]) <= people.shop.clock.at.timestamp()
