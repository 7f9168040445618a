"""`make nearest`: how long the nearest of many stores take, beside reading all of them, in one run.

The function runs in this process on the table in memory, and each call to the table takes as long as DynamoDB usually
does: a figure is the time of one answer without the gateway.
"""

import argparse
import logging
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from souk.kernel import geo
from souk.kernel.address import GeoPoint
from souk.table import current
from tests.support.many_stores import anywhere, open_many
from tests.support.shop import Shop, opened
from tests.support.table import calls

NEAREST, QUESTIONS, READINGS = 20, 300, 3
TABLE_SECONDS = 0.004  # a strongly consistent read of some kilobytes within a region


def near(shop: Shop, chance: Random) -> list[Any]:
    latitude, longitude = anywhere(chance)
    found = shop.get("/shop/stores", near=f"{latitude / 1e6:.6f},{longitude / 1e6:.6f}", sku="TEA", limit=NEAREST)
    return list(found.ok()["items"])


def near_among_all(shop: Shop, chance: Random) -> list[Any]:
    """As one would without a map: every page of the list, sorted."""
    latitude, longitude = anywhere(chance)
    point = geo.point_of(f"{latitude / 1e6:.6f},{longitude / 1e6:.6f}")
    found, query = list[Any](), {"limit": "100"}
    while True:
        page = shop.call("GET", "/shop/stores", query=query).ok()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    found.sort(key=lambda one: geo.distance_metres(point, GeoPoint.model_validate(one["point"])))
    return found[:NEAREST]


def measured(ask: Callable[[], list[Any]], times: int) -> list[float]:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        assert len(ask()) == NEAREST
        spent.append(time.perf_counter() - began)
    return sorted(spent)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--stores", type=int, default=10_000)
    number = asked.parse_args().stores
    with pytest.MonkeyPatch.context() as patch, opened(patch) as shop:
        shop.keep_in_memory()
        open_many(shop, number)
        logging.disable()
        chance, made = Random(1), calls(patch)
        near(shop, chance)
        made.clear()
        slow(patch)
        found = measured(lambda: near(shop, chance), QUESTIONS)
        questions = len(made) / QUESTIONS
        made.clear()
        read = measured(lambda: near_among_all(shop, chance), READINGS)
    p50, p95, whole = (1000 * one for one in (found[QUESTIONS // 2], found[QUESTIONS * 95 // 100], read[READINGS // 2]))
    print(f"{number:,} stores; each call to the table takes {1000 * TABLE_SECONDS:.0f} ms")
    print(f"the nearest {NEAREST}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, {questions:.1f} calls")
    print(f"by reading all: {whole:.0f} ms, {len(made) / READINGS:.0f} calls")


def slow(patch: pytest.MonkeyPatch) -> None:
    table = current.table()
    for name in ("read", "read_many", "query"):
        call = getattr(table, name)

        def later(*args: Any, call: Callable[..., Any] = call) -> Any:
            time.sleep(TABLE_SECONDS)
            return call(*args)

        patch.setattr(table, name, later)


if __name__ == "__main__":
    main()
