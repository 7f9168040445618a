"""The requests of the access matrix: every route, asked by every kind of caller for things of every side."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.house.pages.routes import Entry, entries
from tests.support.examples import EXAMPLES, Example, filled
from tests.support.fair import Fair, Side
from tests.support.shop import Answer

ROUTES = {f"{entry.method} {entry.path}": entry for entry in entries()}


@dataclass(frozen=True)
class Request:
    """One caller at one door, asking for a thing of one side."""

    route: str
    example: Example
    who: str
    side: str

    @property
    def entry(self) -> Entry:
        return ROUTES[self.route]

    def send(self, fair: Fair) -> Answer:
        side = self.values(fair)
        path, query = filled(self.entry.path, side), filled(self.example.query, side)
        body = filled(self.example.body, side)
        headers = {"Idempotency-Key": f"{self.who} {self.side}"}
        caller = fair.callers[self.who]
        return fair.shop.call(self.entry.method, path, body, as_=caller, query=query, headers=headers)

    def values(self, fair: Fair) -> Side:
        side = fair.sides[self.side]
        return side | {name: side[other] for name, other in self.example.names.items()}

    def said(self, fair: Fair) -> str:
        parts = (self.entry.path, self.example.query, self.example.body)
        return str([filled(part, self.values(fair)) for part in parts])


def requests(fair: Fair) -> Iterator[Request]:
    for route, examples in EXAMPLES.items():
        for example in examples:
            for who in fair.callers:
                for side in sides_of(route, example):
                    yield Request(route, example, who, side)


def sides_of(route: str, example: Example) -> tuple[str, ...]:
    """Whose things to ask for: the retailer's are the same on either side, and what a body holds may be new."""
    if example.whose in ("buyer", "store", "goods", "range", "merchant"):
        return "ours", "theirs", "absent"
    return ("ours", "absent") if example.whose != "nobody" and "{" in route else ("ours",)
