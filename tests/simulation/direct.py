"""WeChat Pay and Alipay on the wire: signed both ways, paid by telephone, told by notices, in a shop in China."""

from collections.abc import Callable
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from urllib3.exceptions import HTTPError

from infra.local.alipay.fake import FakeAlipay
from infra.local.provider_server import Reply
from infra.local.wechat_pay.fake import FakeWechatPay
from souk.gateways import numbers
from souk.kernel import money
from tests.simulation.faults import TIMEOUTS
from tests.simulation.provider import NotAnswered, Outage, Refunded, Taken, deliver, post

if TYPE_CHECKING:
    from tests.simulation.world import World

# What the fakes answer where something fails; what was done all the same has been done before.
FAILURES = {"throttle": "too_many_requests", "conflict": "error_before", "error_after": "error_before"}
MINUTE, HOUR = 60.0, 3600.0
ON_ITS_WAY = 2 * 24 * HOUR  # at most, what goes back by WeChat Pay
REFUNDS = {"SUCCESS": "succeeded", "CLOSED": "failed", "PROCESSING": "pending"}


class Direct:
    """One of the two: its fake, the buyers' telephones and its notices."""

    name: ClassVar[str]
    hook: ClassVar[str]
    mark: ClassVar[str]  # in the numbers of payments and refunds
    retries: ClassVar[tuple[float, ...]]  # seconds between two tries of one notice
    fake: Any

    def __init__(self, world: "World") -> None:
        self.world, self.outage = world, Outage(world.wire)
        self.told: list[bytes] = []

    def request(self, method: str, url: str, body: str | None, headers: dict[str, str]) -> Any:
        """As urllib3 would."""
        parts = urlsplit(url)
        target, content = f"{parts.path}?{parts.query}" if parts.query else parts.path, (body or "").encode()
        handle = partial(self.fake.handle, method, target, {name.lower(): said for name, said in headers.items()})
        if self.outage.is_on():
            raise HTTPError("no answer")
        try:
            reply = self.world.wire.call(self.spelled(method, url), lambda: self.answer(handle, content), NotAnswered)
        except NotAnswered as fault:
            if str(fault) in TIMEOUTS:
                raise HTTPError("no answer") from None
            self.fake.faults = [FAILURES[str(fault)]]
            reply = handle(content)
        return SimpleNamespace(status=reply.status, data=reply.body, headers=reply.headers)

    def answer(self, handle: Callable[[bytes], Reply], content: bytes) -> Reply:
        reply = handle(content)
        self.post_notices()
        return reply

    def scan(self, number: str) -> None:
        """The buyer pays with the telephone, if there is anything to pay any more."""
        self.world.schedule.pause(self.world.schedule.chance.uniform(1.0, 20.0))
        self.fake.merchant.pay(number)
        self.post_notices()
        self.world.checker.charged()

    def post_notices(self) -> None:
        while notice := self.fake.next_notice():
            self.told.append(notice.body)
            hand_over = partial(self.hand_over, notice.body)
            post(self.world, f"webhook {self.name}", partial(deliver, self.world, hand_over, self.retries))

    def hand_over(self, body: bytes) -> int:
        return self.world.ask("POST", self.hook, raw=body.decode(), headers=self.headers(body), tries=1).status

    def held_minor(self) -> int:
        return int(self.fake.merchant.balance())

    def order_of(self, number: str) -> str:
        return numbers.attempt_of(number, self.mark)[0]

    def spelled(self, method: str, url: str) -> str:
        raise NotImplementedError

    def headers(self, body: bytes) -> dict[str, str]:
        raise NotImplementedError


class WechatPay(Direct):
    """A refund is on its way for some days; so many of a hundred do not arrive, and are the shop's again."""

    name, hook, mark = "wechat_pay", "/hooks/wechat-pay", "-"
    retries = (
        *(15.0, 15.0, 30.0, 3 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, 30 * MINUTE, 30 * MINUTE),
        *(HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR, 6 * HOUR, 6 * HOUR),
    )

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self.fake = FakeWechatPay(world.timestamp, Random(f"{world.seed}/wechat pay"))
        self.lost_of_hundred = 0
        self._on_the_way: set[str] = set()

    def spelled(self, method: str, url: str) -> str:
        return f"WechatPay {method} {urlsplit(url).path}"

    def headers(self, body: bytes) -> dict[str, str]:
        """Signed anew for each try."""
        signed: dict[str, str] = self.fake.signed(body)
        return signed

    def answer(self, handle: Callable[[bytes], Reply], content: bytes) -> Reply:
        reply = super().answer(handle, content)
        for number in [one for one in self.fake.merchant.refunds if one not in self._on_the_way]:
            self._on_the_way.add(number)
            after = self.world.schedule.chance.uniform(1.0, ON_ITS_WAY)
            self.world.schedule.spawn("wechat_pay bank", partial(self._arrive, number), after=after)
        return reply

    def _arrive(self, number: str) -> None:
        lost = self.world.schedule.chance.randrange(100) < self.lost_of_hundred
        self.fake.merchant.settle_refund(number, "CLOSED" if lost else "SUCCESS")
        self.post_notices()

    def taken(self) -> list[Taken]:
        paid = {number: one["paid"] for number, one in self.fake.merchant.orders.items() if "paid" in one}
        return [Taken(number, self.order_of(number), one["amount"]["total"], "CNY") for number, one in paid.items()]

    def refunds(self) -> list[Refunded]:
        return [
            Refunded(numbers.refund_of(number, self.mark)[1], REFUNDS[one["status"]], one["asked"].amount.refund)
            for number, one in self.fake.merchant.refunds.items()
        ]


class Alipay(Direct):
    """What it gives back is there at once."""

    name, hook, mark = "alipay", "/hooks/alipay", "_"
    retries = (4 * MINUTE, 10 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 15 * HOUR)

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self.fake = FakeAlipay(world.timestamp, Random(f"{world.seed}/alipay"))

    def spelled(self, method: str, url: str) -> str:
        (said,) = parse_qs(urlsplit(url).query)["method"]
        return f"Alipay {said}"

    def headers(self, body: bytes) -> dict[str, str]:
        return {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

    def taken(self) -> list[Taken]:
        paid = [(number, one) for number, one in self.fake.merchant.trades.items() if "send_pay_date" in one]
        return [Taken(number, self.order_of(number), _minor(one["asked"].total_amount), "CNY") for number, one in paid]

    def refunds(self) -> list[Refunded]:
        return [
            Refunded(numbers.refund_of(number, self.mark)[1], "succeeded", _minor(one.refund_amount))
            for (_, number), one in self.fake.merchant.refunds.items()
        ]


def _minor(yuan: str) -> int:
    return money.minor(yuan, "CNY")
