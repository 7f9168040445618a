"""`python -m infra.local.run start|stop|reset`: the life of the local shop, for `make`."""

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from infra.local.client import CARD
from infra.local.demo.seed import seed
from infra.local.package import BUCKET
from infra.local.processes import END_SECONDS, ROOT, Trouble
from infra.local.shop import Shop, running_shop

HOME = ROOT / ".local"
LOCK = HOME / "shop.pid"
LOG = HOME / "shop.log"
# Kept in the cloud itself, so that it is there exactly when the catalogue is.
SEEDED = "seeded.json"


def take_lock() -> int:
    """The lock's file descriptor; whoever can take the lock, which holds a process id, knows that no shop runs."""
    HOME.mkdir(exist_ok=True)
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble("The local shop runs already: `make stop` ends it.") from None
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def process_of_shop() -> int | None:
    try:
        with LOCK.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return int(LOCK.read_text() or 0) or None
    return None


def opened(shop: Shop) -> list[dict[str, str]]:
    """The demo users of a shop that is filled when it is new, and wakes its workflows when it was kept."""
    s3 = shop.client("s3")
    try:
        users = json.loads(s3.get_object(Bucket=BUCKET, Key=SEEDED)["Body"].read())
    except s3.exceptions.NoSuchKey:
        print("Filling the shop with the demo catalogue ...", flush=True)
    else:
        # A restart ends all executions: those of open orders and after-sales cases start again from their state.
        shop.run("restart-lives", {})
        return users
    users = seed(shop)
    s3.put_object(Bucket=BUCKET, Key=SEEDED, Body=json.dumps(users).encode())
    return users


def start(port: int, meanwhile: Callable[[Shop], object] = lambda _: signal.pause()) -> None:
    """Run in the foreground until Ctrl-C or `make stop`; once it is open, `meanwhile` is done."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    take_lock()  # and keep it: the process lets go of it with its very end
    try:
        print("Starting the local cloud and deploying template.yaml ...", flush=True)
        with running_shop(HOME, port, keep=True) as shop:
            users = opened(shop)
            unfinished = CARD.with_suffix(".new")
            unfinished.write_text(json.dumps({**asdict(shop), "users": users}, indent=2))
            greet(shop, users, time.monotonic() - began)
            unfinished.replace(CARD)
            meanwhile(shop)
    except KeyboardInterrupt:
        print("Ended; `make run` goes on from here, `make reset` empties the shop.", flush=True)
    finally:
        CARD.unlink(missing_ok=True)


def greet(shop: Shop, users: list[dict[str, str]], seconds: float) -> None:
    print(f"The shop is open after {seconds:.1f} s.\n")
    print(f"  API     {shop.api}\n  Docs    {shop.docs}\n  Stripe  {shop.stripe} (a fake)")
    print(f"  Phone   {shop.telephone} (pays at WeChat Pay and Alipay, both fakes)\n")
    for user in users:
        print(f"  {user['role']:<14} {user['username']:<32} {user['password']}")
    print("\nWhat the functions log: `make logs`", flush=True)


def start_detached(port: int) -> None:
    """Return as soon as the shop answers; what it says goes to the terminal until then."""
    os.close(take_lock())
    CARD.unlink(missing_ok=True)
    with LOG.open("wb") as log:
        command = [sys.executable, "-m", "infra.local.run", "start", "--port", str(port)]
        shop = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    with LOG.open(encoding="utf-8") as log:
        while shop.poll() is None and not CARD.exists():
            print(log.read(), end="", flush=True)
            time.sleep(0.1)
        print(log.read(), end="", flush=True)
    if shop.poll() is not None:
        sys.exit(shop.returncode or 1)


def stop() -> None:
    process = process_of_shop()
    if not process:
        print("No local shop runs.")
        return
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + 3 * END_SECONDS
    while process_of_shop():
        if time.monotonic() > deadline:
            raise Trouble(f"The local shop (process {process}) does not end: `kill -9 {process}` makes it.")
        time.sleep(0.1)
    print("The local shop has ended.")


def reset() -> None:
    stop()
    shutil.rmtree(HOME / "state", ignore_errors=True)
    print("The next `make run` starts with a new shop.")


def add_port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8600, help="the first of three (default: 8600)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["start", "stop", "reset"])
    add_port(parser)
    parser.add_argument("--detach", action="store_true", help="return when the shop answers")
    options = parser.parse_args()
    try:
        match options.command:
            case "start" if options.detach:
                start_detached(options.port)
            case "start":
                start(options.port)
            case "stop":
                stop()
            case "reset":
                reset()
    except Trouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    main()
