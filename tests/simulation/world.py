"""The world of one history: everything around the production handlers, from one seed."""

import hashlib
import importlib
import json
import logging
import os
import random
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from souk.edge.watch import logger
from souk.gateways import aws, calls, stripe_http
from souk.gateways import stripe as gateway
from souk.gateways.metrics import metrics
from souk.kernel import clock, ids, kept
from souk.table import current
from souk.table.port import At, Row
from tests.simulation.cloud import Session, tag
from tests.simulation.delivery import Delivery
from tests.simulation.direct import Alipay, Direct, WechatPay
from tests.simulation.faults import NONE, Crash, Plan
from tests.simulation.invariants import Checker
from tests.simulation.provider import URL as STRIPE_URL
from tests.simulation.provider import Provider, Transport
from tests.simulation.schedule import Schedule
from tests.simulation.table import Changed, SimulatedTable
from tests.simulation.wire import Wire
from tests.simulation.workflows import Workflows
from tests.support import template, usage
from tests.support.context import Context
from tests.support.shop import START, Answer, Doors, environment

GOODS = ("TEA", "CUP", "POT")
COSTS = {"TEA": 211, "CUP": 433}  # of a unit to the shop; nobody knows what a pot had cost
TRIES = 6  # of a client, before it gives up
AGAIN = frozenset({500, 503, 504})
# Refusals beside which something was written: what is not known to be done, what the provider said meanwhile, and
# entries that were counted while an index did not show all of them.
DONE_ALL_THE_SAME = frozenset({"contended", "already_paid", "payment_lapsed", "entries_not_counted"})
COUNTS_ITS_TRIES = "/hand-out"  # before anything else is looked at
GONE = Answer(504, {"code": "no_answer"})


