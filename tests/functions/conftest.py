"""Fixtures of the doors."""

import pytest

from tests.support import fair as fairs
from tests.support.fair import Fair
from tests.support.market import Market
from tests.support.people import People


@pytest.fixture
def fair(market: Market, people: People) -> Fair:
    """The shop with two buyers and two stores, and one of everything on either side."""
    market.shop.keep_in_memory()
    return fairs.build(market, people)
