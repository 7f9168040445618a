"""What AWS counts and bills while the shop works, measured at the doors, at the table and in the log."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from souk.table import current
from souk.table.port import At, Range, Row
from tests.support import table as tables
from tests.support import template, usage
from tests.support.log import written
from tests.support.shop import Shop
from tests.support.stripe import Stripe
from tests.support.table import index_units, item_units, size, stored

UNITS = (
    "requests",  # at the gateway
    "calls",  # of functions, the authorizer's too
    "megabytes",  # of memory that those functions have, summed up
    "write_units",
    "index_units",  # written, too
    "read_units",
    "facts",  # put on the bus
    "deliveries",  # of facts to functions: not billed by themselves
    "timers",  # that fired
    "transitions",  # of Standard workflows
    "log_bytes",
    "answer_bytes",  # bodies only
    "kept_bytes",  # in the table for good
    "passing_bytes",  # in the table until its time to live is over
    "stripe_calls",  # not AWS's
)
SIZES = tuple(unit for unit in UNITS if unit.endswith("_bytes"))
Counts = dict[str, Decimal]
PAGE = 4096  # bytes of a read unit


class Meter:
    """Counts by step, from the making on; what happens outside of a step is nobody's."""

    def __init__(self, shop: Shop, stripe: Stripe, patch: pytest.MonkeyPatch) -> None:
        self.steps: dict[str, Counter[str]] = {}
        self._now: Counter[str] = Counter()
        self._invoke, self._tell, self._begin = shop.invoke, shop._tell, stripe.fake.begin
        self._memory = {
            function.logical_id: function.properties.get("MemorySize", function.everyones["MemorySize"])
            for function in template.functions()
        }
        self._api_key = stripe.fake.config.api_key
        patch.setattr(shop, "invoke", self.invoke)
        patch.setattr(shop, "_tell", self.tell)
        patch.setattr(stripe.fake, "begin", self.begin)
        self._watch_table(patch)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._now = self.steps.setdefault(name, Counter())
        try:
            yield
        finally:
            self._now = Counter()

    def counts(self) -> dict[str, Counts]:
        return {name: {unit: Decimal(step[unit]) for unit in UNITS} for name, step in self.steps.items()}

    def count(self, **units: Any) -> None:
        self._now.update(units)

    def counted(self, unit: str) -> int:
        return self._now[unit]

    # -- what is billed
    def invoke(self, logical_id: str, event: Mapping[str, Any]) -> Any:
        with written() as log:
            answer = self._invoke(logical_id, event)
        self.count(calls=1, megabytes=self._memory[logical_id], log_bytes=len(log.getvalue().encode()))
        if "httpMethod" in event:
            body = answer.get("body") or ""
            sent = b64decode(body) if answer.get("isBase64Encoded") else body.encode()
            self.count(requests=1, answer_bytes=len(sent))
        return answer

    def tell(self, row: Mapping[str, Any]) -> None:
        """By way of the stream's function, each fact by itself: a busy stream hands over several at once."""
        self.invoke("TellFacts", {"Records": [{"dynamodb": {"NewImage": {"body": {"S": json.dumps(row)}}}}]})
        before = self.counted("calls")
        self._tell(row)
        self.count(facts=1, deliveries=self.counted("calls") - before)

    def begin(self, asked: Any) -> Any:
        """The shop's own calls to the provider; the buyer's browser comes without the secret key."""
        self.count(stripe_calls=int(self._api_key in asked.headers.get("authorization", "")))
        return self._begin(asked)

    def _watch_table(self, patch: pytest.MonkeyPatch) -> None:
        """Read units by the developer guide: 4 KB begun; single items each for itself, a query's as one, half price
        where it may be stale, which queries of an index are. What is not there costs a unit too.
        """
        table = current.table()

        def read(at: At, found: Row | None) -> Decimal:
            return _pages(found or {})

        def read_many(ats: Sequence[At], found: list[Row]) -> Decimal:
            return sum(map(_pages, found), Decimal(len(set(ats)) - len(found)))

        def read_at_once(ats: Sequence[At], found: list[Row]) -> Decimal:
            return 2 * read_many(ats, found)

        def query(within: Range, limit: int, found: list[Row]) -> Decimal:
            whole = _pages(*found)
            return whole / 2 if within.index else whole

        def metered(call: Callable[..., Any], units: Callable[..., Decimal]) -> Callable[..., Any]:
            def ask(*args: Any) -> Any:
                found = call(*args)
                if usage.whose():
                    self.count(read_units=units(*args, found))
                return found

            return ask

        kinds = (("read", read), ("read_many", read_many), ("read_at_once", read_at_once), ("query", query))
        for name, units in kinds:
            patch.setattr(table, name, metered(getattr(table, name), units))
        tables.watch_writes(patch, self._written)

    def _written(self, items: list[tuple[Row, Row]]) -> None:
        for before, after in items:
            self.count(write_units=item_units(before, after), index_units=index_units(before, after))
            for row, sign in ((before, -1), (after, 1)):
                self.count(**{"passing_bytes" if "expires_at" in row else "kept_bytes": sign * stored(row)})


def _pages(*rows: Row) -> Decimal:
    return Decimal(max(1, -(-sum(map(size, rows)) // PAGE)))
