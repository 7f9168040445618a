"""A member's profile, and how another e-mail address or telephone is proved before it counts."""

import pytest

from souk.domains.access.model.rights import PROFILE
from souk.gateways import identity
from souk.kernel.caller import Caller
from souk.kernel.errors import Unavailable
from tests.support.people import EMAIL, People
from tests.support.profile import NEW, Member
from tests.support.table import before_next_write

OTHER = {"email": "otto@example.com", "phone": "+351 910 000 119"}


@pytest.fixture
def member(people: People) -> Member:
    return Member(people)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.mark.capability("USR-06")
def test_a_member_reads_and_edits_what_they_say_of_themselves(member: Member) -> None:
    empty = member.call("GET").ok()
    nothing = dict.fromkeys(("phone", "nickname", "gender", "birthday", "avatar"))
    assert empty == {"name": "Inês Carvalho", "email": EMAIL, "tier": 0, **nothing}
    said = {"nickname": "Nê", "gender": "female", "birthday": "1990-02-28"}
    assert member.call("PATCH", "", said).ok() == empty | said
    assert member.call("PATCH", "", {"gender": None}).ok() == empty | said | {"gender": None}
    assert member.call("GET").ok() == empty | said | {"gender": None}


NOT_OURS = (
    {"email": NEW["email"]},
    {"phone": NEW["phone"]},
    {"name": "Inês"},
    {"member_id": "mem_1"},
    {"avatar": "upl_1"},
    {"birthday": "2026-11-03"},
    {"birthday": "1899-12-31"},
    {"birthday": "28.2.1990"},
    {"nickname": ""},
    {"nickname": "x" * 41},
    {"gender": "unknown"},
)


def test_what_does_not_belong_into_a_profile_is_refused(member: Member) -> None:
    before = member.call("GET").ok()
    assert [member.call("PATCH", "", said).status for said in NOT_OURS] == [422] * len(NOT_OURS)
    assert member.call("GET").ok() == before


def test_guests_and_staff_have_no_profile(member: Member) -> None:
    guest = member.shop.post("/access/guest").ok()["token"]
    for token in (guest, member.people.owner()):
        assert member.people.call("GET", "/me/profile", token=token).status == 403


@pytest.mark.capability("USR-06")
@pytest.mark.parametrize("channel", ["email", "phone"])
def test_another_address_counts_once_the_code_that_was_sent_there_is_told(member: Member, channel: str) -> None:
    before = member.call("GET").ok()
    sent = member.ask(channel)
    assert sent.status == 202
    assert sent["sent_to"] == {"email": "••••@example.org", "phone": "••••0118"}[channel]
    code = member.code(channel)
    assert code not in str(member.shop.rows("ContactCode")) + str(sent.body)
    assert member.call("GET").ok() == before, "not yet"

    changed = member.confirm(channel, code).ok()
    number = "+351910000118"
    assert changed == before | {channel: number if channel == "phone" else NEW["email"]}
    assert member.confirm(channel, code).ok() == changed, "an answer that got lost"
    history = member.call("GET", "/history").ok()["items"]
    assert [(one["channel"], one["after"]) for one in history] == [(channel, sent["sent_to"])]
    assert NEW[channel] not in str(member.shop.rows("AuditEntry")) and number not in str(member.shop.rows("AuditEntry"))


@pytest.mark.capability("USR-06")
def test_who_changed_the_address_signs_in_by_the_new_one_and_no_longer_by_the_old(member: Member) -> None:
    member.change("email")
    assert member.people.sign_in(NEW["email"]).status == 200
    assert member.people.sign_in(EMAIL).status == 401
    assert member.people.call("POST", "/access/sign-out", token=member.token).status == 204
    assert member.call("GET").status == 401


def test_the_changes_of_a_contact_are_read_page_by_page_newest_first(member: Member) -> None:
    for domain in ("example.org", "example.net"):
        member.change("email", f"ines@{domain}")
    whose = Caller(id=member.shop.rows("CallerRecord")[0]["caller_id"], kind="member", may=frozenset({PROFILE}))
    first = member.shop.get("/me/profile/history", as_=whose, limit=1).ok()
    rest = member.shop.get("/me/profile/history", as_=whose, limit=1, cursor=first["next_cursor"]).ok()
    assert [page["items"][0]["after"] for page in (first, rest)] == ["••••@example.net", "••••@example.org"]


@pytest.mark.capability("USR-06")
@pytest.mark.parametrize("channel", ["email", "phone"])
def test_the_former_address_is_told_of_the_new_one_without_its_name(member: Member, channel: str) -> None:
    former = EMAIL if channel == "email" else OTHER["phone"]
    if channel == "phone":
        member.change("phone", former)
    known = len(member.received(channel, former))
    member.change(channel)
    [told] = set(member.received(channel, former)[known:])
    assert {"email": "••••@example.org", "phone": "••••0118"}[channel] in told and NEW[channel] not in told
    history = member.call("GET", "/history").ok()["items"]
    assert history[0]["before"] == {"email": "••••@example.com", "phone": "••••0119"}[channel]


