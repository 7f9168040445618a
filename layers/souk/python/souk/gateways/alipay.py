"""Alipay, of a merchant in mainland China, by its gateway with RSA2: https://opendocs.alipay.com/open/270/105899.

The merchant's own number names order and attempt. Alipay knows nothing of it before a buyer has scanned the code or
opened the page: until then it is a trade that does not exist.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel, ConfigDict, Field

from souk.gateways import calls, numbers, rsa, secrets
from souk.gateways.providers import (
    ANYBODY,
    AskedOtherwise,
    BadEvent,
    BadSignature,
    Event,
    Intent,
    Payer,
    PaymentProviderUnavailable,
    PaymentRefused,
    Refund,
    UnknownToProvider,
)
from souk.kernel import clock, money, settings

if TYPE_CHECKING:
    import urllib3

CURRENCY = "CNY"
MARK = "_"
BEIJING = timezone(timedelta(hours=8))
# What the merchant has closed and nobody has seen cannot be told from what waits to be seen, so that it is soon over.
USABLE = timedelta(minutes=15)
# A notice is repeated for 25 hours, and whether it then says a later time is written nowhere.
OLDEST, NEWEST = timedelta(hours=25), timedelta(minutes=5)
STATUSES = {
    "WAIT_BUYER_PAY": "requires_payment_method",
    "TRADE_SUCCESS": "succeeded",
    "TRADE_FINISHED": "succeeded",  # so long ago that nothing can go back any more
    "TRADE_CLOSED": "canceled",
}
QUERIED = ("trade_no", "trade_status", "total_amount")
# Of a trade's whole life Alipay tells where its beginning said; of parameters that a refund does not ask for it warns:
# https://opendocs.alipay.com/open/6c0cdd7d_alipay.trade.refund.
BEGINNINGS = {"alipay.trade.create", "alipay.trade.precreate", "alipay.trade.wap.pay"}
UNSEEN = "ACQ.TRADE_NOT_EXIST"
# Of a number that was asked for with other parameters, or closed.
USED_UP = {"ACQ.CONTEXT_INCONSISTENT", "ACQ.TRADE_HAS_CLOSE"}
# Of all that failed, these are to be asked again with the same parameters.
UNDECIDED = {"ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "ACQ.REFUND_CHARGE_ERROR"}


def publishable_key() -> str:
    return ""


def create_intent(
    *,
    order_id: str,
    attempt: int,
    amount_minor: int,
    currency: str,
    method: str = "alipay",
    payer: Payer = ANYBODY,
    authorise_only: bool = False,
) -> Intent:
    """The same order and attempt are the same trade at Alipay; for another amount it refuses, once it was seen."""
    if currency != CURRENCY:
        raise PaymentRefused(f"Payments in {currency} are not supported", reason="currency_not_supported")
    number, until = numbers.of_attempt(order_id, attempt, MARK), clock.now() + USABLE
    asked = {
        "out_trade_no": number,
        "total_amount": money.major(amount_minor, CURRENCY),
        "subject": f"Order {order_id}",
        "time_expire": _written(until),
    }
    try:
        action = _begun(asked, payer)
    except PaymentRefused as refused:
        if refused.facts["reason"] in USED_UP:
            raise AskedOtherwise(refused.detail, **refused.facts) from None
        raise
    return _unseen(number)._replace(amount_minor=amount_minor, action=action, usable_until=until)


def get_intent(intent_id: str) -> Intent:
    try:
        return _intent(intent_id, _call("alipay.trade.query", {"out_trade_no": _ours(intent_id)}, *QUERIED))
    except PaymentRefused as refused:
        if refused.facts["reason"] != UNSEEN:
            raise
    return _unseen(intent_id)


def capture_intent(intent_id: str) -> Intent:
    """Nothing is ever only authorised."""
    return get_intent(intent_id)


def cancel_intent(intent_id: str) -> Intent:
    """Closed and never `cancelled`, by which Alipay gives money back that was paid meanwhile.

    A code that nobody has scanned is closed too, though it is answered that there is no such trade.
    """
    try:
        _call("alipay.trade.close", {"out_trade_no": _ours(intent_id)})
    except PaymentRefused as refused:  # paid, closed before, or unknown: it tells itself
        if refused.facts["reason"] == UNSEEN:
            return _unseen(intent_id)._replace(status="canceled")
    return get_intent(intent_id)


def refund(*, order_id: str, refund_id: str, intent_id: str, amount_minor: int) -> Refund:
    number = numbers.of_refund(order_id, refund_id, MARK)
    asked = {
        "out_trade_no": _ours(intent_id),
        "out_request_no": number,
        "refund_amount": money.major(amount_minor, CURRENCY),
    }
    if _call("alipay.trade.refund", asked).get("fund_change") == "Y":
        return _refund(number, "succeeded", amount_minor, intent_id)
    # Without an id it is not taken for known there: it is asked for again under the same number.
    return _found(number, intent_id) or _refund(number, "pending", amount_minor, intent_id)._replace(id="")


def get_refund(id: str, intent_id: str) -> Refund:
    found = _found(id, intent_id)
    if found is None:
        raise UnknownToProvider("No such refund", reason="resource_missing")
    return found


def find_refund(*, order_id: str, refund_id: str, intent_id: str) -> Refund | None:
    return _found(numbers.of_refund(order_id, refund_id, MARK), intent_id)


def hear(body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
    merchant, said = _merchant(), _verified(body)
    try:
        told = _Told.model_validate(said)
        sent_at = datetime.strptime(told.notify_time, MOMENT).replace(tzinfo=BEIJING)
    except ValueError:
        raise BadEvent() from None
    if not -NEWEST <= now - sent_at <= OLDEST:
        raise BadSignature()
    of_refund = told.out_biz_no is not None and told.gmt_refund is not None
    named = {"id": told.out_biz_no, "payment_intent": told.out_trade_no} if of_refund else {"id": told.out_trade_no}
    ours = (told.app_id, told.seller_id) == (merchant["app_id"], merchant["seller_id"])
    return Event(
        id=f"alipay:{told.notify_id}",
        type="TRADE_REFUND" if of_refund else told.trade_status,
        created_at=sent_at,
        livemode=merchant["live"],
        object=named,
        account=None if ours else f"{told.app_id}/{told.seller_id}",
    )


MOMENT = "%Y-%m-%d %H:%M:%S"


class _Told(BaseModel):
    """A notice of a trade, which may be another system's of the same merchant; of a refund with `out_biz_no`."""

    model_config = ConfigDict(defer_build=True, strict=True)

    notify_id: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,128}$")]
    notify_time: Annotated[str, Field(max_length=19)]
    app_id: Annotated[str, Field(pattern="^[0-9]{1,32}$")]
    seller_id: Annotated[str, Field(pattern="^[0-9]{1,32}$")]
    trade_status: Annotated[str, Field(pattern="^[A-Z_]{1,32}$")]
    out_trade_no: Annotated[str, Field(pattern="^[!-~]{1,64}$")]
    out_biz_no: Annotated[str, Field(pattern="^[!-~]{1,64}$")] | None = None
    gmt_refund: Annotated[str, Field(max_length=32)] | None = None


