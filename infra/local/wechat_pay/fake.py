"""The fake WeChat Pay as a pure state machine: signed requests in, signed answers and sealed notices out."""

import json
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationError

from infra.local.provider_server import Reply, answered
from infra.local.rsa_pair import pair
from infra.local.wechat_pay.orders import NEW_ORDERS, Merchant, NewRefund, Object, WechatPayError, in_china
from infra.local.wechat_pay.signing import CERTIFICATE, MCHID, PUBLIC_KEY_ID, SERIAL, lines, sealed

TOLERANCE_SECONDS = 300
SCHEME = "WECHATPAY2-SHA256-RSA2048"


class Notice(NamedTuple):
    url: str
    body: bytes
    headers: dict[str, str]


class FakeWechatPay:
    """`faults` are what goes wrong with the next requests, in order: `timeout_before`, `timeout_after`,
    `error_before`, `error_after`, `too_many_requests`, `proxy` (who answers in its place), and `none`.
    While a merchant `goes_over` from a platform certificate to a public key, only an answer to whoever names the public
    key is signed with that.
    """

    def __init__(self, now: Callable[[], float], random: Random) -> None:
        self._now, self._random = now, random
        self.goes_over = False
        self.merchant = Merchant(now, random, self._tell)
        self.faults: list[str] = []
        self.notices: list[tuple[str, bytes]] = []

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """`target` with its query, `headers` by their names in lower case."""
        fault = self.faults.pop(0) if self.faults else None
        return answered(fault, lambda: self._answer(fault, method, target, headers, body))

    def next_notice(self) -> Notice | None:
        """What is to be sent now, signed at this moment."""
        if not self.notices:
            return None
        url, body = self.notices.pop(0)
        return Notice(url, body, self.signed(body))

    def _answer(self, fault: str | None, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        by_certificate = self.goes_over and headers.get("wechatpay-serial") != PUBLIC_KEY_ID
        try:
            self._check_signature(method, target, headers.get("authorization", ""), body)
            _stop(fault, "error_before", "too_many_requests")
            answer = self._act(method, target, body)
            _stop(fault, "error_after")
        except WechatPayError as error:
            return self._reply(error.status, error.body, by_certificate)
        return self._reply(204 if answer is None else 200, answer, by_certificate)

    def signed(self, body: bytes, by_certificate: bool = False) -> dict[str, str]:
        at, nonce = str(int(self._now())), self._token()
        serial, key = (CERTIFICATE, "platform certificate") if by_certificate else (PUBLIC_KEY_ID, "platform")
        return {
            "Content-Type": "application/json",
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": serial,
            "Wechatpay-Signature": pair(key).sign(lines(at, nonce, body)),
            "Wechatpay-Signature-Type": SCHEME,
            "Wechatpay-Timestamp": at,
        }

    def _act(self, method: str, target: str, body: bytes) -> Object | None:
        path, merchant = urlsplit(target).path.removeprefix("/v3/"), self.merchant
        if method == "POST" and (found := re.fullmatch("pay/transactions/(native|h5|jsapi)", path)):
            return merchant.create(found[1], _read(body, NEW_ORDERS[found[1]]))
        if method == "GET" and (found := re.fullmatch("pay/transactions/out-trade-no/([^/]+)", path)):
            return merchant.order(found[1])
        if method == "POST" and (found := re.fullmatch("pay/transactions/out-trade-no/([^/]+)/close", path)):
            return merchant.close(found[1])
        if method == "POST" and path == "refund/domestic/refunds":
            return merchant.refund(_read(body, NewRefund))
        if method == "GET" and (found := re.fullmatch("refund/domestic/refunds/([^/]+)", path)):
            return merchant.shown_refund(found[1])
        raise WechatPayError(404, "NOT_FOUND", "No such path")

    def _check_signature(self, method: str, target: str, given: str, body: bytes) -> None:
        said = dict(re.findall(r'([a-z_]+)="([^"]*)"', given))
        known = (said.get("mchid"), said.get("serial_no")) == (MCHID, SERIAL)
        at = said.get("timestamp", "0")
        late = not at.isdigit() or abs(self._now() - int(at)) > TOLERANCE_SECONDS
        message = lines(method, target, at, said.get("nonce_str", ""), body)
        if (
            not given.startswith(f"{SCHEME} ")
            or late
            or not known
            or not pair("merchant").has_signed(said.get("signature", ""), message)
        ):
            raise WechatPayError(401, "SIGN_ERROR", "The signature is wrong")

    def _reply(self, status: int, answer: Object | None, by_certificate: bool) -> Reply:
        body = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
        return Reply(status, self.signed(body, by_certificate), body)

    def _tell(self, type: str, url: str, about: Object) -> None:
        nonce, kind = self._token()[:12], "refund" if type.startswith("REFUND") else "transaction"
        resource = {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": sealed(json.dumps(about, ensure_ascii=False).encode(), nonce, kind),
            "associated_data": kind,
            "nonce": nonce,
        }
        notice = {
            "id": self._token(),
            "create_time": in_china(self._now()),
            "resource_type": "encrypt-resource",
            "event_type": type,
            "summary": type,
            "resource": resource,
        }
        self.notices.append((url, json.dumps(notice).encode()))

    def _token(self) -> str:
        return f"{self._random.getrandbits(128):032x}"


def _stop(fault: str | None, *kinds: str) -> None:
    if fault in kinds and fault == "too_many_requests":
        raise WechatPayError(429, "FREQUENCY_LIMITED", "Too many requests")
    if fault in kinds:
        raise WechatPayError(500, "SYSTEM_ERROR", "Ask again with the same parameters")


def _read(body: bytes, model: Any) -> Any:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise WechatPayError(400, "PARAM_ERROR", str(error.errors(include_url=False)[0])) from None