class World(Doors):
    """Opened by `world(...)`. `wire` and `delivery` say what happened, `checker` holds the invariants to it."""

    def __init__(
        self,
        seed: int,
        plan: Plan = NONE,
        rows: Mapping[At, Row] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        super().__init__()
        self.seed = seed
        self.schedule = schedule or Schedule(seed)
        self.wire = Wire(self.schedule, plan)
        self.table = SimulatedTable(self.wire, START.timestamp(), self._committed)
        self.delivery, self.workflows = Delivery(self), Workflows(self)
        self.provider, self.wechat_pay, self.alipay = Provider(self), WechatPay(self), Alipay(self)
        self.providers = (self.provider, self.wechat_pay, self.alipay)
        self.telephones: dict[str, Direct] = {"wechat_pay": self.wechat_pay, "alipay": self.alipay}
        for row in (rows or {}).values():
            self.table._place(At(str(row["PK"]), str(row["SK"])), row)
        self.checker = Checker(self)
        # To which telephone or mailbox, what.
        self.sent: dict[str, list[tuple[str, str]]] = {"sms": [], "mail": []}
        self.files: dict[str, bytes] = {}
        self.placed: list[tuple[str, str, Answer]] = []  # buyer or till, key, what was answered
        self.kept = usage.OfEach()
        self._requests = 0

    # -- time
    def now(self) -> datetime:
        return START + timedelta(seconds=self.wire.clock())

    def timestamp(self) -> float:
        return START.timestamp() + self.schedule.now

    def seconds_until(self, at: datetime) -> float:
        return (at - self.now()).total_seconds()

    # -- functions
    def invoke(self, logical_id: str, event: Any) -> Any:
        """One function on one event, as Lambda would; Crash where its process ends."""
        module, seconds = _function(logical_id)
        if self.wire.fault("cold"):
            self._forget(logical_id)
        with usage.running(logical_id), self.wire.running(module, seconds):
            return module.handler(event, Context(self.request_id()))

    def alone(self, logical_id: str, event: Any) -> BaseException | None:
        """The same where nobody waits for the answer: what came in the way, if anything did."""
        try:
            self.invoke(logical_id, event)
        except (Exception, Crash) as error:
            self.wire.note(f"{logical_id} failed: {type(error).__name__}")
            return error
        return None

    def _done(self) -> int:
        """How often whoever is at work has written anything but what a bank did with the money that it had promised:
        that is so, whatever becomes of the command that asked for it.
        """
        return self.table.commits_by[self.schedule.current] - self.checker.taken_by[self.schedule.current]

    def ask(self, method: str, path: str, body: Any = None, tries: int = TRIES, **more: Any) -> Answer:
        """A request, sent again by its client while it gets no proper answer."""
        for _ in range(tries):
            commits = self._done()
            try:
                answer = self.call(method, path, body, **more)
            except Crash:
                answer = GONE
            code = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
            self.wire.note(f"{method} {path} -> {answer.status} {code}")
            well = answer.status < 500 or (answer.status != 500 and self.wire.faults)
            self.checker.need(well, "no request fails by itself", f"{method} {path} -> {answer.status} {code}")
            whole = code not in DONE_ALL_THE_SAME and not path.endswith(COUNTS_ITS_TRIES)
            if 400 <= answer.status < 500 and whole:
                done = self._done() != commits
                self.checker.need(not done, "I7", f"{method} {path} was refused ({code}) and done")
            if answer.status not in AGAIN and code != "contended":
                break
            self.schedule.pause(self.schedule.chance.uniform(0.2, 4.0))
        return answer

    def stores(self) -> list[str]:
        return sorted({store_id for store_id, _ in self.checker.on_hand})

    def note_sale(self, sale: Mapping[str, Any], answer: Answer) -> None:
        """Told at once or in a batch: an order is what it should be; unheard, it may be one."""
        body = answer["sales"][0] if answer.status == 200 else answer.body
        status = 201 if answer.status < 300 and body.get("order_id") else answer.status
        self.placed.append((sale["store_id"], sale["sale_id"], Answer(status, {"order": body})))

    def send_up(self, key: str, content: bytes) -> None:
        """A file comes into the bucket, which tells the queue of those who read files."""
        self.files[key] = content
        told = {"s3": {"object": {"key": key, "eTag": tag(content), "size": len(content)}}}
        self.delivery.enqueue("Bills" if key.startswith("bills/") else "Uploads", json.dumps({"Records": [told]}))

    def request_id(self) -> str:
        self._requests += 1
        return f"request-{self._requests:06d}"

    def _forget(self, logical_id: str) -> None:
        """As a process that has just started."""
        for key in [key for key in self.kept if key[0] == logical_id]:
            del self.kept[key]

    def _committed(self, changed: Changed) -> None:
        for _, before, row in changed:
            if before is None and row:
                self.delivery.record(row)
        self.checker.committed(changed)

    def request(self, method: str, url: str, body: str | None, headers: dict[str, str]) -> Any:
        """To a provider that has no SDK here."""
        # Not by the shop's own settings: they would count as read by the function that is running.
        direct = self.alipay if "alipay" in url.partition("?")[0] else self.wechat_pay
        return direct.request(method, url, body, headers)

    # -- the history as a whole
    def hash(self) -> str:
        """Of all that happened: the same seed has the same."""
        return hashlib.sha256("\n".join(self.wire.trace).encode()).hexdigest()


@cache
def _function(logical_id: str) -> tuple[Any, float]:
    function = next(one for one in template.functions() if one.logical_id == logical_id)
    seconds = function.properties.get("Timeout", function.everyones["Timeout"])
    return importlib.import_module(function.module), float(seconds)


@contextmanager
def opened(made: World) -> Iterator[World]:
    """The process belongs to this world for a while."""
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, environment() | {"STRIPE_API": STRIPE_URL}))
        stack.enter_context(patch.object(calls, "_http", lambda: SimpleNamespace(request=made.request)))
        session = SimpleNamespace(get_session=lambda: Session(made))
        stack.enter_context(patch.object(aws, "botocore", SimpleNamespace(session=session)))
        stack.enter_context(patch.object(stripe_http, "Urllib3Client", lambda timeout: Transport(made)))
        virtual = SimpleNamespace(time=made.timestamp, sleep=made.wire.pause)
        stack.enter_context(patch("stripe._http_client.time", virtual))
        stack.enter_context(patch.object(clock, "pause", made.wire.pause))
        stack.callback(_use, None, None, None, {})
        stack.enter_context(_silence())
        _use(made.now, random.Random(made.seed), made.table, made.kept)
        stack.callback(made.schedule.end)
        yield made


@contextmanager
def _silence() -> Iterator[None]:
    """The log and the metrics, which functions print."""
    logger.setLevel(logging.CRITICAL)
    unwritten = patch.object(metrics, "flush_metrics", metrics.clear_metrics)
    with unwritten, open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logger.setLevel(logging.INFO)


def _use(now: Any, chance: random.Random | None, table: Any, answers: dict[Any, Any]) -> None:
    clock.use(now)
    ids.use(chance)
    current.use(table)
    kept.use(answers)
    aws.client.cache_clear()
    gateway._client_with.cache_clear()
