"""Every test here works on an empty table on moto."""

import pytest

from tests.support.shop import Shop


@pytest.fixture(autouse=True)
def table(shop: Shop) -> None:
    """Made by the shop, which nobody enters."""
