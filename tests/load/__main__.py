"""`make load`: visitors at a shop of its own for a while, then how it answered, and whether its books are right."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from infra.local.client import Client, receipts
from infra.local.demo.seed import seed
from infra.local.processes import ROOT, Trouble, free_ports
from infra.local.shop import Shop, running_shop
from tests.load import books

PLENTY = 5_000  # of what the demo has: what is scarce sells out in any case
PERCENTILES = (50, 95, 99)
STARTING_SECONDS = 60


class Answers(NamedTuple):
    """How one kind of request, or all of them, was answered; times in milliseconds."""

    name: str
    requests: int
    failures: int
    times: dict[int, int]

    def percentile(self, percent: int) -> int:
        """Nearest rank: the least time within which so many percent were answered."""
        left = -(-self.requests * percent // 100)
        for time, number in sorted(self.times.items()):
            left -= number
            if left <= 0:
                return time
        return 0

    def line(self) -> str:
        times = "".join(f"{self.percentile(percent):>8}" for percent in PERCENTILES)
        return f"{self.name:<40}{self.requests:>9}{self.failures:>9}{times}"


def visit(shop: Shop, visitors: int, seconds: int, seed_number: int) -> list[Answers]:
    """By kind of request; the last is all of them."""
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "tests/load/profile.py"), "--headless", "--json"]
    command += ["--host", shop.api, "-u", str(visitors), "-r", str(visitors), "-t", f"{seconds}s", "-s", "10"]
    command += ["--exit-code-on-error", "0", "--loglevel", "WARNING"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "SEED": str(seed_number), "STRIPE": shop.stripe},
        capture_output=True,
        check=False,
        timeout=seconds + STARTING_SECONDS,
    )
    if done.returncode:
        raise Trouble(f"The visitors did not come: {done.stderr.decode()[-2000:]}")
    kinds = sorted((_answers(one) for one in json.loads(done.stdout)), key=lambda one: one.name)
    return [*kinds, _all(kinds)]


def _answers(said: dict[str, Any]) -> Answers:
    times = {int(float(time)): number for time, number in said["response_times"].items()}
    return Answers(said["name"], said["num_requests"], said["num_failures"], times)


def _all(kinds: Sequence[Answers]) -> Answers:
    times: dict[int, int] = {}
    for kind in kinds:
        for time, number in kind.times.items():
            times[time] = times.get(time, 0) + number
    return Answers("all", sum(kind.requests for kind in kinds), sum(kind.failures for kind in kinds), times)


def stock_up(shop: Shop, owner: Client) -> None:
    """More of what the demo sells, so that it is not sold out at once."""
    for store in owner.get("/staff/stores")["items"]:
        kept = [level["sku"] for level in owner.all("/staff/stock", store_id=store["store_id"])]
        for receipt in receipts(store["store_id"], "for-the-load", dict.fromkeys(kept, PLENTY)):
            owner.post("/staff/stock-documents", receipt)


def load(shop: Shop, owner: Client, visitors: int, seconds: int, seed_number: int) -> bool:
    """Whether every request was answered well and the books are right; prints both."""
    print(f"{visitors} visitors for {seconds} seconds, seed {seed_number} ...", flush=True)
    answered = visit(shop, visitors, seconds, seed_number)
    total = answered[-1]
    print(f"{'':<40}{'requests':>9}{'failures':>9}" + "".join(f"{f'p{percent}':>8}" for percent in PERCENTILES))
    print(*(one.line() for one in answered), sep="\n")
    print(f"{total.requests / seconds:.1f} requests a second; times in milliseconds")
    faults = books.faults(shop)
    print(*(faults or ["The books are right."]), sep="\n")
    return bool(total.requests) and not total.failures and not faults


def main() -> None:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=20, help="at once")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, running_shop(Path(home), free_ports(3)) as shop:
        people = {user["role"]: user for user in seed(shop)}
        owner = Client(shop.api).sign_in(people["owner"]["username"], people["owner"]["password"])
        stock_up(shop, owner)
        good = load(shop, owner, given.visitors, given.seconds, given.seed)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