def _merchant() -> dict[str, Any]:
    return secrets.read(settings.alipay_secret())


def _begun(asked: dict[str, str], payer: Payer) -> dict[str, str]:
    """What the buyer's device does next: opens a page, calls Alipay's bridge from within, or shows a code to scan."""
    merchant = _merchant()
    if payer.device == "mobile":
        page = _signed("alipay.trade.wap.pay", asked | {"product_code": "QUICK_WAP_WAY"})
        return {"redirect_url": f"{settings.alipay_api()}?{urlencode(page)}"}
    if payer.device == "alipay":
        within = {"product_code": "JSAPI_PAY", "op_app_id": merchant["app_id"], _known_by(payer.id): payer.id}
        return {"tradeNO": _call("alipay.trade.create", asked | within, "trade_no")["trade_no"]}
    code = _call("alipay.trade.precreate", asked | {"product_code": "FACE_TO_FACE_PAYMENT"}, "qr_code")
    return {"code_url": code["qr_code"]}


def _known_by(payer_id: str) -> str:
    """An app that is older than their openids knows its users by the number of their account."""
    return "buyer_id" if re.fullmatch("2088[0-9]{12}", payer_id, re.ASCII) else "buyer_open_id"


def _ours(number: str) -> str:
    """No other is asked about: of ours alone it is known that it may be there though nobody has seen it."""
    if not numbers.attempt_of(number, MARK)[0]:
        raise UnknownToProvider("No such payment", reason="resource_missing")
    return number


def _unseen(number: str) -> Intent:
    named = numbers.attempt_of(number, MARK)
    return Intent.unpaid(number, *named, currency=CURRENCY, livemode=_merchant()["live"])


def _intent(number: str, given: Mapping[str, str]) -> Intent:
    """A trade is closed where it was not paid in time, and where all that was paid has gone back."""
    amount_minor = _minor(given["total_amount"])
    was_paid = "send_pay_date" in given
    status = "succeeded" if was_paid else STATUSES.get(given["trade_status"], "processing")
    return _unseen(number)._replace(
        status=status,
        amount_minor=amount_minor,
        received_minor=amount_minor if status == "succeeded" else 0,
        charge_id=given["trade_no"] if status == "succeeded" else None,
    )


