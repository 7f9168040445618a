"""Fixtures of the hostile requests."""

from collections.abc import Iterator

import pytest

from tests.support.shop import Shop, opened


@pytest.fixture(scope="module")
def shared() -> Iterator[Shop]:
    """One empty shop for all tests of a file, which leave it as it was or do not mind."""
    with pytest.MonkeyPatch.context() as patch, opened(patch) as shop:
        yield shop
