"""Fixtures of the doors."""

import pytest

from tests.support import fair as fairs
from tests.support.fair import Fair
from tests.support.market import Market
from tests.support.order_life import Life
from tests.support.people import People
from tests.support.shop import Shop
from tests.support.step_functions import StepFunctions


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.keep_in_memory()
    return shop


@pytest.fixture
def dynamodb(shop: Shop) -> None:
    """From now on, before anything is kept: the shop stands on moto's table, not on the one in memory."""
    shop.keep_in_dynamodb()


@pytest.fixture
def teapots(shop: Shop, market: Market) -> str:
    """The id of a category below another, in a shop that is told of the files that are sent up."""
    shop.make_queues()
    return market.category("Teapots", market.category("Tea"))


@pytest.fixture
def fair(market: Market, people: People) -> Fair:
    """The shop with two buyers and two stores, and one of everything on either side."""
    return fairs.build(market, people)


@pytest.fixture
def life(market: Market, monkeypatch: pytest.MonkeyPatch) -> Life:
    """Paid orders of two stores, their workflows run by the definition."""
    stores = [market.store(f"Souk {rank}", rank=rank) for rank in (1, 2)]
    market.goods({"CUP": 1000}, dict.fromkeys(stores, 50))
    return Life(market, StepFunctions(market.shop, monkeypatch), stores)
