"""The outbox: what the table's stream says of facts is told on the bus."""

import json
from collections import Counter
from typing import Any

import pytest
from moto.events.models import EventsBackend

from souk.kernel.errors import Unavailable
from tests.support.market import Market
from tests.support.shop import client

REFUSED = {"ErrorCode": "ThrottlingException", "ErrorMessage": "Too fast"}


def stream() -> dict[str, list[dict[str, Any]]]:
    """The facts of the table, as DynamoDB's stream hands them on."""
    items = client("dynamodb").scan(TableName="souk-test")["Items"]
    return {"Records": [{"dynamodb": {"NewImage": item}} for item in items if item["kind"] == {"S": "Fact"}]}


@pytest.fixture
def market(market: Market, dynamodb: None) -> Market:
    market.goods({"CUP": 1000}, {market.store(): 5})
    market.place({"CUP": 1})
    return market


def test_every_fact_that_was_saved_is_told_as_it_was_saved(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []

    def take(_: EventsBackend, entries: list[dict[str, Any]]) -> list[dict[str, str]]:
        told.extend(entries)
        return [{"EventId": "1"} for _ in entries]

    monkeypatch.setattr(EventsBackend, "put_events", take)
    market.shop.invoke("TellFacts", stream())
    saved = market.shop.rows("Fact")
    assert "OrderPlaced" in {row["detail_type"] for row in saved}
    assert Counter(one["Detail"] for one in told) == Counter(
        json.dumps(row["detail"], ensure_ascii=False) for row in saved
    )
    assert {(one["DetailType"], one["Source"]) for one in told} == {
        (row["detail_type"], row["source"]) for row in saved
    }
    assert {one["EventBusName"] for one in told} == {"souk-test-bus"}


def test_a_fact_that_the_bus_refuses_is_delivered_again(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventsBackend, "put_events", lambda self, entries: [REFUSED])
    with pytest.raises(Unavailable, match="ThrottlingException"):
        market.shop.invoke("TellFacts", stream())
