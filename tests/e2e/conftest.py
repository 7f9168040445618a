"""One shop for all end-to-end tests: the real template on a local cloud of its own."""

from collections.abc import Iterator

import pytest

from infra.local.processes import free_ports
from infra.local.shop import Shop, running_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An empty shop, shared by all tests: each makes its own members, SKUs and stores."""
    with running_shop(tmp_path_factory.mktemp("shop"), free_ports(3)) as shop:
        yield shop