def _found(number: str, intent_id: str) -> Refund | None:
    """Of a refund that it does not know, or that failed, Alipay tells no status, successfully."""
    asked = {"out_trade_no": _ours(intent_id), "out_request_no": number}
    given = _call("alipay.trade.fastpay.refund.query", asked)
    if given.get("refund_status") != "REFUND_SUCCESS":
        return None
    return _refund(number, "succeeded", _minor(given.get("refund_amount", "")), intent_id)


def _refund(number: str, status: str, amount_minor: int, intent_id: str) -> Refund:
    order_id, refund_id = numbers.refund_of(number, MARK)
    return Refund(number, status, amount_minor, CURRENCY, None, refund_id, order_id, intent_id)


def _minor(yuan: str) -> int:
    try:
        return money.minor(yuan, CURRENCY)
    except (TypeError, ValueError):
        raise calls.unanswered("unreadable") from None


def _call(method: str, asked: Mapping[str, str], *needed: str) -> dict[str, str]:
    """A definite no becomes a refusal with Alipay's code; whatever leaves the outcome open, unavailable: also a yes
    that lacks what is `needed`.
    """

    def ask(http: "urllib3.PoolManager") -> "urllib3.BaseHTTPResponse":
        said = _signed(method, asked)
        content = urlencode({"biz_content": said.pop("biz_content")})
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        return http.request("POST", f"{settings.alipay_api()}?{urlencode(said)}", body=content, headers=headers)

    given = _read(calls.tried(ask).data.decode("utf-8", "replace"), f"{method.replace('.', '_')}_response")
    code = given.get("code", "")
    reason = given.get("sub_code") or code
    if code == "40004" and reason not in UNDECIDED:
        raise PaymentRefused(given.get("sub_msg"), reason=reason)
    if code != "10000" or given.get("out_trade_no", asked["out_trade_no"]) != asked["out_trade_no"]:
        raise calls.unanswered(reason)
    if not all(isinstance(given.get(name), str) for name in needed):
        raise calls.unanswered("unreadable")
    return given


def _signed(method: str, asked: Mapping[str, str]) -> dict[str, str]:
    """Every request is signed over all of its parameters in their order: https://opendocs.alipay.com/common/02khjm."""
    merchant = _merchant()
    if not merchant["private_key"]:
        raise PaymentProviderUnavailable("The shop's keys of Alipay are not filled in", reason="no_keys")
    said = {
        "app_id": merchant["app_id"],
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": _written(clock.now()),
        "version": "1.0",
        "biz_content": json.dumps(asked, ensure_ascii=False, separators=(",", ":")),
    }
    if method in BEGINNINGS:
        said["notify_url"] = merchant["notify_url"]
    if method == "alipay.trade.wap.pay" and merchant["return_url"]:
        said["return_url"] = merchant["return_url"]
    return said | {"sign": rsa.sign(_content(said), merchant["private_key"])}


def _read(text: str, node: str) -> dict[str, str]:
    """What Alipay has signed: the text of the node as it was sent. What it did not sign decides nothing."""
    found = re.search(rf'"{node}"\s*:\s*', text)
    if found is None:
        raise calls.unanswered("unreadable")
    try:
        whole = json.loads(text)
        # Read where it is verified: the whole may name the node twice, and mean the other one.
        given, end = json.JSONDecoder().raw_decode(text, found.end())
    except calls.UNREADABLE:  # of whoever stands between us
        raise calls.unanswered("unreadable") from None
    if not (isinstance(whole, dict) and isinstance(given, dict)):
        raise calls.unanswered("unreadable")
    if not _is_alipays(str(whole.get("sign", "")), text[found.end() : end].encode()):
        raise calls.unanswered(str(given.get("sub_code") or given.get("code")))
    return given


def _verified(body: bytes) -> dict[str, str]:
    """A notice is a form, signed over all of it but its signature: https://opendocs.alipay.com/common/02mse7."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise BadSignature() from None
    said = dict(pairs)
    signature, scheme = said.pop("sign", ""), said.pop("sign_type", "")
    if len(said) + 2 != len(pairs) or scheme != "RSA2" or not _is_alipays(signature, _content(said)):
        raise BadSignature()
    return said


def _is_alipays(signature: str, content: bytes) -> bool:
    """It has two keys while one is being replaced, and does not say which it used."""
    return any(rsa.verifies(signature, content, key) for key in _merchant()["public_keys"])


def _content(said: Mapping[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(said.items())).encode("utf-8", "replace")


def _written(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime(MOMENT)
