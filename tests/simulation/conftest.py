"""A process that runs histories is left as it was found."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def still() -> Iterator[None]:
    """What is there before the first world is there after the last: nobody needs to look through it for garbage."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    """Worlds are full of circles: their greenlets end with them, in the test that made them."""
    yield
    gc.collect()
