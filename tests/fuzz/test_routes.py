"""A few thousand made-up requests at every route: no fault, no undocumented answer, nothing of anybody else's."""

from itertools import product

import pytest

from souk.edge.watch import logger
from tests.fuzz.routes import fuzz
from tests.fuzz.trade import CANARIES, trading
from tests.house.pages.routes import entries

EXAMPLES = 6  # for each route, beside the edges of its schema


@pytest.mark.capability("PLT-04")
def test_no_request_that_anybody_made_up_is_answered_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    """About 8,000 cases, always the same ones; most routes succeed now and then, or little would have been tried."""
    monkeypatch.setattr(logger, "info", lambda *_, **__: None)
    outcome = fuzz(seed=1, examples=EXAMPLES)
    told = [f"{what}\n{request}" for what, request in outcome.failures.items()]
    assert not told, "\n\n".join(told[:10])

    routes = {f"{entry.method} {entry.path}" for entry in entries()}
    reached = {route for route, status in outcome.answers if status < 300}
    print(f"{outcome.cases} cases: {outcome.by_class()}; {len(reached)} of {len(routes)} routes succeeded")
    assert {route for route, _ in outcome.answers} == routes
    assert len(reached) > 0.8 * len(routes), sorted(routes - reached)


def test_what_must_not_be_heard_is_there_to_be_heard() -> None:
    """Each canary sings to Bo or the owner, so that nobody else's hearing it means something."""
    readers, heard = {"staff": "owner", "me": "bo"}, ""
    with trading(seed=1) as trade:
        for entry in entries():
            named = [part[1:-1] for part in entry.path.split("/") if part.startswith("{")]
            if entry.method == "GET" and entry.audience in readers and set(named) <= trade.known.keys():
                for values in product(*(trade.known[name] for name in named)):
                    path = entry.path.format_map(dict(zip(named, values, strict=True)))
                    heard += str(trade.shop.get(path, as_=trade.callers[readers[entry.audience]]).body)
    assert [name for name, canary in CANARIES.items() if canary not in heard] == []
