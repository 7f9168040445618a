"""WeChat Pay, API v3, of a merchant in mainland China: https://pay.weixin.qq.com/doc/v3/merchant/4012791897.

The merchant's own order number names order and attempt, so what is asked for again meets its first run for good. Before
it is paid WeChat Pay tells nothing of an order but that number.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

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
from souk.kernel import clock, ids, settings

if TYPE_CHECKING:
    import urllib3

Answer = TypeVar("Answer", bound=BaseModel)
TOLERANCE_SECONDS = 300
CURRENCY = "CNY"
MARK = "-"
SCHEME = "WECHATPAY2-SHA256-RSA2048"
# By which of its APIs a buyer pays: a code to scan, a page that opens WeChat, or a call within WeChat itself.
SCENES = {"desktop": "native", "mobile": "h5", "wechat": "jsapi"}
USABLE = {"native": timedelta(hours=2), "h5": timedelta(minutes=5), "jsapi": timedelta(hours=2)}
STATUSES = {
    "SUCCESS": "succeeded",
    "REFUND": "succeeded",  # it was paid, and some of it has gone back
    "NOTPAY": "requires_payment_method",
    "PAYERROR": "requires_payment_method",
    "USERPAYING": "processing",
    "CLOSED": "canceled",
    "REVOKED": "canceled",
}
UNKNOWN = {"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"}
# Of a number that was asked for with other parameters, or closed.
USED_UP = {"INVALID_REQUEST", "OUT_TRADE_NO_USED", "ORDER_CLOSED"}
# An abnormal one did not reach the buyer, but neither is it ours again until somebody decides about it at WeChat Pay:
# to count it as failed would let it be sent twice.
REFUND_STATUSES = {"SUCCESS": "succeeded", "CLOSED": "failed", "PROCESSING": "pending", "ABNORMAL": "pending"}


def publishable_key() -> str:
    return ""


def create_intent(
    *,
    order_id: str,
    attempt: int,
    amount_minor: int,
    currency: str,
    method: str = "wechat_pay",
    payer: Payer = ANYBODY,
    authorise_only: bool = False,
) -> Intent:
    """The same order and attempt are the same order at WeChat Pay; for another amount or device it refuses."""
    if currency != CURRENCY:
        raise PaymentRefused(f"Payments in {currency} are not supported", reason="currency_not_supported")
    merchant, number, scene = _merchant(), numbers.of_attempt(order_id, attempt, MARK), SCENES[payer.device]
    asked = {
        "appid": merchant["appid"],
        "mchid": merchant["mchid"],
        "description": f"Order {order_id}",
        "out_trade_no": number,
        "notify_url": merchant["notify_url"],
        "amount": {"total": amount_minor, "currency": currency},
        **_scene_info(scene, payer),
    }
    try:
        answer = _call("POST", f"/v3/pay/transactions/{scene}", asked)
    except PaymentRefused as refused:
        if refused.facts["reason"] in USED_UP:
            raise AskedOtherwise(refused.detail, **refused.facts) from None
        raise
    if not (action := _action(answer, merchant)):
        raise calls.unanswered("unreadable")
    return _unpaid(number)._replace(amount_minor=amount_minor, action=action, usable_until=clock.now() + USABLE[scene])


def get_intent(intent_id: str) -> Intent:
    return _intent(_transaction(intent_id))


def capture_intent(intent_id: str) -> Intent:
    """Nothing is ever only authorised."""
    return get_intent(intent_id)


def cancel_intent(intent_id: str) -> Intent:
    with suppress(PaymentRefused):  # paid, closed before, or unknown: it tells itself
        _call("POST", f"{_path(intent_id)}/close", {"mchid": _merchant()["mchid"]})
    return get_intent(intent_id)


def refund(*, order_id: str, refund_id: str, intent_id: str, amount_minor: int) -> Refund:
    number, paid = numbers.of_refund(order_id, refund_id, MARK), _transaction(intent_id)
    asked = {
        "out_trade_no": intent_id,
        "out_refund_no": number,
        "notify_url": _merchant()["notify_url"],
        "amount": {"refund": amount_minor, "total": paid.amount.total or 0, "currency": CURRENCY},
    }
    return _refund(number, _call("POST", "/v3/refund/domestic/refunds", asked))


def get_refund(id: str, intent_id: str) -> Refund:
    return _refund(id, _call("GET", f"/v3/refund/domestic/refunds/{_safe(id)}"))


def find_refund(*, order_id: str, refund_id: str, intent_id: str) -> Refund | None:
    try:
        return get_refund(numbers.of_refund(order_id, refund_id, MARK), intent_id)
    except UnknownToProvider:
        return None


def hear(body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
    merchant = _merchant()
    if not _signed(merchant, body, headers, now):
        raise BadSignature()
    try:
        notice = _Notice.model_validate_json(body)
        about = json.loads(_decrypted(notice.resource, merchant["api_v3_keys"]))
        told, created_at = _Told.model_validate(about), datetime.fromisoformat(notice.create_time)
    except calls.UNREADABLE:  # neither a notice nor encrypted for us
        raise BadEvent() from None
    of_refund = told.out_refund_no is not None
    named = {"id": told.out_refund_no, "payment_intent": told.out_trade_no} if of_refund else {"id": told.out_trade_no}
    return Event(
        id=f"wechat_pay:{notice.id}",
        type=notice.event_type,
        created_at=created_at,
        livemode=merchant["live"],
        object=named,
        account=None if told.mchid == merchant["mchid"] else told.mchid,
    )


class _Said(BaseModel):
    model_config = ConfigDict(defer_build=True, strict=True)


class _Resource(_Said):
    algorithm: Literal["AEAD_AES_256_GCM"]
    ciphertext: Annotated[str, Field(max_length=2**20)]
    nonce: Annotated[str, Field(pattern="^[!-~]{12}$")]
    associated_data: Annotated[str, Field(max_length=16)] = ""


class _Notice(_Said):
    id: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,36}$")]
    create_time: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")]
    event_type: Annotated[str, Field(pattern="^[A-Z_.]{1,32}$")]
    resource: _Resource


class _Told(_Said):
    """What is inside: of a payment, or with `out_refund_no` of a refund; its numbers may be another system's of the
    same merchant, in all the letters that WeChat Pay lets them have.
    """

    mchid: Annotated[str, Field(pattern="^[0-9]{1,32}$")]
    out_trade_no: Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-|*]{1,32}$")]
    out_refund_no: Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-|*@]{1,64}$")] | None = None


class _Amount(_Said):
    total: int | None = None
    refund: int | None = None
    currency: str = CURRENCY


class _Order(_Said):
    """As it is answered: by which number it was paid, and how much, once it was."""

    out_trade_no: str
    trade_state: str
    amount: _Amount = Field(default_factory=_Amount)
    transaction_id: str | None = None

    @property
    def status(self) -> str:
        return STATUSES.get(self.trade_state, "processing")


class _SentBack(_Said):
    out_refund_no: str
    out_trade_no: str = ""
    status: str
    amount: _Amount


def _merchant() -> dict[str, Any]:
    return secrets.read(settings.wechat_pay_secret())


def _scene_info(scene: str, payer: Payer) -> dict[str, Any]:
    if scene == "jsapi":
        return {"payer": {"openid": payer.id}}
    return {"scene_info": {"payer_client_ip": payer.address, "h5_info": {"type": "Wap"}}} if scene == "h5" else {}


def _action(answer: Mapping[str, str], merchant: Mapping[str, Any]) -> dict[str, str]:
    """What the buyer's device does next; within WeChat the parameters of its bridge, signed."""
    if "prepay_id" not in answer:
        return {name: answer[given] for name, given in _ACTIONS.items() if given in answer}
    at, nonce, package = str(int(clock.now().timestamp())), ids.secret(), f"prepay_id={answer['prepay_id']}"
    signed = rsa.sign(_lines(merchant["appid"], at, nonce, package), merchant["private_key"])
    return {
        "appId": merchant["appid"],
        "timeStamp": at,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": signed,
    }


