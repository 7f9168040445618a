"""WeChat Pay and Alipay of the local shop, both fakes, and the telephone of a buyer who pays what they show.

A page lists what waits to be paid; the button there is what scanning the code and agreeing would be. With curl:

    curl -X POST http://127.0.0.1:8600/telephone/NUMBER
"""

import pickle
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from string import Template
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

import requests
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from infra.local.alipay.fake import FakeAlipay
from infra.local.alipay.trades import AlipayError
from infra.local.wechat_pay.fake import FakeWechatPay

PATHS = WECHAT_PAY, ALIPAY, PAGES = "/wechat-pay", "/alipay", "/telephone"
SETTLE_SECONDS = 5.0  # until a refund of WeChat Pay has arrived
IDLE_SECONDS, TIMEOUT_SECONDS, TRIES = 0.2, 40, 3
OF_THE_PROCESS = {"_now", "_random", "_tell"}
PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The buyer's telephone</title>
<h1>The buyer's telephone</h1>
<p>What WeChat Pay and Alipay wait for. Each button is to scan the code and pay.</p>
$waiting
</html>
""")
BUTTON = Template("""<form method="post" action="/telephone/$number">
<button>Pay ¥$yuan with $provider</button> <code>$number</code></form>
""")


class Waiting(NamedTuple):
    provider: str
    number: str
    yuan: str


class Telephone:
    """A WSGI application: the two providers below their paths, and the page. `file` is where they remember all."""

    def __init__(self, file: Path | None) -> None:
        self.wechat_pay, self.alipay = FakeWechatPay(time.time, Random()), FakeAlipay(time.time, Random())
        self.lock = threading.Lock()
        self._file, self._ended = file, threading.Event()
        self._courier = threading.Thread(target=self._carry, name="notices", daemon=True)
        if file and file.exists():
            for merchant, known in zip(self._merchants, pickle.loads(file.read_bytes()), strict=True):
                vars(merchant).update(known)

    @contextmanager
    def switched_on(self) -> Iterator["Telephone"]:
        self._courier.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._courier.join(TIMEOUT_SECONDS)
            if self._file:
                kept = [
                    {name: value for name, value in vars(one).items() if name not in OF_THE_PROCESS}
                    for one in self._merchants
                ]
                self._file.write_bytes(pickle.dumps(kept))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        answer: Response | HTTPException
        try:
            with self.lock:
                answer = self._answer(request)
        except HTTPException as refusal:
            answer = refusal
        return answer(environ, start_response)

    def waiting(self) -> list[Waiting]:
        orders = self.wechat_pay.merchant.orders.items()
        unpaid = [(number, one["asked"][1].amount.total) for number, one in orders if one["trade_state"] == "NOTPAY"]
        asked = self.alipay.merchant.asked.items()
        return [
            *(Waiting("WeChat Pay", number, f"{minor // 100}.{minor % 100:02d}") for number, minor in unpaid),
            *(
                Waiting("Alipay", number, one.total_amount)
                for number, one in asked
                if self.alipay.merchant.can_be_paid(number)
            ),
        ]

    @property
    def _merchants(self) -> tuple[Any, Any]:
        return self.wechat_pay.merchant, self.alipay.merchant

    def _answer(self, request: Request) -> Response:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        if request.path == f"{ALIPAY}/gateway.do" and request.method == "GET":  # the buyer's own browser
            with suppress(AlipayError):  # too late for it
                self.alipay.visit(request.url)
            return redirect(PAGES)
        for path, handle in ((WECHAT_PAY, self.wechat_pay.handle), (ALIPAY, self.alipay.handle)):
            if request.path.startswith(f"{path}/"):
                headers = {name.lower(): value for name, value in request.headers.items()}
                reply = handle(request.method, request.path.removeprefix(path) + query, headers, request.get_data())
                return Response(reply.body, reply.status, reply.headers)
        if request.path == PAGES:
            return Response(self._page(), mimetype="text/html")
        return self._pay(request)

    def _page(self) -> str:
        return PAGE.substitute(
            waiting="".join(BUTTON.substitute(one._asdict()) for one in self.waiting()) or "Nothing."
        )

    def _pay(self, request: Request) -> Response:
        number = request.path.removeprefix(f"{PAGES}/")
        if request.method != "POST" or number not in {one.number for one in self.waiting()}:
            raise NotFound
        merchant = self.wechat_pay.merchant if number in self.wechat_pay.merchant.orders else self.alipay.merchant
        merchant.pay(number)
        return redirect(PAGES, 303)

    def _carry(self) -> None:
        """Notices to the shop, in their order; refunds to their buyers."""
        begun: dict[str, float] = {}
        while not self._ended.wait(IDLE_SECONDS):
            with self.lock:
                for number, refund in self.wechat_pay.merchant.refunds.items():
                    on_its_way = time.time() - begun.setdefault(number, time.time())
                    if refund["status"] == "PROCESSING" and on_its_way > SETTLE_SECONDS:
                        self.wechat_pay.merchant.settle_refund(number, "SUCCESS")
            for take in (self._of_wechat_pay, self._of_alipay):
                while notice := take():
                    _hand_over(*notice)

    def _of_wechat_pay(self) -> tuple[str, bytes, dict[str, str]] | None:
        with self.lock:
            return self.wechat_pay.next_notice()

    def _of_alipay(self) -> tuple[str, bytes, dict[str, str]] | None:
        with self.lock:
            notice = self.alipay.next_notice()
        return notice and (*notice, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})


def _hand_over(url: str, body: bytes, headers: dict[str, str]) -> None:
    """A few times; who hears of none asks by itself."""
    for attempt in range(TRIES):
        time.sleep(attempt)
        try:
            if requests.post(url, body, headers=headers, timeout=TIMEOUT_SECONDS).ok:
                return
        except requests.RequestException:
            continue
