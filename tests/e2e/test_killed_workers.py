"""Functions are killed in the middle of whatever they do; buyers ask again, as browsers and people do."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from random import Random
from typing import Any
from uuid import uuid4

import psutil

from infra.local.client import Client, Refused
from infra.local.shop import Shop
from infra.local.stripe.buyer import Buyer
from tests.e2e.shopping import goods, stock, until
from tests.load import books
from tests.support.market import ADDRESS, CONTACT

BUYERS, UNITS, ORDERS_EACH = 6, 100, 5
KILLED_AT_MOST, EVERY_SECONDS = 25, 0.5
PATIENCE_SECONDS = 200  # a function that is told of something is tried again after one minute, and after two more


@contextmanager
def killer(shop: Shop) -> Iterator[list[str]]:
    """Ends one process of a function after the other, as `kill -9` does, until the block ends; whose they were."""
    killed: list[str] = []
    over, chance = threading.Event(), Random(9)

    def kill() -> None:
        while len(killed) < KILLED_AT_MOST and not over.wait(EVERY_SECONDS):
            with suppress(psutil.Error, IndexError):
                victim, function = chance.choice(workers(shop))
                victim.kill()
                killed.append(function)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def workers(shop: Shop) -> list[tuple[psutil.Process, str]]:
    """The processes in which this shop's functions run, with the function of each."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            environment = process.environ()
            if "_LAMBDA_FUNCTION_ARN" in environment and shop.cloud in environment.values():
                found.append((process, environment["AWS_LAMBDA_FUNCTION_NAME"]))
    return found


def insist(ask: Callable[[], Any]) -> Any:
    """The answer, however often it takes; a refusal is one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except Refused as refused:
            if refused.status < 500 or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def buy(shop: Shop, sku: str) -> list[str]:
    """The ids of orders that were placed and paid, each under a key of its own."""
    buyer = Client(shop.api)
    insist(buyer.be_guest)
    return [buy_one(shop, buyer, sku) for _ in range(ORDERS_EACH)]


def buy_one(shop: Shop, buyer: Client, sku: str) -> str:
    lines, key = [{"sku": sku, "quantity": 1}], str(uuid4())
    quote = insist(lambda: buyer.post("/me/quotes", {"lines": lines, "country": "PT"}))
    wanted = {"lines": lines, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": CONTACT}
    order_id = str(insist(lambda: buyer.post("/me/checkout", wanted, key=key))["order"]["order_id"])
    payment = insist(lambda: buyer.post("/me/payments", {"order_id": order_id}))
    Buyer(shop.stripe).pay(payment["client_secret"])
    return order_id


def test_orders_survive_that_functions_are_killed_in_the_middle(shop: Shop, owner: Client) -> None:
    sku = goods(owner, units=UNITS)
    with killer(shop) as killed, ThreadPoolExecutor(BUYERS) as pool:
        bought = [order_id for order_ids in pool.map(lambda _: buy(shop, sku), range(BUYERS)) for order_id in order_ids]
    assert len(killed) > BUYERS, killed
    assert len(set(bought)) == len(bought) == BUYERS * ORDERS_EACH
    until(lambda: {owner.get(f"/staff/orders/{one}")["status"] for one in bought} == {"confirmed"}, PATIENCE_SECONDS)
    assert stock(owner, sku) == (UNITS, len(bought), UNITS - len(bought))
    assert not books.faults(shop)
