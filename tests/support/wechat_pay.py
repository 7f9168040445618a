"""The fake WeChat Pay beside the shop in one process: its faults, its buyers, its notices."""

import json
from collections.abc import Iterator

import boto3
import pytest

from infra.local.provider_server import Server
from infra.local.wechat_pay import signing
from infra.local.wechat_pay.fake import FakeWechatPay
from souk.kernel import clock, kept
from tests.support.shop import Answer, Doors

NOTIFY_URL = "https://shop.example.com/v1/hooks/wechat-pay"


class WechatPay:
    def __init__(self, server: Server[FakeWechatPay]) -> None:
        self.fake, self.merchant = server.fake, server.fake.merchant

    def fail_next(self, kind: str, count: int = 1) -> None:
        """`timeout_before`, `timeout_after`, `error_before`, `error_after`, `too_many_requests` or `proxy`."""
        self.fake.faults = [kind] * count

    def settle_refunds(self, status: str = "SUCCESS") -> None:
        for number, refund in self.merchant.refunds.items():
            if refund["status"] == "PROCESSING":
                self.merchant.settle_refund(number, status)

    def notices(self) -> list[tuple[bytes, dict[str, str]]]:
        """What waits to be delivered, taken as delivered."""
        return [(notice.body, notice.headers) for notice in iter(self.fake.next_notice, None)]

    def tell(self, shop: Doors) -> list[Answer]:
        """Delivers every notice that waits."""
        return [hear(shop, body, headers) for body, headers in self.notices()]


def hear(shop: Doors, body: bytes, headers: dict[str, str]) -> Answer:
    return shop.call("POST", "/hooks/wechat-pay", raw=body.decode(), headers=headers)


@pytest.fixture
def wechat_pay(monkeypatch: pytest.MonkeyPatch) -> Iterator[WechatPay]:
    """By the shop's clock; its keys lie in the vault that is open."""
    keys = {"SecretId": "souk/test/wechat-pay", "SecretString": json.dumps(signing.secret(NOTIFY_URL))}
    monkeypatch.setenv("WECHAT_PAY_SECRET", "souk/test/wechat-pay")
    boto3.client("secretsmanager").put_secret_value(**keys)
    kept.forget_all()
    with Server(FakeWechatPay, now=lambda: clock.now().timestamp()) as server:
        monkeypatch.setenv("WECHAT_PAY_API", server.url)
        yield WechatPay(server)
