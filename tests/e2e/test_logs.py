"""One id shows a whole story in the logs, whatever functions wrote it down."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.client import Client
from infra.local.logs import Stream
from infra.local.shop import Shop
from infra.local.stripe.buyer import Buyer
from tests.e2e.shopping import goods, order_of, until


def lines(shop: Shop, **asked: Any) -> list[str]:
    """What `make logs` shows."""
    stream = Stream(**asked)
    written = Path(shop.log).read_text(encoding="utf-8").splitlines()
    return [line for text in written if (line := stream.line(text))]


def functions(shop: Shop, **asked: Any) -> set[str]:
    return {line.split()[1] for line in lines(shop, **asked)}


def logged(shop: Shop, function: str, **wanted: Any) -> dict[str, Any]:
    """The one line of the function's log with these fields."""
    written = Path(shop.log).read_text(encoding="utf-8").splitlines()
    said = [json.loads(text.partition(" | ")[2]) for text in written if f'souk-local-{function} | {{"level"' in text]
    (found,) = [one for one in said if wanted.items() <= one.items()]
    return dict(found)


@pytest.fixture(scope="module")
def order_id(shop: Shop, card: dict[str, Any], owner: Client) -> str:
    """A paid order whose workflow has begun."""
    guest = Client(card["api"]).be_guest()
    placed = order_of(guest, goods(owner, 5))
    order_id = str(placed["order"]["order_id"])
    Buyer(card["stripe"]).pay(placed["payment"]["client_secret"])
    until(lambda: guest.get(f"/me/orders/{order_id}")["status"] == "confirmed")
    return order_id


def test_the_id_of_a_checkout_shows_all_that_happened_to_its_order(shop: Shop, order_id: str) -> None:
    request = logged(shop, "tell-facts", detail_type="OrderPlaced", order_id=order_id)["correlation_id"]
    checkout = logged(shop, "checkout", correlation_id=request)
    assert (checkout["message"], checkout["status"]) == ("answered", 201)
    after = {"tell-facts", "time-orders", "start-life", "await-shipment", "count-sales"}
    until(lambda: functions(shop, request=request) >= {"checkout", *after}, 20)
    assert functions(shop, request=order_id) >= after
    assert functions(shop, request=request, function="await-shipment") == {"await-shipment"}
    others = {line for line in lines(shop) if "/access/sign-in" in line or "/staff/categories" in line}
    assert others and not others & set(lines(shop, request=request))


def test_facts_and_workflow_bear_the_id_of_the_webhook_they_follow_from(shop: Shop, order_id: str) -> None:
    request = logged(shop, "tell-facts", detail_type="OrderPaid", order_id=order_id)["correlation_id"]
    assert logged(shop, "stripe-webhook", correlation_id=request)["status"] == 200
    assert logged(shop, "await-shipment", order_id=order_id)["correlation_id"] == request
    until(lambda: any("detail_type=OrderConfirmed" in line for line in lines(shop, request=request)), 20)
