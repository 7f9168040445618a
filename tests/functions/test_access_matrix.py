"""Every route, asked by every kind of caller for their own thing, another's, another store's, and an absent one."""

from http import HTTPStatus

import pytest

from souk.kernel.caller import Caller
from tests.functions.access_matrix import ROUTES, Request, requests
from tests.support.examples import EXAMPLES, Example
from tests.support.fair import OF_BUYER, OF_STORE, Fair, reach_of
from tests.support.shop import Answer

UNKNOWN, FORBIDDEN, MISSING = HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND


def policy(request: Request, fair: Fair) -> int | None:
    """Who may do what to whose things: the status of the refusal, or None for whoever is let in."""
    caller, need, whose = fair.callers[request.who], request.entry.may, request.example.whose
    reach = reach_of(request.who)
    if need is None:
        return None
    if caller is None:
        return UNKNOWN
    if need not in caller.may:
        return FORBIDDEN
    if whose == "head office" and not reach.head_office:
        return MISSING
    if whose in ("range", "office", "merchant") and not reach.office:
        return MISSING
    if whose in ("goods", "range", "merchant") and request.side != "absent":
        return None if request.side in (reach.merchants if whose == "merchant" else reach.goods) else MISSING
    if whose == "store" and request.side not in reach.stores:
        return request.example.foreign
    if whose == "buyer" and not fair.owns(caller, request.side):
        return request.example.absent if request.side == "absent" else request.example.foreign
    return request.example.absent if request.side == "absent" else None


def test_every_route_has_its_example_and_every_example_its_route() -> None:
    assert set(EXAMPLES) == set(ROUTES)


def test_the_policy_stands_whatever_the_shop_itself_thinks_of_its_callers(
    fair: Fair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a fault in a caller's scope would be expected of every route."""

    def said() -> list[int | None]:
        return [policy(request, fair) for request in requests(fair)]

    before = said()
    for asked in ("in_scope", "sees_goods_of"):
        monkeypatch.setattr(Caller, asked, lambda *_: True)
    assert said() == before


@pytest.mark.capability("USR-05")
@pytest.mark.capability("SYS-02")
@pytest.mark.capability("STO-02")
@pytest.mark.capability("SYS-04")
@pytest.mark.capability("MER-03")
def test_everybody_is_let_in_exactly_where_the_policy_says(fair: Fair) -> None:
    """All that is refused is asked first, and changes nothing."""
    expected = [(request, policy(request, fair)) for request in requests(fair)]
    refused = sorted((one for one in expected if one[1]), key=lambda one: one[0].side != "absent")
    before, wrong = fair.shop.everything(), list[str]()
    absent: dict[tuple[str, Example, str], str] = {}
    for request, status in refused:
        answer = request.send(fair)
        told = bytes_of(answer, request, fair)
        like = absent.setdefault((request.route, request.example, request.who), told)
        if answer.status != status or told != like:
            wrong.append(f"{request}: {answer.status} {answer.body} and not {status}")
        wrong += leaks(request, answer, fair)
    if fair.shop.everything() != before:
        wrong.append("what was refused has changed something")
    deleted: set[tuple[str, str]] = set()
    for request in (request for request, status in expected if not status):
        answer = request.send(fair)
        shut = answer.status in (UNKNOWN, FORBIDDEN, MISSING) and bool(request.entry.may)
        if request.entry.method == "DELETE":  # several may, and the first of them has
            shut = shut and (request.route, request.side) not in deleted
            deleted.add((request.route, request.side))
        if shut or answer.status >= 500:
            wrong.append(f"{request}: {answer.status} {answer.body}")
        wrong += leaks(request, answer, fair)
    assert not wrong, "\n".join(wrong)


def bytes_of(answer: Answer, request: Request, fair: Fair) -> str:
    """The whole answer, without the ids that the request has said itself."""
    text = f"{answer.status} {answer.headers} {answer.body}"
    ids = {name: value for name, value in fair.sides[request.side].items() if value and value in request.said(fair)}
    for name in sorted(ids, key=lambda name: (-len(ids[name]), name)):  # a short one may stand in a long one
        text = text.replace(ids[name], name)
    return text


def leaks(request: Request, answer: Answer, fair: Fair) -> list[str]:
    """Where the answer holds what this caller must never be told, and has not said itself."""
    told, said = str(answer.body), request.said(fair)
    secrets = secret(request.who, fair, request.entry.audience)
    return [f"{request}: tells {word}" for word in secrets if word in told and word not in said]


def secret(who: str, fair: Fair, audience: str) -> set[str]:
    """What is another buyer's, or another store's: those who may read all stores have no secret kept from them."""
    caller, seen = fair.callers[who], reach_of(who).stores
    foreign = [
        side
        for name, side in fair.sides.items()
        if name != "absent" and name not in seen and not (caller and fair.owns(caller, name))
    ]
    return {side[name] for side in foreign for name in (OF_STORE if audience == "staff" else OF_BUYER)}
