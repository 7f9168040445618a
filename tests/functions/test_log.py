"""The log: each line leads to the request that it follows from, and says nothing that is the same on all lines."""

import json
import logging
import runpy
from datetime import datetime, timedelta
from typing import Any

import pytest

from souk.edge import watch
from tests.support.log import written
from tests.support.market import INES, Market
from tests.support.shop import Shop

KNOWN_BY_THE_LOG_GROUP = {"service", "location", "function_name", "function_arn", "function_memory_size"}
TRACE = "Root=1-69218cf0-a1b2c3d4e5f60718293a4b5c;Parent=53995c3f42cd8ad8;Sampled="


def lines(text: str) -> list[dict[str, Any]]:
    """What was said; the rest counts."""
    said = [json.loads(line) for line in text.splitlines()]
    return [line for line in said if "_aws" not in line]


def test_every_line_of_an_order_can_be_followed_and_no_line_says_what_all_say(market: Market) -> None:
    market.goods({"TEA": 500}, {market.store(): 9})
    with written() as log:
        order_id = market.buy({"TEA": 1})
        market.prepare(order_id)
    told = lines(log.getvalue())
    assert {line["message"] for line in told} == {"answered", "handled", "done"}
    for line in told:
        assert line["level"] == "INFO" and line["correlation_id"] and not KNOWN_BY_THE_LOG_GROUP & line.keys(), line
        assert line.get("function_request_id") != line["correlation_id"], line
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(), line
    assert {line["message"] for line in told if line.get("order_id") == order_id} == {"handled", "done"}


@pytest.mark.parametrize(("sampled", "told"), [("1", "1-69218cf0-a1b2c3d4e5f60718293a4b5c"), ("0", None)])
def test_a_line_names_its_trace_where_there_is_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, sampled: str, told: str | None
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE + sampled)
    with written() as log:
        shop.get("/shop/categories", as_=INES).ok()
    (line,) = lines(log.getvalue())
    assert line.get("xray_trace_id") == told


def test_a_request_is_one_line_of_the_log(shop: Shop) -> None:
    with written() as log:
        shop.get("/shop/categories").ok()
    assert len(log.getvalue().splitlines()) == 1


def test_libraries_are_quiet_whatever_level_lambda_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe's own would otherwise tell of each request and each answer."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "level", root.level)
    root.setLevel(logging.INFO)
    runpy.run_path(str(watch.__file__))
    assert not logging.getLogger("stripe").isEnabledFor(logging.INFO)
