"""Fixtures that every test may use."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from souk.kernel import clock, ids
from souk.table import current

from tests.support.shop import Shop, environment


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
