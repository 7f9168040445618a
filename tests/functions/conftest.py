"""Fixtures of the doors."""

import pytest

from tests.support.people import People
from tests.support.shop import Shop


@pytest.fixture
def people(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> People:
    """The shop with its user pool and its real authorizer."""
    return People(shop, monkeypatch)
