"""The fake Alipay beside the shop in one process: its faults, its buyers, its notices."""

import json
from collections.abc import Iterator

import boto3
import pytest

from infra.local.alipay import signing
from infra.local.alipay.fake import FakeAlipay
from infra.local.provider_server import Server
from souk.kernel import clock, kept
from tests.support.shop import Answer, Doors

NOTIFY_URL = "https://shop.example.com/v1/hooks/alipay"
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


class Alipay:
    def __init__(self, server: Server[FakeAlipay]) -> None:
        self.fake, self.merchant, self.url = server.fake, server.fake.merchant, server.url

    def fail_next(self, kind: str, count: int = 1) -> None:
        """`timeout_before`, `timeout_after`, `error_before`, `error_after`, `too_many_requests` or `proxy`."""
        self.fake.faults = [kind] * count

    def notices(self) -> list[bytes]:
        """What waits to be delivered, taken as delivered."""
        return [notice.body for notice in iter(self.fake.next_notice, None)]

    def tell(self, shop: Doors) -> list[Answer]:
        """Delivers every notice that waits."""
        return [hear(shop, body) for body in self.notices()]


def hear(shop: Doors, body: bytes) -> Answer:
    return shop.call("POST", "/hooks/alipay", raw=body.decode(), headers=FORM)


@pytest.fixture
def alipay(monkeypatch: pytest.MonkeyPatch) -> Iterator[Alipay]:
    """By the shop's clock; its keys lie in the vault that is open."""
    keys = {"SecretId": "souk/test/alipay", "SecretString": json.dumps(signing.secret(NOTIFY_URL))}
    monkeypatch.setenv("ALIPAY_SECRET", "souk/test/alipay")
    boto3.client("secretsmanager").put_secret_value(**keys)
    kept.forget_all()
    with Server(FakeAlipay, now=lambda: clock.now().timestamp()) as server:
        monkeypatch.setenv("ALIPAY_API", f"{server.url}/gateway.do")
        yield Alipay(server)
