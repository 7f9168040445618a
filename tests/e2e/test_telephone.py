"""Paying the demo's shop with WeChat Pay and Alipay: whoever has only a laptop scans on the page of the telephone."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from infra.local.alipay.trades import NewCode
from infra.local.client import Client
from infra.local.telephone import Telephone
from infra.local.wechat_pay.orders import NewNativeOrder
from infra.local.wechat_pay.signing import APPID, MCHID
from tests.e2e.shopping import goods, until
from tests.support.market import ADDRESS, CONTACT


def order_in_yuan(guest: Client, sku: str, method: str) -> dict[str, Any]:
    lines = [{"sku": sku, "quantity": 1}]
    quote = guest.post("/me/quotes", {"lines": lines, "country": "PT", "currency": "CNY"})
    agreed = {"quote_id": quote["quote_id"], "rate_lock": quote["charge"]["rate_lock"], "payment_method": method}
    request = {"lines": lines, "address": ADDRESS, "contact": CONTACT, **agreed}
    placed: dict[str, Any] = guest.post("/me/checkout", request, key=str(uuid4()))
    return placed


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("wechat_pay", marks=pytest.mark.capability("PAY-01")),
        pytest.param("alipay", marks=pytest.mark.capability("PAY-02")),
    ],
)
def test_what_is_scanned_is_paid_and_what_is_cancelled_goes_back(
    card: dict[str, Any], owner: Client, method: str
) -> None:
    guest, page = Client(card["api"]).be_guest(), card["telephone"]
    placed = order_in_yuan(guest, goods(owner, units=5), method)
    order, payment = placed["order"], placed["payment"]
    assert payment["action"]["code_url"]

    def money(name: str) -> int:
        found: dict[str, int] = owner.get(f"/staff/payments/{order['order_id']}")["balances"]
        return found[name]

    number, minor = payment["intent_id"], order["charge"]["minor"]
    shown = requests.get(page, timeout=10).text
    assert number in shown and f"¥{minor // 100}.{minor % 100:02d}" in shown
    requests.post(f"{page}/{number}", timeout=10).raise_for_status()
    assert number not in requests.get(page, timeout=10).text
    until(lambda: money("charged_minor") == order["total_minor"])
    guest.post(f"/me/orders/{order['order_id']}/cancel", {"reason": "changed my mind"})
    until(lambda: money("refunded_minor") == order["total_minor"])
    assert requests.post(f"{page}/{number}", timeout=10).status_code == 404


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
        before.alipay.merchant.notify_urls["ORDER_2"] = terms["notify_url"]
    after = Telephone(tmp_path / "telephone")
    assert [one.number for one in after.waiting()] == ["ORDER-1", "ORDER_2"]
    assert after.waiting() == before.waiting()
    assert after.alipay.merchant.pay("ORDER_2")
    notice = after.alipay.next_notice()
    assert notice and notice.url == terms["notify_url"]
