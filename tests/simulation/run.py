"""Histories replayed with all that happened in them, or run by the thousand on every core."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
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
    """Whether all promises held; a history that breaks one is told at once. Ctrl-C ends it with what was found."""
    bad, played = list[int](), 0
    with suppress(KeyboardInterrupt):
        for seed, held in on_every_core(_holds, range(first, first + histories), " histories"):
            played += 1
            if not held:
                tqdm.write(f"seed {seed} broke a promise")
                bad.append(seed)
    if bad:
        print(f"\n{explain(min(bad))}")
    print(f"{played} histories from seed {first}: {len(bad)} broke a promise{':' if bad else ''}", *sorted(bad)[:50])
    return not bad and played == histories


def on_every_core(work: Callable[[A], B], given: Sequence[A], unit: str) -> Iterator[B]:
    with multiprocessing.Pool(os.cpu_count(), _begin) as workers:
        yield from tqdm(workers.imap_unordered(work, given, chunksize=4), total=len(given), unit=unit)


def _begin() -> None:
    """Ctrl-C is for the process that they work for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


def explain(seed: int) -> str:
    """How it came to that, with as few faults as were found to do it."""
    faults, outcome = shortest(play(seed).world.wire.plan.dealt, lambda plan: play(seed, plan))
    return told(seed, faults, outcome, LAST_LINES)


def _holds(seed: int) -> tuple[int, bool]:
    return seed, play(seed).violation is None
