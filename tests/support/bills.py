"""Bills as providers write them, sent up by staff."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from souk.gateways import files as gateway
from souk.kernel import money
from tests.support import books, files, template
from tests.support.market import Market
from tests.support.shop import Shop

Line = dict[str, Any]
DAY, NEXT = "2026-11-02", "2026-11-03"
_STRIPE = (
    "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,"
    "description,customer_facing_amount,customer_facing_currency"
)
_WECHAT = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_WECHAT_SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
_ALIPAY = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
# What a column of Stripe's report says of a transaction.
_AMOUNTS = {"gross": "amount", "fee": "fee", "net": "net"}

# Of which the shop knows nothing.
FOREIGN = {
    "balance_transaction_id": "txn_9",
    "created_utc": "2026-11-01 10:00:00",
    "currency": "eur",
    "gross": "7.00",
    "fee": "1.00",
    "net": "6.00",
    "reporting_category": "charge",
    "source_id": "ch_9",
}


def differing(shop: Shop) -> dict[str, str]:
    """A bill of the day before, with one line that is missing here; its ids."""
    found = sent(shop, of_stripe([FOREIGN]), "2026-11-01")
    (one,) = differences(shop, found["bill_id"])
    return {"bill_id": one["bill_id"], "difference_id": one["difference_id"]}


def transactions(market: Market) -> list[Line]:
    """The lines of the provider's own account."""
    account, found = market.stripe.fake.account, []
    for one in account.objects["balance_transaction"].values():
        source = account.find(one["source"]) or {}
        shown = source if source.get("object") in ("charge", "refund", "dispute") else one
        sign = -1 if one["amount"] < 0 else 1
        found.append(
            {
                "balance_transaction_id": one["id"],
                "created_utc": f"{datetime.fromtimestamp(one['created'], UTC):%Y-%m-%d %H:%M:%S}",
                "currency": one["currency"],
                **{name: cents(one[of], one["currency"]) for name, of in _AMOUNTS.items()},
                "reporting_category": one["reporting_category"],
                "source_id": one["source"],
                "customer_facing_amount": cents(sign * abs(shown["amount"]), shown["currency"]),
                "customer_facing_currency": shown["currency"],
            }
        )
    return found


def cents(minor: int, currency: str = "eur") -> str:
    return money.major(minor, currency.upper())


def of_stripe(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return _csv(_STRIPE, lines).encode()


def of_wechat(lines: Iterable[Mapping[str, Any]]) -> bytes:
    """With the accents and the sums that it has; what is not dated is of `DAY`."""
    dated = [{"交易时间": f"{DAY} 17:00:00", **one} for one in lines]
    marked = [{name: f"`{one.get(name, '')}" for name in _WECHAT.split(",")} for one in dated]
    sums = f"{_WECHAT_SUMS}\r\n`{len(marked)},`9.00,`0.00,`0.00,`0.05000,`9.00,`0.00\r\n"
    return f"\ufeff{_csv(_WECHAT, marked)}{sums}".encode()


def of_alipay(lines: Iterable[Mapping[str, Any]], day: str = DAY) -> bytes:
    """Between remarks, with tabs behind the numbers, in Chinese letters of 1995; what is not dated is of the day."""
    dated = [{"完成时间": f"{day} 17:00:00", **one} for one in lines]
    tabbed = [{name: f"{one.get(name, '')}\t" for name in _ALIPAY.split(",")} for one in dated]
    begins, ends = (f"[{at:%Y年%m月%d日} 00:00:00]" for at in (date.fromisoformat(day), _after(day)))
    account = "#支付宝业务明细查询\r\n#账号：[20881234567890120156]\r\n"
    above = f"{account}#起始日期：{begins}   终止日期：{ends}\r\n#----业务明细列表----\r\n"
    below = "#----业务明细列表结束----\r\n#导出时间：[2026年11月03日]\r\n"
    return f"{above}{_csv(_ALIPAY, tabbed)}{below}".encode("gbk")


def _after(day: str) -> date:
    return date.fromisoformat(day) + timedelta(days=1)


def due(day: str) -> Any:
    """What the schedule of the next morning hands to who fetches the bill of a day."""
    (function,) = (one for one in template.functions() if one.logical_id == "PullBill")
    return function.scheduled(datetime.fromisoformat(day) + timedelta(days=1, hours=4))


def ask(shop: Shop, size: int, day: str, provider: str = "stripe") -> dict[str, Any]:
    return dict(shop.post("/staff/bills", {"provider": provider, "day": day, "bytes": size}, as_=shop.boss).ok())


def read(shop: Shop, bill_id: str) -> None:
    """What the bucket tells of the bill's file reaches who reads it."""
    found = gateway.look(f"bills/{bill_id}.csv")
    assert found
    told = {"key": f"bills/{bill_id}.csv", "eTag": found.etag.strip('"'), "size": found.bytes}
    message = {"messageId": "m", "body": json.dumps({"Records": [{"s3": {"object": told}}]})}
    assert shop.invoke("ReadBill", {"Records": [message]}) == {"batchItemFailures": []}


def sent(shop: Shop, content: bytes, day: str, provider: str = "stripe") -> dict[str, Any]:
    """The bill, sent up and compared."""
    ticket = ask(shop, len(content), day, provider)
    assert files.send_up(ticket, content) == 200
    read(shop, ticket["bill_id"])
    return bill(shop, ticket["bill_id"])


def bill(shop: Shop, bill_id: str) -> dict[str, Any]:
    return dict(shop.get(f"/staff/bills/{bill_id}", as_=shop.boss).ok())


def differences(shop: Shop, bill_id: str) -> list[dict[str, Any]]:
    return list(shop.get(f"/staff/bills/{bill_id}/differences", as_=shop.boss, limit=100).ok()["items"])


def told(shop: Shop, bill_id: str) -> dict[str, str]:
    """Kind of difference, by the transaction's number."""
    return {one["number"]: one["kind"] for one in differences(shop, bill_id) if one["status"] == "open"}


def pull(market: Market, day: str = DAY) -> dict[str, Any]:
    """What the schedule of the next morning does, now or whenever it is sent anew."""
    market.shop.invoke("PullBill", due(day))
    market.shop.deliver()
    month = market.shop.get("/staff/bills", as_=market.shop.boss, month=day[:7]).ok()["items"]
    return next(one for one in month if one["day"] == day)


def held(market: Market) -> tuple[int, int]:
    """What the provider holds for the shop, by its own books and by the shop's."""
    at_provider = market.stripe.fake.account.balances().get("eur", {"balance": 0})["balance"]
    return at_provider, books.accounts(books.entries(market.shop))["clearing:stripe"]


def _csv(columns: str, lines: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns.split(","), restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()
