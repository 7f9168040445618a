"""Staff: appointed by those who may, with roles and stores, and never without an owner."""

import pytest

from souk.domains.access.model.rights import PERMISSIONS
from souk.kernel.caller import Caller
from tests.support.people import BOSS, PASSWORD, People
from tests.support.shop import Answer

EMAIL = "rita@souk.example"
RITA = {"email": EMAIL, "name": "Rita Lopes", "password": PASSWORD, "roles": ["warehouse"], "stores": ["sto_1"]}
PEOPLE = "/staff/people"


def edit(person: Answer, **changes: object) -> dict[str, object]:
    return {name: person[name] for name in ("name", "roles", "stores", "merchant_id", "status", "version")} | changes


def appointed(people: People, **changes: object) -> Answer:
    answer = people.shop.post(PEOPLE, RITA | changes, as_=people.shop.boss)
    assert answer.status == 201, answer.body
    return answer


def change(people: People, person: Answer, **changes: object) -> Answer:
    return people.shop.put(f"{PEOPLE}/{person['caller_id']}", edit(person, **changes), as_=people.shop.boss)


@pytest.mark.capability("SYS-02")
def test_the_first_owner_appoints_a_colleague_who_signs_in_and_works_in_one_store(people: People) -> None:
    owner = people.owner()
    rita = people.call("POST", PEOPLE, RITA, token=owner)
    assert rita.status == 201 and "password" not in rita.body
    listed = people.call("GET", PEOPLE, token=owner).ok()["items"]
    assert [one["email"] for one in listed] == [BOSS["email"], RITA["email"]] and listed[1] == rita.body

    token = people.sign_in(EMAIL).ok()["id_token"]
    caller = people.authorize(f"Bearer {token}", "GET", "/staff/stock")["context"]["caller"]
    assert '"stock.write"' in caller and '"staff.write"' not in caller and '"stores":["sto_1"]' in caller
    assert people.call("GET", PEOPLE, token=token).status == 403


def test_a_changed_role_holds_at_the_next_request(people: People) -> None:
    rita = appointed(people)
    token = people.sign_in(EMAIL).ok()["id_token"]
    assert people.call("GET", "/staff/people", token=token).status == 403
    changed = change(people, rita, roles=["owner"], stores=[])
    assert changed.ok()["version"] == 2
    assert people.call("GET", "/staff/people", token=token).status == 200


@pytest.mark.capability("USR-05")
def test_who_is_disabled_is_out_at_once_and_old_tokens_stay_out(people: People) -> None:
    rita = appointed(people)
    token = people.sign_in(EMAIL).ok()["id_token"]
    assert people.admitted(f"Bearer {token}", "GET", "/staff/stock") == 200
    people.shop.pass_time(seconds=10)
    disabled = change(people, rita, status="disabled")
    assert people.admitted(f"Bearer {token}", "GET", "/staff/stock") == 401
    people.shop.pass_time(seconds=10)
    change(people, disabled, status="active").ok()
    assert people.admitted(f"Bearer {token}", "GET", "/staff/stock") == 401
    again = people.sign_in(EMAIL).ok()["id_token"]
    assert people.admitted(f"Bearer {again}", "GET", "/staff/stock") == 200


@pytest.mark.parametrize("loss", [{"status": "disabled"}, {"roles": ["service"]}])
def test_the_last_owner_can_neither_be_disabled_nor_lose_the_role(people: People, loss: dict[str, object]) -> None:
    emails = ("a@souk.example", "b@souk.example")
    one, other = (appointed(people, email=email, roles=["owner"], stores=[]) for email in emails)
    assert change(people, one, **loss).status == 200
    refused = change(people, other, **loss)
    assert (refused.status, refused["code"]) == (409, "last_owner")
    assert people.shop.get(f"{PEOPLE}/{other['caller_id']}", as_=people.shop.boss).body == other.body


def test_a_lost_owner_is_brought_back_by_who_deploys_the_shop(people: People) -> None:
    people.owner()
    [row] = people.shop.rows("CallerRecord")
    other = appointed(people, roles=["owner"], stores=[])
    boss = people.shop.get(f"{PEOPLE}/{row['caller_id']}", as_=people.shop.boss)
    change(people, boss, status="disabled").ok()
    people.shop.pass_time(seconds=1)
    old = people.sign_in(BOSS["email"], BOSS["password"])
    people.shop.invoke("AppointOwner", BOSS | {"password": "Another-password-8"})
    people.shop.pass_time(seconds=1)
    assert old.status == 200 and people.call("GET", PEOPLE, token=old["id_token"]).status == 401
    token = people.sign_in(BOSS["email"], "Another-password-8").ok()["id_token"]
    assert people.call("GET", PEOPLE, token=token).status == 200
    assert people.shop.rows("StaffCount")[0]["owners"] == 2
    assert change(people, other, status="disabled").status == 200


def test_appointing_the_first_owner_twice_makes_one(people: People) -> None:
    assert people.owner() and people.owner()
    assert len(people.shop.rows("CallerRecord")) == 1 and people.shop.rows("StaffCount")[0]["owners"] == 1


def test_a_buyer_does_not_become_the_owner_by_accident(people: People) -> None:
    people.sign_up(BOSS["email"]).ok()
    with pytest.raises(Exception, match="account with this e-mail"):
        people.shop.invoke("AppointOwner", BOSS)


