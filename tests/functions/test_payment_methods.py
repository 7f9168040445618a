"""Which methods a buyer may pay by: what the shop has set, for the sum, the currency and the device."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.payments.model.payment import Payment
from souk.domains.stores.model.settings import BankAccount, PaymentLimit, PaymentMethodOff, ShopSettings
from souk.kernel.paying import METHODS, Device, PaymentMethod
from souk.table import keys
from souk.table.unit import Unit
from tests.support.alipay import Alipay
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer
from tests.support.wechat_pay import WechatPay

pytestmark = pytest.mark.capability("PAY-08")
WITHIN_WECHAT = {"device": "wechat", "payer_id": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}


@pytest.fixture
def market(market: Market, wechat_pay: WechatPay) -> Market:
    limits = [{"method": "card", "least_minor": 2000}, {"method": "wechat_pay", "most_minor": 3000}]
    market.set_up(currency="CNY", payment_methods=["wechat_pay", "card"], payment_limits=limits)
    market.goods({"CUP": 1000}, {market.store(): 50})
    return market


def quoted(market: Market, units: int, **more: Any) -> dict[str, Any]:
    return dict(market.quote({"CUP": units}, **more).ok())


def methods_of(market: Market, order_id: str, **query: str) -> Answer:
    return market.shop.get(f"/me/payments/{order_id}/methods", as_=INES, **query)


def test_the_quote_says_how_so_much_can_be_paid_on_that_device(market: Market) -> None:
    offered = {units: quoted(market, units)["payment_methods"] for units in (1, 2, 3, 4)}
    assert offered == {1: ["wechat_pay"], 2: ["wechat_pay", "card"], 3: ["wechat_pay", "card"], 4: ["card"]}
    for device in ("mobile", "wechat"):
        assert quoted(market, 2, device=device)["payment_methods"] == ["wechat_pay", "card"]
    assert quoted(market, 2, device="alipay")["payment_methods"] == ["card"]
    market.set_up(payment_methods=["card"])
    assert quoted(market, 2)["payment_methods"] == ["card"]


@pytest.mark.capability("ORD-12")
def test_a_method_that_was_not_offered_cannot_be_forced(market: Market) -> None:
    for units, method in ((1, "card"), (4, "wechat_pay")):
        quote = quoted(market, units)
        with market.shop.unchanged():
            refused = market.checkout({"CUP": units}, quote_id=quote["quote_id"], payment_method=method)
        assert (refused.status, refused["code"], refused["method"]) == (422, "payment_method_off", method)
    order_id = market.place({"CUP": 4}, payment_method="card")
    assert methods_of(market, order_id).ok() == {"methods": ["card"]}
    for forced in ({"method": "wechat_pay"}, {"method": "wechat_pay", **WITHIN_WECHAT}):
        refused = market.shop.post("/me/payments", {"order_id": order_id, **forced}, as_=INES)
        assert (refused.status, refused["code"]) == (422, "payment_method_off")
    assert market.shop.post("/me/payments", {"order_id": order_id, "method": "shells"}, as_=INES).status == 422


@pytest.mark.capability("ORD-12")
def test_whoever_chose_a_method_goes_on_with_it_though_it_is_offered_no_more(market: Market) -> None:
    order_id = market.place({"CUP": 1}, payment_method="wechat_pay")
    market.set_up(payment_methods=["card"], payment_limits=[])
    assert methods_of(market, order_id).ok() == {"methods": ["card"]}
    assert market.shop.post("/me/payments", {"order_id": order_id}, as_=INES).ok()["method"] == "wechat_pay"
    assert market.shop.post("/me/payments", {"order_id": order_id, "method": "card"}, as_=INES).ok()["method"] == "card"
    again = market.shop.post("/me/payments", {"order_id": order_id, "method": "wechat_pay"}, as_=INES)
    assert (again.status, again["code"]) == (422, "payment_method_off")


@pytest.mark.parametrize("wish", [{"device": "mobile"}, WITHIN_WECHAT])
def test_what_was_agreed_to_stands_on_another_device_too(market: Market, wish: dict[str, str]) -> None:
    order_id = market.place({"CUP": 1}, payment_method="wechat_pay")
    market.set_up(payment_methods=["card"], payment_limits=[])
    assert market.shop.post("/me/payments", {"order_id": order_id, **wish}, as_=INES).ok()["method"] == "wechat_pay"


def test_what_was_agreed_to_is_refused_only_where_the_device_cannot_pay_by_it() -> None:
    settings = ShopSettings(payment_methods=[])
    settings.need_payment_method("paypal", 1, "EUR", "mobile", agreed=True)
    with pytest.raises(PaymentMethodOff):
        settings.need_payment_method("paypal", 1, "EUR", "wechat", agreed=True)


def test_only_the_buyer_is_told_how_an_order_can_be_paid(market: Market) -> None:
    order_id = market.place({"CUP": 2}, payment_method="card")
    theirs = market.shop.get(f"/me/payments/{order_id}/methods", as_=OTTO)
    assert (theirs.status, theirs["code"]) == (404, "no_such_payment")
    assert methods_of(market, order_id, device="fridge").status == 422


@pytest.mark.parametrize("wrong", [{"device": "wechat"}, {"payer_id": "oUpF8"}, {"device": "fridge"}])
def test_a_device_that_makes_no_sense_is_refused(market: Market, wrong: dict[str, Any]) -> None:
    order_id = market.place({"CUP": 2}, payment_method="card")
    assert market.shop.post("/me/payments", {"order_id": order_id, **wrong}, as_=INES).status == 422
    assert market.checkout({"CUP": 1}, payment_method="wechat_pay", **wrong).status == 422


LIMITS = st.builds(
    PaymentLimit,
    method=st.sampled_from(get_args(PaymentMethod)),
    least_minor=st.integers(0, 9),
    most_minor=st.none() | st.integers(0, 9),
)


@pytest.mark.capability("PAY-08")
def test_a_card_is_charged_only_what_stripe_can_count() -> None:
    in_dinars = ShopSettings(currency="KWD", payment_methods=["card"])
    assert [minor for minor in (1000, 1001, 1010) if in_dinars.methods_for(minor, "KWD", "desktop")] == [1000, 1010]
    assert in_dinars.methods_for(1001, "EUR", "desktop") == ["card"]
    assert ShopSettings(payment_methods=["card"]).methods_for(1000, "ISK", "desktop") == []


@given(
    methods=st.lists(st.sampled_from(get_args(PaymentMethod)), unique=True),
    limits=st.lists(LIMITS, max_size=4),
    amount=st.integers(0, 9),
    currency=st.sampled_from(["CNY", "EUR"]),
    device=st.sampled_from(get_args(Device)),
)
def test_what_is_offered_is_set_within_every_limit_and_suits(
    methods: list[PaymentMethod], limits: list[PaymentLimit], amount: int, currency: str, device: Device
) -> None:
    account = BankAccount(holder="Souk", number="PT50000201231234567890154")
    settings = ShopSettings(payment_methods=methods, payment_limits=limits, bank_account=account)
    offered = settings.methods_for(amount, currency, device)
    assert [method for method in methods if method in offered] == offered
    for method in methods:
        most = [one.most_minor for one in limits if one.method == method and one.most_minor is not None]
        least = {one.least_minor for one in limits if one.method == method}
        within = max(least, default=0) <= amount <= min(most, default=amount)
        abroad = method == "bank_transfer" and currency != settings.currency
        assert (method in offered) == (within and not abroad and METHODS[method].suits(currency, device))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"method": "wechat_pay"}, {"method": "wechat_pay", "device": "mobile"}),
        ({"method": "wechat_pay"}, {"method": "card"}),
        ({"method": "card"}, {"method": "wechat_pay"}),
        ({"method": "alipay"}, {"method": "alipay", "device": "mobile"}),
        ({"method": "alipay"}, {"method": "card"}),
        ({"method": "wechat_pay"}, {"method": "alipay"}),
    ],
)
def test_an_intent_whose_id_was_lost_is_in_nobodys_way(
    market: Market, alipay: Alipay, first: dict[str, str], then: dict[str, str]
) -> None:
    market.set_up(payment_limits=[], payment_methods=["wechat_pay", "card", "alipay"])
    order_id = market.place({"CUP": 2}, payment_method=first["method"])
    [payment] = market.shop.rows("Payment")
    assert [attempt["method"] for attempt in payment["attempts"]] == [first["method"]]
    lost = Payment.model_validate(payment | {"attempts": (), "version": 0})
    with Unit() as unit:
        unit.save(keys.PAYMENT, lost.but(version=payment["version"]))

    answers = [market.shop.post("/me/payments", {"order_id": order_id, **then}, as_=INES) for _ in range(2)]
    assert answers[-1].ok()["method"] == then["method"]
    numbers = [attempt["number"] for attempt in market.money(order_id)["payment"]["attempts"]]
    assert numbers == [*range(1, len(numbers) + 1)]
