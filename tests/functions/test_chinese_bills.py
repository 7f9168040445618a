"""The bills of WeChat Pay and Alipay, each held against what the shop has written down of its money."""

from collections.abc import Callable

import pytest

from tests.support import bills, books
from tests.support.alipay import Alipay
from tests.support.market import Market
from tests.support.wechat_pay import WechatPay

DAY = "2026-11-02"


@pytest.fixture
def market(market: Market) -> Market:
    market.shop.make_queues()
    return market


@pytest.mark.capability("PAY-17")
def test_bills_of_wechat_pay_and_alipay_are_read_as_those_write_them(market: Market) -> None:
    market.shop.pass_time(days=1)
    charge = {"交易状态": "SUCCESS", "货币种类": "CNY", "应结订单金额": "9.00", "手续费": "0.05400", "退款金额": "0.00"}
    wechat = [
        charge | {"微信订单号": "4200001"},
        charge | {"交易状态": "REFUND", "商户退款单号": "rfd_1", "退款金额": "2.50", "手续费": "-0.01500"},
        charge | {"交易状态": "REFUND", "商户退款单号": "rfd_2", "退款金额": "2.50", "退款状态": "FAIL"},
    ]
    alipay = [
        {"支付宝交易号": "2026110222001", "业务类型": "交易", "商家实收（元）": "9.00", "服务费（元）": "-0.05"},
        {
            "支付宝交易号": "2026110222001",
            "业务类型": "退款",
            "商家实收（元）": "-2.50",
            "服务费（元）": "0.02",
            "退款批次号/请求号": "rfd_1",
        },
    ]
    for provider, content, numbers in (
        ("wechat_pay", bills.of_wechat(wechat), ["4200001", "rfd_1"]),
        ("alipay", bills.of_alipay(alipay), ["2026110222001", "rfd_1"]),
    ):
        bill = bills.sent(market.shop, content, DAY, provider)
        (day,) = bill["sums"]
        sums = (day["currency"], day["received_minor"], day["paid_back_minor"], day["fees_minor"])
        assert sums == ("CNY", 900, 250, 3), (provider, bill)
        assert bills.told(market.shop, bill["bill_id"]) == dict.fromkeys(numbers, "missing_here")


@pytest.mark.capability("PAY-17")
def test_an_order_that_wechat_pay_took_and_paid_back_agrees_with_its_bill(
    market: Market, wechat_pay: WechatPay
) -> None:
    market.set_up(currency="CNY", payment_methods=["wechat_pay"])
    market.goods({"BOWL": 1000}, {market.store(): 9})
    begun = market.checkout({"BOWL": 3}, payment_method="wechat_pay").ok()
    wechat_pay.merchant.pay(begun["payment"]["intent_id"])
    wechat_pay.tell(market.shop)
    market.shop.drain()
    market.cancel(begun["order"]["order_id"]).ok()
    market.shop.drain()
    wechat_pay.settle_refunds("SUCCESS")
    wechat_pay.tell(market.shop)
    market.shop.pass_time(days=1)
    ((out_refund_no, refund),) = wechat_pay.merchant.refunds.items()
    ((_, order),) = wechat_pay.merchant.orders.items()
    both = {"微信订单号": order["paid"]["transaction_id"], "货币种类": "CNY"}
    paid = {"交易状态": "SUCCESS", "应结订单金额": "30.00", "退款金额": "0.00", "手续费": "0.18"}
    numbers = {"微信退款单号": refund["refund_id"], "商户退款单号": out_refund_no}
    back = {"交易状态": "REFUND", "应结订单金额": "0.00", "退款金额": "30.00", "手续费": "-0.18", **numbers}
    bill = bills.sent(market.shop, bills.of_wechat([both | paid, both | back]), DAY, "wechat_pay")
    assert (bill["matched"], bills.told(market.shop, bill["bill_id"])) == (2, {})


