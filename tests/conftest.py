"""Fixtures that every test may use."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from moto import mock_aws

from souk.kernel import clock, ids
from souk.table import current
from tests.support.market import Market
from tests.support.shop import Shop, environment
from tests.support.stripe import Stripe
from tests.support.stripe import stripe as stripe


def pytest_configure() -> None:
    """Powertools reads its names once, when it is imported; how long an example takes proves nothing here."""
    os.environ.update({name: value for name, value in environment().items() if name.startswith("POWERTOOLS")})
    settings.register_profile("souk", deadline=None)
    settings.load_profile("souk")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """An empty shop on moto, its clock stopped on a Monday morning."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(clock, "pause", lambda seconds: None)
    with mock_aws():
        yield Shop()
    clock.use(None)
    ids.use(None)
    current.use(None)


@pytest.fixture
def market(shop: Shop, stripe: Stripe) -> Market:
    """The empty shop with a provider to pay at."""
    return Market(shop, stripe)