@pytest.mark.capability("USR-06")
def test_of_a_first_telephone_the_member_is_told_by_mail(member: Member) -> None:
    member.change("phone")
    [told] = set(member.received("email", EMAIL))
    assert "••••0118" in told and NEW["phone"] not in told


@pytest.mark.capability("USR-06")
def test_who_asks_for_the_next_code_at_once_does_not_keep_the_former_address_from_being_told(member: Member) -> None:
    member.ask("email").ok()
    member.confirm("email", member.code("email")).ok()
    known = len(member.received("email", EMAIL))
    member.ask("email", OTHER["email"]).ok()
    member.shop.drain(times=2)
    [told] = set(member.received("email", EMAIL)[known:])
    assert "••••@example.org" in told
    assert EMAIL not in str(member.shop.facts("ContactChanged"))


@pytest.mark.capability("USR-06")
@pytest.mark.parametrize("channel", ["email", "phone"])
def test_a_code_can_be_tried_five_times_and_for_ten_minutes(member: Member, channel: str) -> None:
    member.ask(channel).ok()
    code = member.code(channel)
    tries = [member.confirm(channel, wrong(code)) for _ in range(5)]
    assert [(one.status, one["code"]) for one in tries] == [(422, "wrong_code")] * 5
    assert member.confirm(channel, code)["code"] == "no_tries_left"

    member.ask(channel).ok()
    member.shop.pass_time(minutes=10)
    assert member.confirm(channel, member.code(channel))["code"] == "no_code"
    assert member.call("GET").ok()[channel] == (EMAIL if channel == "email" else None)


@pytest.mark.capability("USR-06")
def test_tries_at_once_are_counted_each(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    member.ask("phone").ok()
    code = member.code("phone")
    for _ in range(4):
        member.confirm("phone", wrong(code))
    before_next_write(monkeypatch, lambda: member.confirm("phone", wrong(code)))
    assert member.confirm("phone", code)["code"] == "no_tries_left"


@pytest.mark.capability("USR-06")
def test_codes_are_sent_a_minute_apart_and_so_many_a_day(member: Member) -> None:
    member.ask("phone").ok()
    early = member.call("PUT", "/phone", {"phone": NEW["phone"]})
    assert (early.status, early["code"], early["retry_after_seconds"]) == (429, "too_soon", 60)
    assert [member.ask("phone").status for _ in range(5)] == [202] * 4 + [429]
    assert [member.ask("phone", f"+35191000{n:04d}").status for n in range(6)] == [202] * 5 + [429]
    member.shop.pass_time(days=1)
    member.token = member.people.sign_in().ok()["id_token"]
    assert member.ask("phone").status == 202


def test_a_code_proves_the_address_it_was_sent_to_and_no_other(member: Member) -> None:
    member.ask("phone").ok()
    first = member.code("phone")
    member.ask("phone", OTHER["phone"]).ok()
    second = member.code("phone", OTHER["phone"])
    if first != second:
        assert member.confirm("phone", first)["code"] == "wrong_code"
    assert member.confirm("phone", second).ok()["phone"] == "+351910000119"
    assert member.confirm("email", second)["code"] == "no_code"


@pytest.mark.capability("USR-06")
def test_an_address_that_somebody_else_signs_in_by_is_not_taken_and_that_is_told_to_its_owner_only(
    member: Member,
) -> None:
    member.people.sign_up(OTHER["email"]).ok()
    assert member.ask("email", OTHER["email"]).status == member.ask("email").status == 202
    member.ask("email", OTHER["email"]).ok()
    taken = member.confirm("email", member.code("email", OTHER["email"]))
    assert (taken.status, taken["code"]) == (409, "address_in_use")
    assert member.call("GET").ok()["email"] == EMAIL
    assert member.people.sign_in(EMAIL).status == member.people.sign_in(OTHER["email"]).status == 200


@pytest.mark.capability("USR-06")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_change_that_broke_off_is_finished_by_the_same_code(
    member: Member, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    real = identity.change_email

    def broken(user_id: str, email: str) -> None:
        if when == "after":
            real(user_id, email)
        raise Unavailable()

    member.ask("email").ok()
    code = member.code("email")
    with monkeypatch.context() as patch:
        patch.setattr(identity, "change_email", broken)
        assert member.confirm("email", code).status == 503
    assert member.confirm("email", code).ok()["email"] == NEW["email"]
    assert member.people.sign_in(NEW["email"]).status == 200
    assert len(member.shop.facts("ContactChanged")) == 1


def test_wrong_addresses_and_codes_are_refused(member: Member) -> None:
    for address in ("otto", "a#b@example.com", "a@b", EMAIL.upper()):
        assert member.call("PUT", "/email", {"email": address}).status == (409 if address == EMAIL.upper() else 422)
    for number in ("910000117", "+0351910000117", "+351", "+351 910 000 117 117 117", "+351910000117\n"):
        assert member.call("PUT", "/phone", {"phone": number}).status == 422
    for code in ("12345", "1234567", "12345a", "１２３４５６", 123456):
        assert member.call("POST", "/phone/confirm", {"code": code}).status == 422
    assert member.confirm("phone", "123456")["code"] == "no_code"
    assert member.shop.rows("ContactCode") == []