@pytest.mark.capability("PAY-17")
def test_an_order_that_alipay_took_and_paid_back_agrees_with_its_bill(market: Market, alipay: Alipay) -> None:
    market.set_up(currency="CNY", payment_methods=["alipay"])
    market.goods({"BOWL": 1000}, {market.store(): 9})
    begun = market.checkout({"BOWL": 3}, payment_method="alipay").ok()
    number = begun["payment"]["intent_id"]
    alipay.merchant.pay(number)
    alipay.tell(market.shop)
    market.shop.drain()
    market.cancel(begun["order"]["order_id"]).ok()
    market.shop.drain()
    alipay.tell(market.shop)
    market.shop.pass_time(days=1)
    ((_, out_request_no),) = alipay.merchant.refunds
    both = {"支付宝交易号": alipay.merchant.trades[number]["trade_no"]}
    paid = {"业务类型": "交易", "商家实收（元）": "30.00", "服务费（元）": "-0.18"}
    numbers = {"退款批次号/请求号": out_request_no}
    back = {"业务类型": "退款", "商家实收（元）": "-30.00", "服务费（元）": "0.18", **numbers}
    bill = bills.sent(market.shop, bills.of_alipay([both | paid, both | back]), DAY, "alipay")
    assert (bill["matched"], bills.told(market.shop, bill["bill_id"])) == (2, {})


WECHAT = {"交易状态": "SUCCESS", "货币种类": "CNY", "应结订单金额": "9.00", "手续费": "0.05", "退款金额": "0.00"}
ALIPAY = {"业务类型": "交易", "商家实收（元）": "9.00", "服务费（元）": "-0.05"}
BACK = WECHAT | {"交易状态": "REFUND", "应结订单金额": "0.00", "退款金额": "1.00", "退款状态": "SUCCESS"}
BILLS: dict[str, bytes] = {
    "wechat_pay": bills.of_wechat(WECHAT | {"微信订单号": f"420000{number}"} for number in range(3)),
    "alipay": bills.of_alipay(ALIPAY | {"支付宝交易号": f"2026110222{number}"} for number in range(3)),
}


def without_end(lines: int) -> Callable[[bytes], bytes]:
    return lambda whole: b"".join(whole.splitlines(keepends=True)[:lines])


def named_twice(column: str, instead_of: str, encoding: str = "utf-8") -> Callable[[bytes], bytes]:
    return lambda whole: whole.replace(instead_of.encode(encoding), column.encode(encoding), 1)


@pytest.mark.capability("PAY-17")
@pytest.mark.parametrize(
    ("provider", "damage", "why"),
    [
        ("wechat_pay", without_end(3), "cut off"),
        ("wechat_pay", without_end(5), "cut off"),
        ("wechat_pay", lambda whole: whole.replace(b"\r\n`3,", b"\r\n`4,"), "4 transactions, and has 3"),
        ("wechat_pay", lambda whole: whole.replace(b"11-02 17", b"11-03 17", 1), "not of 2026-11-02"),
        ("wechat_pay", named_twice("退款金额", "商品名称"), "退款金额 is there twice"),
        ("alipay", without_end(6), "cut off"),
        ("alipay", lambda whole: whole.replace(b"11-02 17", b"11-03 17", 1), "not of 2026-11-02"),
        ("alipay", named_twice("服务费（元）", "备注", "gbk"), "服务费（元） is there twice"),
    ],
)
def test_a_bill_that_is_cut_off_or_of_another_day_books_nothing(
    market: Market, provider: str, damage: Callable[[bytes], bytes], why: str
) -> None:
    """Its fees would be booked in part, or once more with the bill of their own day."""
    market.shop.pass_time(days=1)
    bill = bills.sent(market.shop, damage(BILLS[provider]), DAY, provider)
    assert bill["status"] == "refused"
    assert why in bill["refused"]
    assert books.entries(market.shop) == []
    assert bills.sent(market.shop, BILLS[provider], DAY, provider)["sums"][0]["fees_minor"] == 15


