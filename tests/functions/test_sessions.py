"""Members sign up, sign in, stay signed in and sign out."""

import pytest

from souk.gateways import aws, identity
from souk.kernel.errors import Unavailable
from tests.support.people import EMAIL, PASSWORD, People


@pytest.mark.capability("USR-02")
def test_who_signs_up_is_signed_in_and_may_shop(people: People) -> None:
    session = people.sign_up().ok()
    assert session["expires_in"] == 3600
    assert people.admitted(f"Bearer {session['id_token']}", "GET", "/me/cart") == 200
    caller = people.authorize(f"Bearer {session['id_token']}")["context"]["caller"]
    assert '"kind":"member"' in caller and '"shop"' in caller
    [row] = people.shop.rows("CallerRecord")
    assert (row["email"], row["name"]) == (EMAIL, "Inês Carvalho") and PASSWORD not in str(row)


@pytest.mark.parametrize("password", ["short-7A", "no-capital-letters-7", "NO-SMALL-LETTERS-7", "no-Digits-at-all"])
def test_a_weak_password_is_refused_and_a_better_one_taken(people: People, password: str) -> None:
    answer = people.sign_up(password=password)
    assert (answer.status, answer["code"]) == (422, "weak_password")
    assert people.sign_in(password=password).status == 401
    assert people.sign_up().status == 201


WRONG: tuple[dict[str, object], ...] = (
    {"email": "nobody"},
    {"email": "a@b"},
    {"email": "a#b@example.com"},
    {"email": "ines@example.com\n"},
    {"email": f"{'a' * 65}@example.com"},
    {"name": ""},
    {"password": ""},
    {"password": "x" * 257},
    {"roles": ["owner"]},
    {"stores": []},
    {"kind": "staff"},
    {"email": None},
    {"password": 123456789012},
)


def test_a_sign_up_with_a_wrong_field_is_refused_and_nothing_is_kept(people: People) -> None:
    body = {"email": EMAIL, "name": "Inês", "password": PASSWORD}
    answers = [people.shop.post("/access/sign-up", body | wrong).status for wrong in WRONG]
    assert answers == [422] * len(WRONG) and people.shop.rows("CallerRecord") == []
    assert people.shop.post("/access/sign-up", body).status == 201


@pytest.mark.parametrize("email", [EMAIL, "INES@Example.com"])
def test_one_address_has_one_account_however_it_is_spelled(people: People, email: str) -> None:
    people.sign_up().ok()
    again = people.sign_up(email, password="Another-password-8")
    assert (again.status, again["code"]) == (409, "email_taken")
    assert people.sign_in(email).status == 200 and len(people.shop.rows("CallerRecord")) == 1


def _break_off(patch: pytest.MonkeyPatch, step: str, when: str) -> None:
    real = getattr(identity, step)

    def broken(*args: str) -> None:
        if when == "after":
            real(*args)
        raise Unavailable()

    patch.setattr(identity, step, broken)


@pytest.mark.parametrize(("step", "when"), [("create_user", "after"), ("set_password", "before")])
def test_a_sign_up_that_broke_off_is_finished_by_another(
    people: People, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    with monkeypatch.context() as patch:
        _break_off(patch, step, when)
        assert people.sign_up().status == 503
    assert people.sign_in().status == 401
    token = people.sign_up().ok()["id_token"]
    assert people.admitted(f"Bearer {token}") == 200 and len(people.shop.rows("CallerRecord")) == 1


@pytest.mark.parametrize(("step", "when"), [("set_password", "after"), ("sign_in", "before")])
def test_a_sign_up_whose_answer_got_lost_is_there_to_sign_in(
    people: People, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    with monkeypatch.context() as patch:
        _break_off(patch, step, when)
        assert people.sign_up().status == 503
    assert people.admitted(f"Bearer {people.sign_in().ok()['id_token']}") == 200


def test_an_unknown_address_and_a_wrong_password_are_answered_alike(people: People) -> None:
    people.sign_up().ok()
    wrong, unknown = people.sign_in(password="Wrong-password-9"), people.sign_in("nobody@example.com")
    assert wrong.status == unknown.status == 401
    assert wrong.body == unknown.body


@pytest.mark.capability("USR-05")
def test_a_session_is_refreshed_until_its_member_signs_out_everywhere(people: People) -> None:
    first = people.sign_up().ok()
    people.shop.pass_time(seconds=5)
    second = people.shop.post("/access/refresh", {"refresh_token": first["refresh_token"]}).ok()
    assert second["refresh_token"] is None
    for session in (first, second):
        assert people.admitted(f"Bearer {session['id_token']}") == 200

    assert people.call("POST", "/access/sign-out", token=second["id_token"]).status == 204
    for session in (first, second):
        assert people.admitted(f"Bearer {session['id_token']}") == 401
    ended = people.shop.post("/access/refresh", {"refresh_token": first["refresh_token"]})
    assert (ended.status, ended["code"]) == (401, "session_over")


def test_signing_in_again_right_after_signing_out_works(people: People) -> None:
    old = people.sign_up().ok()["id_token"]
    people.shop.pass_time(seconds=0.7)
    people.call("POST", "/access/sign-out", token=old)
    new = people.sign_in().ok()["id_token"]
    assert (people.admitted(f"Bearer {old}"), people.admitted(f"Bearer {new}")) == (401, 200)


def test_a_session_ends_after_an_hour(people: People) -> None:
    token = people.sign_up().ok()["id_token"]
    people.shop.pass_time(minutes=59)
    assert people.admitted(f"Bearer {token}") == 200
    people.shop.pass_time(minutes=1)
    assert people.admitted(f"Bearer {token}") == 401


def test_a_user_whom_the_shop_does_not_know_is_not_let_in(people: People) -> None:
    cognito = aws.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=people.pool_id, Username=EMAIL, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=people.pool_id, Username=EMAIL, Password=PASSWORD, Permanent=True)
    assert people.admitted(f"Bearer {people.sign_in().ok()['id_token']}") == 401
