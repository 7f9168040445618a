"""Histories replayed with all that happened in them, or run by the thousand on every core."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from tqdm import tqdm

from tests.simulation.history import play
from tests.simulation.shrink import shortest, told

LAST_LINES = 60
A = TypeVar("A")
B = TypeVar("B")


def replay(seed: int) -> bool:
    """Whether all promises held."""
    outcome = play(seed)
    print(told(seed, outcome.world.wire.plan.dealt, outcome))
    print(f"hash {outcome.world.hash()}")
    return outcome.violation is None


def run(first: int, histories: int) -> bool:
    seeds = range(first, first + histories)
    bad = sorted(seed for seed in on_every_core(_fails, seeds, " histories") if seed is not None)
    if bad:
        print(f"\n{explain(bad[0])}")
    print(f"{histories} histories from seed {first}: {len(bad)} broke a promise{':' if bad else ''}", *bad[:50])
    return not bad


def on_every_core(work: Callable[[A], B], given: Sequence[A], unit: str) -> list[B]:
    with multiprocessing.Pool(os.cpu_count(), gc.freeze) as workers:
        return [*tqdm(workers.imap_unordered(work, given, chunksize=4), total=len(given), unit=unit)]


def explain(seed: int) -> str:
    """How it came to that, with as few faults as were found to do it."""
    faults, outcome = shortest(play(seed).world.wire.plan.dealt, lambda plan: play(seed, plan))
    return told(seed, faults, outcome, LAST_LINES)


def _fails(seed: int) -> int | None:
    return seed if play(seed).violation else None
