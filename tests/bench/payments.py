"""`make payments`: how long buyers wait for their payment to begin, and how much of it is the provider's, in one run.

A checkout places the order and begins its payment in one answer. Buyers come by chance, and no sooner or later for how
long others wait. Each process is what Lambda calls an environment: it answers one request at a time, and speaks to the
fake provider at the wire with Stripe's SDK. It keeps a table of its own in memory, each call to which takes as long as
one to DynamoDB: so buyers of the same goods do not meet, and starts, the gateway and its authorizer are not in it.
"""

import argparse
import importlib
import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import accumulate
from multiprocessing.synchronize import Barrier, Event
from random import Random
from typing import Any, NamedTuple

import pytest

from infra.local.stripe.config import Config
from infra.local.stripe.server import StripeServer
from souk.domains.access.model.rights import SHOP
from souk.gateways import stripe as provider_api
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import current
from tests.support.market import ADDRESS, CONTACT, Market
from tests.support.shop import environment, opened
from tests.support.stripe import Stripe

ENVIRONMENTS = 40
PROVIDER_SECONDS = 0.1
# More than DynamoDB usually takes within its region: single-digit milliseconds for an item, and some more for many.
TABLE_SECONDS = {"read": 0.01, "read_many": 0.01, "read_at_once": 0.025, "query": 0.01, "write": 0.025}
WANTED = [{"sku": "CUP", "quantity": 1}, {"sku": "POT", "quantity": 2}, {"sku": "TEA", "quantity": 3}]

FORK = multiprocessing.get_context("fork")  # an environment begins as the shop that was set up

Pay = Callable[[int], object]


class Wait(NamedTuple):
    """Of one buyer, in seconds: from when he asked to the answer, and to when a process was free for him."""

    whole: float
    before: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="make payments", description=__doc__)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    asked = parser.parse_args()
    # Read once, when the functions are imported.
    os.environ.update(environment() | {"POWERTOOLS_LOG_LEVEL": "CRITICAL"})
    logging.disable()
    chance = Random(1)
    arrivals = list(accumulate(chance.expovariate(asked.rate) for _ in range(asked.rate * asked.seconds)))
    with provider() as stripe, pytest.MonkeyPatch.context() as patch, opened(patch) as shop:
        patch.setenv("STRIPE_API", stripe.url)
        patch.setattr(clock, "pause", time.sleep)
        shop.keep_in_memory()
        checkout = checkout_of(Market(shop, stripe))
        slow(patch)
        print(f"{len(arrivals):,} payments, {asked.rate} a second; the provider takes {PROVIDER_SECONDS * 1e3:.0f} ms")
        print(f"{'milliseconds':24}{'p50':>6}{'p95':>6}{'p99':>6}   of which for a process to be free, p95")
        for name, pay in (("the provider alone", begin_alone), ("a checkout", checkout)):
            waits = measured(pay, arrivals)
            whole, before = sorted(one.whole for one in waits), sorted(one.before for one in waits)
            shown = (at(whole, 50), at(whole, 95), at(whole, 99), at(before, 95))
            print(f"{name:24}" + "".join(f"{1e3 * seconds:6.0f}" for seconds in shown), flush=True)


@contextmanager
def provider() -> Iterator[Stripe]:
    """In a process of its own, so that neither waits for the other's turn."""
    server, ended = StripeServer(config=Config(latency_seconds=PROVIDER_SECONDS), delivers=False), FORK.Event()
    process = FORK.Process(target=serve, args=(server, ended), daemon=True)
    process.start()
    try:
        yield Stripe(server)
    finally:
        ended.set()
        process.join()


def serve(server: StripeServer, ended: Event) -> None:
    with server:
        ended.wait()


def begin_alone(number: int) -> object:
    return provider_api.create_intent(order_id=f"ord_{number}", attempt=1, amount_minor=3000, currency="EUR")


def checkout_of(market: Market) -> Pay:
    """Each order is another buyer's, from another address: what one may order in an hour is limited."""
    market.goods({"CUP": 1000, "POT": 2500, "TEA": 700}, {market.store(): 1_000_000})
    quoted = market.shop.post("/me/quotes", {"lines": WANTED, "country": "PT"}, as_=buyer(0)).ok()
    order = {"lines": WANTED, "quote_id": quoted["quote_id"], "address": ADDRESS, "contact": CONTACT}
    importlib.import_module("orders.checkout")  # once, and not in each process

    def pay(number: int) -> object:
        key = {"Idempotency-Key": f"order {number}"}
        source = ".".join(["10", *(str(number >> bits & 255) for bits in (16, 8, 0))])
        placed = market.shop.post("/me/checkout", order, as_=buyer(number), headers=key, source=source)
        assert placed.ok()["payment"], placed.body
        return placed

    return pay


def buyer(number: int) -> Caller:
    return Caller(id=f"gst_{number}", kind="guest", may=frozenset({SHOP}))


def slow(patch: pytest.MonkeyPatch) -> None:
    table = current.table()
    for name, seconds in TABLE_SECONDS.items():
        patch.setattr(table, name, after(seconds, getattr(table, name)))


def after(seconds: float, call: Callable[..., Any]) -> Callable[..., Any]:
    def later(*args: Any) -> Any:
        time.sleep(seconds)
        return call(*args)

    return later


def measured(pay: Pay, arrivals: Sequence[float]) -> list[Wait]:
    ready = FORK.Barrier(ENVIRONMENTS)
    with ProcessPoolExecutor(ENVIRONMENTS, FORK, initializer=begin, initargs=(pay, ready)) as pool:
        pool.submit(int).result()  # all are up
        began, asked = time.monotonic(), []
        for number, seconds in enumerate(arrivals):
            time.sleep(max(0.0, began + seconds - time.monotonic()))
            asked.append(pool.submit(answer, number, began + seconds))
        return [one.result() for one in asked]


_pay: Pay


def begin(pay: Pay, ready: Barrier) -> None:
    """An environment, warm: it has answered once."""
    global _pay
    _pay = pay
    pay(-os.getpid())
    ready.wait()


def answer(number: int, due: float) -> Wait:
    begun = time.monotonic()
    _pay(number)
    return Wait(time.monotonic() - due, begun - due)


def at(ordered: Sequence[float], percentile: int) -> float:
    return ordered[len(ordered) * percentile // 100]


if __name__ == "__main__":
    main()
