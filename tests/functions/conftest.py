"""Fixtures of the doors."""

import pytest

from tests.support import fair as fairs
from tests.support.fair import Fair
from tests.support.market import Market
from tests.support.people import People
from tests.support.shop import Shop


@pytest.fixture
def teapots(shop: Shop, market: Market) -> str:
    """The id of a category below another, in a shop that is told of the files that are sent up."""
    shop.make_queues()
    shop.keep_in_memory()
    return market.category("Teapots", market.category("Tea"))


@pytest.fixture
def fair(market: Market, people: People) -> Fair:
    """The shop with two buyers and two stores, and one of everything on either side."""
    market.shop.keep_in_memory()
    return fairs.build(market, people)