def test_nobody_grants_or_takes_permissions_that_they_lack(people: People) -> None:
    manager = Caller(id="m", kind="staff", may=frozenset(PERMISSIONS) - {"reports.read", "audit.read"})
    refused = people.shop.post(PEOPLE, RITA | {"roles": ["owner"], "stores": []}, as_=manager)
    assert (refused.status, refused["code"]) == (403, "beyond_own_rights")
    assert refused["permissions"] == ["audit.read", "reports.read"]
    owner = appointed(people, roles=["owner"], stores=[])
    path = f"{PEOPLE}/{owner['caller_id']}"
    for changes in ({"roles": ["service"]}, {"status": "disabled"}):
        assert people.shop.put(path, edit(owner, **changes), as_=manager).status == 403
    assert people.shop.post(PEOPLE, RITA | {"email": "new@souk.example"}, as_=manager).status == 201


def test_nobody_is_appointed_under_the_address_of_another(people: People) -> None:
    appointed(people)
    again = people.shop.post(PEOPLE, RITA | {"name": "Rita II"}, as_=people.shop.boss)
    assert (again.status, again["code"]) == (409, "email_taken")
    people.sign_up("ines@example.com").ok()
    assert people.shop.post(PEOPLE, RITA | {"email": "ines@example.com"}, as_=people.shop.boss).status == 409


def test_the_staff_are_listed_page_by_page_by_their_addresses(people: People) -> None:
    for name in ("ana", "rui", "zoe"):
        appointed(people, email=f"{name}@souk.example")
    pages = [people.shop.get(PEOPLE, as_=people.shop.boss, limit=2).ok()]
    pages.append(people.shop.get(PEOPLE, as_=people.shop.boss, limit=2, cursor=pages[0]["next_cursor"]).ok())
    listed = [one["email"].split("@")[0] for page in pages for one in page["items"]]
    assert listed == ["ana", "rui", "zoe"] and pages[1]["next_cursor"] is None


def test_staff_are_head_offices_business(people: People) -> None:
    rita = appointed(people)
    local = Caller(id="l", kind="staff", may=frozenset(PERMISSIONS), stores=frozenset({"sto_1"}))
    path = f"{PEOPLE}/{rita['caller_id']}"
    answers = [
        people.shop.get(PEOPLE, as_=local),
        people.shop.get(path, as_=local),
        people.shop.put(path, edit(rita, stores=[]), as_=local),
        people.shop.post(PEOPLE, RITA, as_=local),
        people.shop.get("/staff/audit", as_=local, subject=rita["caller_id"]),
    ]
    assert [answer.status for answer in answers] == [404] * 5


def test_a_buyer_is_not_on_the_staff(people: People) -> None:
    people.sign_up().ok()
    [row] = people.shop.rows("CallerRecord")
    path = f"{PEOPLE}/{row['caller_id']}"
    absent = people.shop.get(f"{PEOPLE}/nobody", as_=people.shop.boss)
    assert people.shop.get(path, as_=people.shop.boss).body == absent.body and absent.status == 404
    body = {"name": "x", "roles": ["owner"], "stores": [], "merchant_id": None, "status": "active", "version": 1}
    assert people.shop.put(path, body, as_=people.shop.boss).status == 404


def test_nobody_signs_up_into_an_account_of_staff(people: People) -> None:
    appointed(people)
    assert people.sign_up(EMAIL, "Stolen-password-9").status == 409
    assert people.sign_in(EMAIL, "Stolen-password-9").status == 401


def test_an_edit_of_what_was_changed_meanwhile_is_refused(people: People) -> None:
    rita = appointed(people)
    assert change(people, rita, name="Rita L.").status == 200
    assert change(people, rita, name="Rita M.").status == 409


def test_staff_that_cannot_be_are_refused(people: People) -> None:
    wrong: list[dict[str, object]] = [
        {"roles": []},
        {"roles": ["king"]},
        {"roles": ["owner"]},
        {"roles": ["store_manager"], "stores": []},
        {"stores": ["a b"]},
        {"stores": [f"sto_{n}" for n in range(51)]},
        {"kind": "member"},
        {"email": "x"},
        {"name": ""},
        {"status": "active"},
    ]
    answers = [people.shop.post(PEOPLE, RITA | one, as_=people.shop.boss).status for one in wrong]
    assert answers == [422] * len(wrong) and people.shop.rows("CallerRecord") == []
    weak = people.shop.post(PEOPLE, RITA | {"password": "weak"}, as_=people.shop.boss)
    assert (weak.status, weak["code"]) == (422, "weak_password")


def test_every_change_of_staff_is_written_down(people: People) -> None:
    rita = appointed(people)
    people.shop.pass_time(seconds=1)
    change(people, rita, roles=["service"], stores=[]).ok()
    newest, first = people.shop.get("/staff/audit", as_=people.shop.boss, subject=rita["caller_id"]).ok()["items"]
    (made,), (changed,) = first["changes"], newest["changes"]
    assert (first["action"], made["before"], first["by"]) == (f"POST {PEOPLE}", None, "boss")
    assert (newest["action"], newest["ip"]) == (f"PUT {PEOPLE}/{{caller_id}}", "127.0.0.1")
    assert (changed["before"]["roles"], changed["after"]["roles"]) == (["warehouse"], ["service"])
    told = str(newest) + str(first)
    assert "assword" not in told and EMAIL not in told and str(RITA["name"]) not in told
