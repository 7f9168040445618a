"""The fake Alipay as a pure state machine: signed requests in, signed answers and notices out."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import BaseModel, ValidationError

from infra.local.alipay.signing import APP_ID, SELLER_ID, content, told
from infra.local.alipay.trades import ACTS, BEIJING, MOMENT, AlipayError, NewPage, NewTrade, Object, Trades
from infra.local.provider_server import Reply, answered
from infra.local.rsa_pair import pair

TOLERANCE_SECONDS = 300


class Notice(NamedTuple):
    url: str
    body: bytes


class FakeAlipay:
    """`faults` are what goes wrong with the next requests, in order: `timeout_before`, `timeout_after`,
    `error_before`, `error_after`, `too_many_requests`, `proxy` (who answers in its place), and `none`.
    """

    def __init__(self, now: Callable[[], float], random: Random) -> None:
        self._now, self._random = now, random
        self.merchant = Trades(now, random, self._tell)
        self.faults: list[str] = []
        self._notices: list[tuple[str, dict[str, str]]] = []

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """`target` with its query, `headers` by their names in lower case."""
        fault = self.faults.pop(0) if self.faults else None
        return answered(fault, lambda: self._answer(fault, target, body))

    def _answer(self, fault: str | None, target: str, body: bytes) -> Reply:
        said = dict(parse_qsl(urlsplit(target).query) + parse_qsl(body.decode()))
        try:
            self._check(said)
            _stop(fault, "error_before", "too_many_requests")
            answer = self._act(said)
            _stop(fault, "error_after")
        except AlipayError as error:
            answer = error.answer
        return _reply(said.get("method", ""), answer)

    def visit(self, url: str) -> None:
        """The buyer's browser goes to the page that it was sent to."""
        said = dict(parse_qsl(urlsplit(url).query))
        self._check(said)
        asked = NewPage.model_validate_json(said["biz_content"])
        self._note(asked, said)
        self.merchant.show_page(asked)

    def next_notice(self) -> Notice | None:
        """What is to be sent now, signed at this moment."""
        if not self._notices:
            return None
        url, said = self._notices.pop(0)
        return Notice(url, urlencode(told(said | {"notify_time": self.moment()})).encode())

    def moment(self) -> str:
        return datetime.fromtimestamp(self._now(), BEIJING).strftime(MOMENT)

    def _act(self, said: Mapping[str, str]) -> Object:
        if said["method"] not in ACTS:
            raise AlipayError("isv.invalid-method", "40002", "Invalid Arguments")
        model, act = ACTS[said["method"]]
        try:
            asked = model.model_validate_json(said["biz_content"])
        except ValidationError as error:
            raise AlipayError(f"ACQ.INVALID_PARAMETER {error.errors(include_url=False)[0]['loc']}") from None
        self._note(asked, said)
        return {"code": "10000", "msg": "Success", **act(self.merchant, asked)}

    def _note(self, asked: BaseModel, said: Mapping[str, str]) -> None:
        """Where notices go is said as a trade begins, and nowhere else."""
        if "notify_url" not in said:
            return
        if not isinstance(asked, NewTrade):
            raise AlipayError("ACQ.INVALID_PARAMETER notify_url")
        self.merchant.notify_urls[asked.out_trade_no] = said["notify_url"]

    def _check(self, said: Mapping[str, str]) -> None:
        if said.get("app_id") != APP_ID:
            raise AlipayError("isv.invalid-app-id", "40002", "Invalid Arguments")
        if not pair("merchant").has_signed(said.get("sign", ""), content(said)):
            raise AlipayError("isv.invalid-signature", "40002", "Invalid Arguments")
        sent_at = datetime.strptime(said["timestamp"], MOMENT).replace(tzinfo=BEIJING).timestamp()
        wanted = {"charset": "utf-8", "sign_type": "RSA2", "version": "1.0"}
        known = said.get("format", "JSON").upper() == "JSON" and wanted.items() <= said.items()
        if not known or abs(self._now() - sent_at) > TOLERANCE_SECONDS:
            raise AlipayError("isv.invalid-timestamp", "40002", "Invalid Arguments")

    def _tell(self, url: str, about: Object) -> None:
        said = {
            "notify_id": f"{self._random.getrandbits(128):032x}",
            "notify_type": "trade_status_sync",
            "charset": "utf-8",
            "version": "1.0",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            **about,
        }
        self._notices.append((url, said))


def _reply(method: str, answer: Object) -> Reply:
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    node, sign = f"{method.replace('.', '_')}_response", pair("alipay").sign(text.encode())
    body = f'{{"{node}":{text},"sign":"{sign}"}}'
    return Reply(200, {"Content-Type": "text/html;charset=utf-8"}, body.encode())


def _stop(fault: str | None, *kinds: str) -> None:
    if fault in kinds and fault == "too_many_requests":
        raise AlipayError("isv.app-call-limited", "40005", "Call Limited")
    if fault in kinds:
        raise AlipayError("isp.unknow-error", "20000", "Service Currently Unavailable")
