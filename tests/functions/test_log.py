"""The log: each line leads to the request that it follows from, and says nothing that is the same on all lines."""

import json
import logging
import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from souk.edge import watch
from tests.support.alipay import Alipay
from tests.support.card_numbers import card_numbers
from tests.support.log import written
from tests.support.market import INES, Market
from tests.support.shop import Shop, client
from tests.support.wechat_pay import WechatPay

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


@pytest.mark.parametrize(("sampled", "traced"), [("1", ["## handler"]), ("0", [])])
def test_a_call_is_traced_where_x_ray_records_it_and_nowhere_else(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, sampled: str, traced: list[str]
) -> None:
    @contextmanager
    def in_subsegment(name: str) -> Iterator[SimpleNamespace]:
        opened.append(name)
        yield SimpleNamespace(put_annotation=lambda key, value: None)

    opened: list[str] = []
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE + sampled)
    monkeypatch.setattr(watch.tracer(), "provider", SimpleNamespace(in_subsegment=in_subsegment))
    shop.get("/shop/categories", as_=INES).ok()
    assert opened == traced


RECORDED_AND_NOT = """
import pytest
from tests.support.shop import opened

with pytest.MonkeyPatch.context() as patch, opened(patch) as shop:
    patch.delenv("POWERTOOLS_TRACE_DISABLED")
    for number, sampled in enumerate("101"):
        patch.setenv("_X_AMZN_TRACE_ID", f"Root=1-69218cf0-{number:024};Parent=53995c3f42cd8ad8;Sampled={sampled}")
        shop.get("/shop/categories").ok()
"""


def test_a_recorded_call_tells_x_ray_what_it_asked_of_aws_and_one_that_is_not_recorded_tells_nothing() -> None:
    """In a process of its own, for what listens to AWS's SDK stays in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        asked = {"LAMBDA_TASK_ROOT": "/var/task", "PATH": os.environ["PATH"]}
        asked |= {"PYTHONPATH": os.pathsep.join(sys.path), "POWERTOOLS_LOG_LEVEL": "ERROR"}
        asked |= {"AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}"}
        subprocess.run([sys.executable, "-c", RECORDED_AND_NOT], env=asked, check=True, stdout=subprocess.DEVNULL)
        daemon.setblocking(False)
        told = list[dict[str, Any]]()
        with suppress(BlockingIOError):
            while said := daemon.recv(65536):
                told.append(json.loads(said.partition(b"\n")[2]))
    assert [one["name"] for one in told] == ["dynamodb", "## handler"] * 2
    assert {int(one["trace_id"][-24:]) for one in told} == {0, 2}
    assert {one["aws"]["operation"] for one in told if "aws" in one} == {"Query"}


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


def keys_of(secret: Any, name: str = "") -> list[str]:
    """All of it that is nobody's but the shop's."""
    if isinstance(secret, dict):
        return [key for part in secret for key in keys_of(secret[part], part)]
    if isinstance(secret, list):
        return [key for part in secret for key in keys_of(part, name)]
    if "public" in name or name.endswith(("id", "url")):
        return []
    return [line for line in str(secret).splitlines() if len(line) >= 8 and "-----" not in line]


@pytest.mark.capability("PAY-11")
def test_no_line_holds_a_key_or_a_card_however_a_payment_goes(
    market: Market, wechat_pay: WechatPay, alipay: Alipay
) -> None:
    market.set_up(currency="CNY", payment_methods=["card", "wechat_pay", "alipay"])
    market.goods({"TEA": 500}, {market.store(): 99})
    with written() as log:
        for method, provider in (("wechat_pay", wechat_pay), ("alipay", alipay)):
            placed = market.checkout({"TEA": 1}, payment_method=method).ok()
            provider.merchant.pay(placed["payment"]["intent_id"])
            provider.tell(market.shop)
            provider.fail_next("timeout_after", 2)
            market.checkout({"TEA": 1}, payment_method=method)
        for card in ("pm_card_chargeDeclined", "pm_card_visa"):
            market.pay(market.checkout({"TEA": 1}).ok(), card)
        market.hear()
        market.shop.call("POST", "/hooks/stripe", raw="{}", headers={"Stripe-Signature": "t=1,v1=0"})
        market.shop.drain()
    said, vault = log.getvalue(), client("secretsmanager")
    kept = [vault.get_secret_value(SecretId=one["Name"])["SecretString"] for one in vault.list_secrets()["SecretList"]]
    keys = [key for secret in kept for key in keys_of(json.loads(secret))]
    assert len(said.splitlines()) > 20 and len(keys) > 20
    assert not [key for key in keys if key in said]
    assert not [one for one in market.stripe.objects("payment_intent") if one["client_secret"] in said]
    assert "pm_card" not in said and not card_numbers(json.dumps(lines(said)))
