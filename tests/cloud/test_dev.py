"""`make dev`: a saved file answers within two seconds, by way of the deployed functions; a broken one never."""

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from infra.local.dev import Follower
from infra.local.processes import ROOT, free_ports
from infra.local.shop import STACK, Shop, running_shop

PARTS = ("template.yaml", "infra/**/*.yaml", "functions/**/*", "layers/**/*")
FUNCTION, LAYER = "functions/stores/browse_stores.py", "layers/souk/python/souk/edge/http.py"
HEADER = "Strict-Transport-Security"
SECONDS = 2.0


def share_of_core() -> float:
    """How much of a core somebody who is busy gets at the moment: 1 on an idle machine."""
    wall, busy = time.monotonic(), time.process_time()
    while time.monotonic() - wall < 0.3:
        pass
    return (time.process_time() - busy) / (time.monotonic() - wall)


class Bench:
    """A shop of a copy of this checkout, whose files are edited."""

    def __init__(self, shop: Shop, root: Path, printed: pytest.CaptureFixture[str]) -> None:
        self.shop, self.root, self._printed = shop, root, printed

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def ask(self) -> requests.Response:
        return requests.get(f"{self.shop.api}/shop/stores", timeout=30)

    def seconds(self, name: str, versions: Sequence[str], shown: Callable[[requests.Response], str | None]) -> float:
        """The shortest time from a save until it answers, of several; other work's part of the machine left out."""
        return min(share_of_core() * self._seconds(name, *pair, shown) for pair in pairwise(versions))

    def _seconds(self, name: str, old: str, new: str, shown: Callable[[requests.Response], str | None]) -> float:
        self.edit(name, old, new)
        began = time.monotonic()
        while shown(self.ask()) != new:
            assert time.monotonic() - began < 60, self._printed.readouterr().out
            time.sleep(0.1)
        return time.monotonic() - began

    def lines(self) -> list[str]:
        """What is new on the terminal, once it is at least a line."""
        deadline, out = time.monotonic() + 20, ""
        while "\n" not in out and time.monotonic() < deadline:
            time.sleep(0.05)
            out += self._printed.readouterr().out
        return out.splitlines()

    def said(self, wanted: str) -> None:
        """One line, which must match."""
        (line,) = self.lines()
        assert re.fullmatch(wanted, line), line


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for path in [path for part in PARTS for path in ROOT.glob(part)]:
        if path.is_file() and "__pycache__" not in path.parts:
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return folder


@pytest.fixture(scope="module")
def shop(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Followed from the first test to the last."""
    stop = threading.Event()
    with running_shop(tmp_path_factory.mktemp("shop"), free_ports(3), root=checkout) as shop:
        follower = threading.Thread(target=Follower(shop, checkout).follow, args=[stop])
        follower.start()
        time.sleep(0.5)  # until it watches
        yield shop
        stop.set()
        follower.join()


@pytest.fixture
def bench(shop: Shop, checkout: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(shop, checkout, capsys)


def test_a_saved_function_answers_within_two_seconds(bench: Bench) -> None:
    bench.edit(FUNCTION, '@app.get("/shop/stores", public=True)', '@app.get("/shop/stores", public=True, status=200)')
    bench.said(r"browse-stores is up to date \(.* s\)")
    versions = [f"status={number}" for number in (200, 201, 202, 203)]
    assert bench.seconds(FUNCTION, versions, lambda answer: f"status={answer.status_code}") < SECONDS


def test_a_saved_layer_answers_within_two_seconds(bench: Bench) -> None:
    versions = [f"max-age={seconds}" for seconds in (63072000, 1, 2, 3)]
    assert bench.seconds(LAYER, versions, lambda answer: answer.headers.get(HEADER)) < SECONDS
    assert all("functions have the new layer" in line for line in bench.lines())


def test_a_broken_file_is_told_in_a_line_and_the_old_code_goes_on(bench: Bench) -> None:
    before = bench.ask().status_code
    bench.edit(FUNCTION, "app, handler = http_api()", "app, handler = http_api(")
    bench.said(r"browse_stores\.py:\d+: '\(' was never closed \(the old code goes on answering\)")
    assert bench.ask().status_code == before
    bench.edit(FUNCTION, "app, handler = http_api(", "app, handler = http_api()")
    bench.said(r"browse-stores is up to date \(.* s\)")


def test_a_saved_template_is_deployed(bench: Bench) -> None:
    bench.edit("infra/domains/stores.yaml", "ApplicationLogLevel: INFO", "ApplicationLogLevel: DEBUG")
    bench.said(r"The stack is deployed again \(.* s\)")
    bench.edit("template.yaml", "Outputs:\n", "Outputs: [\n")
    bench.said("while parsing a flow sequence .*")
    bench.edit("template.yaml", "Outputs: [\n", "Outputs:\n")
    bench.said(r"The stack is deployed again \(.* s\)")
    function = bench.shop.client("lambda").get_function_configuration(FunctionName=f"{STACK}-browse-stores")
    assert function["LoggingConfig"]["ApplicationLogLevel"] == "DEBUG"