_ACTIONS = {"code_url": "code_url", "redirect_url": "h5_url"}


def _transaction(number: str) -> _Order:
    """Of that number; who is said to have paid, and not how much, may or may not have."""
    given = _read_as(_Order, _call("GET", f"{_path(number)}?mchid={_merchant()['mchid']}"))
    told = given.amount.total is not None and given.transaction_id
    if given.out_trade_no != number or (given.status == "succeeded" and not told):
        raise calls.unanswered("unreadable")
    return given


def _path(number: str) -> str:
    return f"/v3/pay/transactions/out-trade-no/{_safe(number)}"


def _safe(number: str) -> str:
    """What a webhook names becomes part of a path; none of ours has other letters."""
    if not re.fullmatch("[A-Za-z0-9_-]{1,64}", number):
        raise UnknownToProvider("No such payment", reason="resource_missing")
    return number


def _unpaid(number: str) -> Intent:
    named = numbers.attempt_of(number, MARK)
    return Intent.unpaid(number, *named, currency=CURRENCY, livemode=_merchant()["live"])


def _intent(given: _Order) -> Intent:
    amount = given.amount
    return _unpaid(given.out_trade_no)._replace(
        status=given.status,
        amount_minor=amount.total,
        received_minor=(amount.total or 0) if given.status == "succeeded" else 0,
        currency=amount.currency,
        charge_id=given.transaction_id,
        decline_code=given.trade_state if given.trade_state == "PAYERROR" else None,
    )