@pytest.mark.capability("PAY-17")
def test_a_bill_of_alipay_with_nothing_but_refunds_is_of_the_day_that_it_says(market: Market) -> None:
    market.shop.pass_time(days=2)
    back = {"业务类型": "退款", "商家实收（元）": "-2.50", "服务费（元）": "0.02", "退款批次号/请求号": "rfd_1"}
    content = bills.of_alipay([ALIPAY | back | {"完成时间": "2026-11-01 10:00:00"}])
    assert bills.sent(market.shop, content, DAY, "alipay")["sums"][0]["fees_minor"] == -2
    booked = books.entries(market.shop)
    bill = bills.sent(market.shop, content, "2026-11-03", "alipay")
    assert (bill["status"], bill["refused"]) == ("refused", "The bill is not of 2026-11-03")
    assert books.entries(market.shop) == booked


@pytest.mark.capability("PAY-17")
@pytest.mark.parametrize(
    ("provider", "content", "number"),
    [
        ("wechat_pay", bills.of_wechat([BACK | {"商户退款单号": "till|7*@2026"}]), "till|7*@2026"),
        ("wechat_pay", bills.of_wechat([BACK | {"交易状态": "REVOKED", "微信订单号": "4200009"}]), "4200009"),
        ("alipay", bills.of_alipay([ALIPAY | {"业务类型": "退款", "支付宝交易号": "2026110222009"}]), "2026110222009"),
    ],
)
def test_what_another_system_of_the_merchant_paid_back_is_missing_here_and_keeps_nothing_else_from_being_read(
    market: Market, provider: str, content: bytes, number: str
) -> None:
    market.shop.pass_time(days=1)
    bill = bills.sent(market.shop, content, DAY, provider)
    assert (bill["status"], bills.told(market.shop, bill["bill_id"])) == ("compared", {number: "missing_here"})


OWN = {"wechat_pay": "1900000109", "alipay": "2088123456789012"}


def of_accounts(*accounts: str) -> bytes:
    """A bill of WeChat Pay's with a line of each."""
    lines = enumerate(accounts)
    return bills.of_wechat(WECHAT | {"微信订单号": f"420000{number}", "商户号": account} for number, account in lines)


def of_account(number: str) -> bytes:
    """A bill of Alipay's: the account that it names ends on four digits more."""
    whole = BILLS["alipay"].replace(OWN["alipay"].encode(), number.encode())
    assert whole.count(number.encode()) == 1
    return whole


@pytest.mark.capability("PAY-17")
@pytest.mark.parametrize(
    ("provider", "own", "others"),
    [
        (
            "wechat_pay",
            of_accounts(*[OWN["wechat_pay"]] * 3),
            {
                "1900009999": of_accounts(*["1900009999"] * 3),
                "1900008888": of_accounts(OWN["wechat_pay"], "1900008888", OWN["wechat_pay"]),
                "nobody": BILLS["wechat_pay"].replace("商户号".encode(), "商户".encode(), 1),
            },
        ),
        (
            "alipay",
            BILLS["alipay"],
            {
                "2088999999999999": of_account("2088999999999999"),
                "nobody": b"".join(BILLS["alipay"].splitlines(keepends=True)[2:]),
            },
        ),
    ],
)
def test_a_bill_of_another_account_is_refused_whole_and_says_whose_it_is(
    market: Market, provider: str, own: bytes, others: dict[str, bytes]
) -> None:
    market.set_up(bill_accounts=OWN)
    market.shop.pass_time(days=1)
    for account, content in others.items():
        bill = bills.sent(market.shop, content, DAY, provider)
        assert (bill["status"], bill["sums"]) == ("refused", [])
        assert account in bill["refused"]
        assert OWN[provider] in bill["refused"]
        assert bills.differences(market.shop, bill["bill_id"]) == books.entries(market.shop) == []
    assert bills.sent(market.shop, own, DAY, provider)["sums"][0]["received_minor"] == 2_700


@pytest.mark.capability("PAY-17")
@pytest.mark.parametrize("provider", BILLS)
def test_where_no_account_is_set_whose_a_bill_is_is_not_asked(market: Market, provider: str) -> None:
    market.set_up(bill_accounts={name: number for name, number in OWN.items() if name != provider})
    market.shop.pass_time(days=1)
    assert bills.sent(market.shop, BILLS[provider], DAY, provider)["status"] == "compared"
