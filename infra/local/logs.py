"""`python -m infra.local.logs`: what all functions of the running shop log, as one stream for people.

A request's id shows what the request did and, by the orders it touched, whatever else happened to these.
"""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from infra.local.client import running_shops_card
from infra.local.processes import Trouble
from infra.local.run import process_of_shop
from infra.local.shop import STACK

LINE = re.compile(rf"{STACK}-([a-z0-9-]+) \| (.*)")
# Shown in another way, or of no use on this machine.
LEFT_OUT = {"level", "message", "timestamp", "correlation_id", "cold_start", "exception", "exception_name"}
LEFT_OUT |= {"stack_trace", "function_request_id", "xray_trace_id"}
HUES = (32, 34, 35, 36, 92, 94, 95, 96)
DIM, BOLD = 2, 1
LEVELS = {"WARNING": 33, "ERROR": 31, "CRITICAL": 31}
SHORT = 8
PAUSE_SECONDS = 0.1


class Stream:
    """Makes a line for people of each line of the cloud's log, and None of what was not asked for."""

    def __init__(self, request: str = "", function: str = "", *, coloured: bool = False) -> None:
        self._request, self._function, self._coloured = request, function, coloured
        self._orders: set[str] = set()
        self._shown: dict[str, bool] = {}

    def line(self, text: str) -> str | None:
        found = LINE.match(text)
        if not found:
            return None
        name, said = found[1], _fields(found[2])
        if "_aws" in said:  # a metric
            return None
        # Text that is no JSON, such as a traceback, goes with what the function said before.
        asked_for = self._asked_for(said) if said else self._shown.get(name, not self._request)
        # The authorizer turns a stranger away by raising: what is printed of that is no fault.
        self._shown[name] = asked_for and said.get("message") != "unknown caller"
        if not asked_for or self._function not in ("", name):
            return None
        return self._written(name, said) if said else f"{self._name(name)} {self._paint(found[2], DIM)}"

    def _asked_for(self, said: dict[str, Any]) -> bool:
        order_id = said.get("order_id")
        named = any(str(said.get(key) or "").startswith(self._request) for key in ("correlation_id", "order_id"))
        if named and self._request and order_id:
            self._orders.add(order_id)
        return named or order_id in self._orders

    def _written(self, name: str, said: dict[str, Any]) -> str:
        level = str(said.get("level", ""))
        fields = [
            f"{key}={value if isinstance(value, str) else json.dumps(value)}"
            for key, value in said.items()
            if key not in LEFT_OUT
        ]
        parts = [
            self._paint(str(said.get("timestamp", ""))[11:19], DIM),
            self._name(name),
            self._paint(f"{level:<7}", LEVELS.get(level, DIM)),
            self._paint(str(said.get("message", "")), BOLD),
            *fields,
            *(["cold"] if said.get("cold_start") else []),
            self._paint(str(said.get("correlation_id", ""))[:SHORT], DIM),
        ]
        return " ".join(parts) + "".join(f"\n    {line}" for line in str(said.get("exception", "")).splitlines())

    def _name(self, name: str) -> str:
        return self._paint(f"{name:<18}", HUES[crc32(name.encode()) % len(HUES)])

    def _paint(self, text: str, code: int) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._coloured else text


def follow(log: Path, goes_on: Callable[[], object], *, from_start: bool) -> Iterator[str]:
    """The lines of a file that is still written, for as long as that is so."""
    with log.open(encoding="utf-8", errors="replace") as file:
        if not from_start:
            file.seek(0, os.SEEK_END)
        begun = ""
        while True:
            last = not goes_on()
            while part := file.readline():
                begun += part
                if begun.endswith("\n"):
                    yield begun.rstrip("\n")
                    begun = ""
            if last:
                return
            time.sleep(PAUSE_SECONDS)


def show(
    log: Path, goes_on: Callable[[], object], *, request: str = "", function: str = "", past: bool = False
) -> None:
    """Prints the stream; with `past`, from the shop's start."""
    stream = Stream(request, function, coloured=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    for text in follow(log, goes_on, from_start=past):
        if line := stream.line(text):
            print(line, flush=True)


def add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--request", default="", help="the beginning of a request's or an order's id")
    parser.add_argument("--function", default="", help="one function, such as browse")


def _fields(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    add_filters(parser)
    options = parser.parse_args()
    try:
        log = Path(running_shops_card()["log"])
        # Who asks for one request has usually made it already.
        show(log, process_of_shop, request=options.request, function=options.function, past=bool(options.request))
    except KeyboardInterrupt:
        pass
    except Trouble as trouble:
        sys.exit(str(trouble))
