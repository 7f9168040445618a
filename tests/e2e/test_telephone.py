"""Paying with WeChat Pay and Alipay in the local shop: whoever has only a laptop scans on the page of the telephone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import requests

from infra.local.alipay.trades import NewCode
from infra.local.client import Client
from infra.local.demo.seed import PASSWORD
from infra.local.processes import free_ports
from infra.local.shop import Shop, running_shop
from infra.local.telephone import Telephone
from infra.local.wechat_pay.orders import NewNativeOrder
from infra.local.wechat_pay.signing import APPID, MCHID
from tests.e2e.shopping import goods, until
from tests.support.market import ADDRESS, CONTACT, STORE


class China(NamedTuple):
    shop: Shop
    owner: Client
    guest: Client
    sku: str

    def order(self, method: str) -> dict[str, Any]:
        lines = [{"sku": self.sku, "quantity": 1}]
        quote = self.guest.post("/me/quotes", {"lines": lines, "country": "PT"})
        request = {"lines": lines, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": CONTACT}
        placed: dict[str, Any] = self.guest.post("/me/checkout", request | {"payment_method": method}, key=str(uuid4()))
        return placed

    def scan(self, number: str) -> None:
        assert number in requests.get(self.shop.telephone, timeout=10).text
        requests.post(f"{self.shop.telephone}/{number}", timeout=10).raise_for_status()
        assert number not in requests.get(self.shop.telephone, timeout=10).text

    def balances(self, order_id: str) -> dict[str, int]:
        found: dict[str, int] = self.owner.get(f"/staff/payments/{order_id}")["balances"]
        return found


@pytest.fixture(scope="module")
def china(tmp_path_factory: pytest.TempPathFactory) -> Iterator[China]:
    with running_shop(tmp_path_factory.mktemp("china"), free_ports(3)) as shop:
        shop.run("appoint-owner", {"email": "li@example.com", "name": "Li", "password": PASSWORD})
        owner = Client(shop.api).sign_in("li@example.com", PASSWORD)
        taken = {"currency": "CNY", "payment_methods": ["wechat_pay", "alipay"]}
        owner.put("/staff/settings", owner.get("/staff/settings") | taken)
        owner.post("/staff/stores", STORE)
        yield China(shop, owner, Client(shop.api).be_guest(), goods(owner, units=5))


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("wechat_pay", marks=pytest.mark.capability("PAY-01")),
        pytest.param("alipay", marks=pytest.mark.capability("PAY-02")),
    ],
)
def test_what_is_scanned_is_paid_and_what_is_cancelled_goes_back(china: China, method: str) -> None:
    placed = china.order(method)
    order_id, payment = placed["order"]["order_id"], placed["payment"]
    assert payment["action"]["code_url"]
    china.scan(payment["intent_id"])
    until(lambda: china.balances(order_id)["charged_minor"] == placed["order"]["total_minor"])
    china.guest.post(f"/me/orders/{order_id}/cancel", {"reason": "changed my mind"})
    until(lambda: china.balances(order_id)["refunded_minor"] == placed["order"]["total_minor"])
    assert requests.post(f"{china.shop.telephone}/{payment['intent_id']}", timeout=10).status_code == 404


def test_a_restart_forgets_no_payment(tmp_path: Path) -> None:
    """What is kept can be paid back, too."""
    terms = {"appid": APPID, "mchid": MCHID, "description": "Tea", "notify_url": "http://127.0.0.1:1/hook"}
    asked = {"out_trade_no": "ORDER-1", "amount": {"total": 590, "currency": "CNY"}}
    with Telephone(tmp_path / "telephone").switched_on() as before:
        before.wechat_pay.merchant.create("native", NewNativeOrder.model_validate(terms | asked))
        before.alipay.merchant.show_code(
            NewCode(
                out_trade_no="ORDER_2",
                total_amount="5.90",
                subject="Tea",
                time_expire="2099-01-01 00:00:00",
                product_code="FACE_TO_FACE_PAYMENT",
            )
        )
    after = Telephone(tmp_path / "telephone")
    assert [one.number for one in after.waiting()] == ["ORDER-1", "ORDER_2"]
    assert after.waiting() == before.waiting()
