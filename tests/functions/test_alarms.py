"""A forced fault raises its alarm, and no other: the metric lines that functions print, and the template's definitions.

In CloudWatch's place stands tests/support/cloudwatch.py. The alarms over what AWS measures by itself are in tests/e2e.
"""

from collections.abc import Callable
from typing import Any

import pytest

from souk.domains.orders import actions as orders
from souk.domains.orders import store as order_store
from souk.domains.payments import actions as payments
from souk.domains.payments import store as payment_store
from souk.table import current
from souk.table.unit import Unit
from tests.support.cloudwatch import CloudWatch, alarms
from tests.support.market import INES, Market
from tests.support.shop import Answer

Fault = Callable[[Market, pytest.MonkeyPatch], object]


def down(market: Market, patch: pytest.MonkeyPatch) -> None:
    market.stripe.fail_next("error_before", count=100)
    for _ in range(5):
        assert market.checkout({"TEA": 1})["payment"] is None


def declined(market: Market, patch: pytest.MonkeyPatch) -> None:
    """Three cards of five."""
    for card in ["pm_card_visa"] * 2 + ["pm_card_chargeDeclined"] * 3:
        market.pay(market.checkout({"TEA": 1}), card)
    market.hear()


def misfit(market: Market, patch: pytest.MonkeyPatch) -> None:
    """The provider has taken another amount than the order's."""
    placed = market.checkout({"TEA": 1})
    market.pay(placed)
    market.stripe.fake.account.objects["payment_intent"][placed["payment"]["intent_id"]]["amount"] = 1
    market.hear()


def too_late(market: Market, patch: pytest.MonkeyPatch) -> None:
    """The order ends without a word to the provider, which the shop itself never does."""
    placed = market.checkout({"TEA": 1})
    order_id = placed["order"]["order_id"]
    with Unit() as unit:
        orders.cancel(unit, order_store.get(order_id), reason="test", by="test")
        payments.void(unit, payment_store.of_order(order_id))
    market.pay(placed)
    market.hear()


def card_closed(market: Market, patch: pytest.MonkeyPatch) -> None:
    """The refund of a cancelled order does not reach its card."""
    placed = market.checkout({"TEA": 1})
    market.pay(placed, "pm_card_refundFail")
    market.hear()
    market.cancel(placed["order"]["order_id"]).ok()
    market.shop.drain()
    market.shop.pass_time(seconds=10)
    market.stripe.fake.tick()
    market.hear()


def forgotten(market: Market, patch: pytest.MonkeyPatch) -> None:
    """The paid order of which nobody was told, and which no sweeper has found for hours."""
    market.shop.pass_time(hours=2)
    market.shop.invoke("FindStuckOrders", {})


def nobody_looks(market: Market, patch: pytest.MonkeyPatch) -> None:
    """The search for stuck orders itself has stopped."""
    market.shop.pass_time(minutes=31)


def unforeseen(market: Market, patch: pytest.MonkeyPatch) -> None:
    def fall_over(*_: Any) -> None:
        raise RuntimeError

    order_id = market.place({"TEA": 1})
    patch.setattr(current.table(), "query", fall_over)
    patch.setattr(current.table(), "read", fall_over)
    answers: list[Answer] = [market.shop.get(f"/me/orders/{order_id}", as_=INES) for _ in range(4)]
    assert {answer.status for answer in answers} == {500}


FAULTS: dict[Fault, str] = {
    down: "PaymentsFail",
    declined: "PaymentsFail",
    misfit: "PaymentsQuarantined",
    too_late: "PaymentsLate",
    card_closed: "RefundsFail",
    forgotten: "OrdersStuck",
    nobody_looks: "OrdersStuck",
    unforeseen: "FunctionsFail",
}


@pytest.mark.capability("PLT-13")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize(("fault", "alarm"), FAULTS.items(), ids=lambda one: getattr(one, "__name__", one))
def test_a_forced_fault_raises_its_alarm_and_no_other(
    market: Market, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: Fault, alarm: str
) -> None:
    cloudwatch = CloudWatch()

    def raised() -> set[str]:
        at = market.shop.clock.at
        cloudwatch.read(capsys.readouterr().out.splitlines(), at)
        return {name for name, one in alarms().items() if cloudwatch.state(one, at) == "ALARM"}

    market.goods({"TEA": 500}, {market.store(): 100})
    market.paid({"TEA": 1})
    market.shop.invoke("FindStuckOrders", {})
    assert raised() == set()
    market.shop.pass_time(minutes=20)

    fault(market, monkeypatch)
    assert raised() == {alarm}
