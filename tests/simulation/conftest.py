"""A process that runs histories is left as it was found."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    """Worlds are full of circles: their greenlets end with them, in the test that made them."""
    yield
    gc.collect()
