"""Fixtures that every test may use."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.support import books, usage
from tests.support.alipay import alipay as alipay
from tests.support.market import Market
from tests.support.people import People
from tests.support.shop import Shop, environment, opened
from tests.support.stripe import Stripe
from tests.support.stripe import stripe as stripe
from tests.support.wechat_pay import wechat_pay as wechat_pay


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist says no types
    """What shares a running shop or cloud is one process's: the tests of a file, and all that are end to end but those
    that stop their own shop.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return "tests/e2e" if file.startswith("tests/e2e/") and file != "tests/e2e/test_restart.py" else file


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--save-usage", type=Path, metavar="FOLDER", help="write down what each function used")
    parser.addoption("--usage", type=Path, metavar="FOLDER", help="what was written down in a run of all tests")


def pytest_configure(config: pytest.Config) -> None:
    """Powertools reads its names once, when it is imported.

    How long an example takes proves nothing here; and the same code has the same examples, so that a run that passed
    passes again: `--hypothesis-profile=explore` looks for others.
    """
    os.environ.update({name: value for name, value in environment().items() if name.startswith("POWERTOOLS")})
    settings.register_profile("souk", deadline=None, derandomize=True)
    settings.register_profile("explore", deadline=None)
    settings.load_profile(config.getoption("--hypothesis-profile") or "souk")
    usage.record()
    if (folder := config.getoption("--save-usage")) and not hasattr(config, "workerinput"):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return Together(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Each process of the run by itself."""
    if folder := session.config.getoption("--save-usage"):
        usage.save(folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.json")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """An empty shop on moto, its clock stopped on a Monday morning."""
    with opened(monkeypatch) as shop:
        yield shop


@pytest.fixture
def people(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> People:
    """The shop with its user pool and its real authorizer."""
    return People(shop, monkeypatch)


@pytest.fixture
def market(shop: Shop, stripe: Stripe) -> Iterator[Market]:
    """The empty shop with a provider to pay at; whatever happens there, its books must balance in the end."""
    yield Market(shop, stripe)
    books.check(shop)
