"""Fixtures that every test may use."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import books, usage
from tests.support.market import Market
from tests.support.people import People
from tests.support.shop import Shop, environment, opened
from tests.support.stripe import Stripe
from tests.support.stripe import stripe as stripe


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--save-usage", type=Path, metavar="FOLDER", help="write down what each function used")
    parser.addoption("--usage", type=Path, metavar="FOLDER", help="what was written down in a run of all tests")


def pytest_configure(config: pytest.Config) -> None:
    """Powertools reads its names once, when it is imported; how long an example takes proves nothing here."""
    os.environ.update({name: value for name, value in environment().items() if name.startswith("POWERTOOLS")})
    settings.register_profile("souk", deadline=None)
    settings.load_profile("souk")
    usage.record()
    if (folder := config.getoption("--save-usage")) and not hasattr(config, "workerinput"):
        shutil.rmtree(folder, ignore_errors=True)


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