def _refund(number: str, answer: Mapping[str, Any]) -> Refund:
    given = _read_as(_SentBack, answer)
    amount_minor, currency = given.amount.refund, given.amount.currency
    if given.out_refund_no != number or amount_minor is None:
        raise calls.unanswered("unreadable")
    order_id, refund_id = numbers.refund_of(number, MARK)
    status = REFUND_STATUSES.get(given.status, "pending")
    reason = given.status if status == "failed" else None
    return Refund(number, status, amount_minor, currency, reason, refund_id, order_id, given.out_trade_no)


def _read_as(model: type[Answer], given: Mapping[str, Any]) -> Answer:
    try:
        return model.model_validate(given)
    except ValueError:
        raise calls.unanswered("unreadable") from None


def _call(method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A definite no becomes a refusal with WeChat Pay's code; whatever leaves the outcome open, unavailable: also a
    no without such a code, which is of whoever stands between us.
    """
    merchant, text = _merchant(), "" if body is None else json.dumps(body)
    if not merchant["private_key"]:
        raise PaymentProviderUnavailable("The shop's keys of WeChat Pay are not filled in", reason="no_keys")

    def ask(http: "urllib3.PoolManager") -> "urllib3.BaseHTTPResponse":
        headers = {
            "Accept": "application/json",
            "Authorization": _authorization(merchant, method, path, text),
            "Content-Type": "application/json",
            **_named_key(merchant),
        }
        return http.request(method, settings.wechat_pay_api() + path, body=text or None, headers=headers)

    return _answer(merchant, calls.tried(ask))


def _answer(merchant: Mapping[str, Any], answer: "urllib3.BaseHTTPResponse") -> dict[str, Any]:
    given = _read(answer.data)
    if 400 <= answer.status < 500 and answer.status not in (401, 429) and "code" in given:
        reason = str(given["code"])
        raise (UnknownToProvider if reason in UNKNOWN else PaymentRefused)(given.get("message"), reason=reason)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status >= 300 or not _signed(merchant, answer.data, headers, clock.now()):
        raise calls.unanswered(str(given.get("code", answer.status)))
    return given


def _read(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except calls.UNREADABLE:  # of whoever stands between us
        return {}
    return given if isinstance(given, dict) else {}


def _authorization(merchant: Mapping[str, Any], method: str, path: str, text: str) -> str:
    at, nonce = str(int(clock.now().timestamp())), ids.secret()
    signature = rsa.sign(_lines(method, path, at, nonce, text), merchant["private_key"])
    said = {
        "mchid": merchant["mchid"],
        "nonce_str": nonce,
        "signature": signature,
        "timestamp": at,
        "serial_no": merchant["serial_no"],
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in said.items())


def _named_key(merchant: Mapping[str, Any]) -> dict[str, str]:
    """Who has a platform certificate and a public key is answered with the certificate's unless they name the other:
    https://pay.weixin.qq.com/doc/v3/merchant/4012154180.
    """
    public = [name for name in merchant["public_keys"] if name.startswith("PUB_KEY_ID_")]
    return {"Wechatpay-Serial": public[-1]} if public else {}


def _signed(merchant: Mapping[str, Any], body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Whether it is from WeChat Pay, and of just now; it has several keys while one is being replaced, and names the
    one it used.
    """
    at, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
    if not re.fullmatch("[0-9]{1,12}", at, re.ASCII) or abs(now.timestamp() - int(at)) > TOLERANCE_SECONDS:
        return False
    key = merchant["public_keys"].get(headers.get("wechatpay-serial", ""))
    return bool(key) and rsa.verifies(headers.get("wechatpay-signature", ""), _lines(at, nonce, body), key)


def _lines(*parts: str | bytes) -> bytes:
    """Every part ends its line: https://pay.weixin.qq.com/doc/v3/merchant/4012365336."""
    return b"".join(
        part + b"\n" for part in (one.encode("utf-8", "replace") if isinstance(one, str) else one for one in parts)
    )


def _decrypted(resource: _Resource, keys: Iterable[str]) -> bytes:
    """There are two keys while one is being replaced, and a notice does not say which it was sealed with."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = b64decode(resource.ciphertext, validate=True)
    for key in keys:
        with suppress(InvalidTag):
            return AESGCM(key.encode()).decrypt(resource.nonce.encode(), sealed, resource.associated_data.encode())
    raise ValueError("not encrypted for us")
