"""One shop for all end-to-end tests: the real template on a local cloud of its own, filled with the demo."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from infra.local.client import Client
from infra.local.demo.seed import seed
from infra.local.processes import free_ports
from infra.local.shop import Shop, running_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("shop"), free_ports(3)) as shop:
        yield shop


@pytest.fixture(scope="session")
def card(shop: Shop) -> dict[str, Any]:
    """What `.local/shop.json` holds of a shop that `make run` started."""
    return {**asdict(shop), "users": seed(shop)}


@pytest.fixture(scope="session")
def owner(card: dict[str, Any]) -> Client:
    user = next(user for user in card["users"] if user["role"] == "owner")
    return Client(card["api"]).sign_in(user["username"], user["password"])
