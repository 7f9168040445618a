"""Trades and refunds of one merchant: https://opendocs.alipay.com/open/194/106078."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.local.alipay.signing import APP_ID

Object = dict[str, Any]
Number = Annotated[str, Field(pattern="^[0-9A-Za-z_]{1,64}$")]
Yuan = Annotated[str, Field(pattern=r"^(0|[1-9]\d{0,8})\.\d\d$")]
BEIJING = timezone(timedelta(hours=8))
MOMENT = "%Y-%m-%d %H:%M:%S"


class AlipayError(Exception):
    def __init__(self, sub_code: str, code: str = "40004", msg: str = "Business Failed") -> None:
        super().__init__(sub_code)
        self.answer = {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_code}


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    out_trade_no: Number


class NewTrade(_Asked):
    total_amount: Yuan
    subject: Annotated[str, Field(min_length=1, max_length=256)]
    time_expire: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")]


class NewCode(NewTrade):
    product_code: Literal["FACE_TO_FACE_PAYMENT"]


class NewPage(NewTrade):
    product_code: Literal["QUICK_WAP_WAY"]


class NewWithin(NewTrade):
    product_code: Literal["JSAPI_PAY"]
    op_app_id: Literal[APP_ID]  # type: ignore[valid-type]
    buyer_id: Annotated[str, Field(pattern="^2088[0-9]{12}$")] | None = None
    buyer_open_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None


class Named(_Asked):
    """A trade that is to be told or closed."""


class NewRefund(_Asked):
    out_request_no: Annotated[str, Field(pattern="^[0-9A-Za-z_-]{1,64}$")]
    refund_amount: Yuan


class NamedRefund(_Asked):
    out_request_no: str


class Trades:
    """`tell` is called with where a notice goes and what it says, but for what every notice says.

    `notify_urls` are where the beginning of each trade said that notices go; of a trade without one nothing is told.
    """

    def __init__(self, now: Callable[[], float], random: Random, tell: Callable[[str, Object], None]) -> None:
        self._now, self._random, self._tell = now, random, tell
        self.notify_urls: dict[str, str] = {}
        self.asked: dict[str, NewTrade] = {}
        self.trades: dict[str, Object] = {}
        self.refunds: dict[tuple[str, str], NewRefund] = {}
        self._closed_unseen: set[str] = set()

    def show_code(self, asked: NewCode) -> Object:
        self._ask(asked)
        return {"out_trade_no": asked.out_trade_no, "qr_code": f"https://qr.alipay.com/bax{self._digits(20)}"}

    def show_page(self, asked: NewPage) -> None:
        """The buyer's browser has gone there."""
        self._ask(asked)
        self.open(asked.out_trade_no)

    def create(self, asked: NewWithin) -> Object:
        self._ask(asked)
        self.open(asked.out_trade_no)
        return {"out_trade_no": asked.out_trade_no, "trade_no": self.trades[asked.out_trade_no]["trade_no"]}

    def can_be_paid(self, number: str) -> bool:
        """Whether or not its buyer has looked at it."""
        if number in self.trades:
            return self._status(number) == "WAIT_BUYER_PAY"
        return number not in self._closed_unseen and not self._is_late(self.asked[number])

    def open(self, number: str) -> bool:
        """The buyer looks at it: only now there is a trade; False where it can be paid no more."""
        if self.can_be_paid(number) and number not in self.trades:
            trade_no = f"{self._written()[:10].replace('-', '')}22001{self._digits(15)}"
            self.trades[number] = {
                "trade_no": trade_no,
                "asked": self.asked[number],
                "trade_status": "WAIT_BUYER_PAY",
            }
        return self.can_be_paid(number)

    def pay(self, number: str) -> bool:
        """The buyer agrees; False where there is nothing to pay any more."""
        if not self.open(number):
            return False
        self.trades[number] |= {"trade_status": "TRADE_SUCCESS", "send_pay_date": self._written()}
        self._notify(number)
        return True

    def query(self, asked: Named) -> Object:
        kept = self._trade(asked.out_trade_no)
        shown = {"trade_status": self._status(asked.out_trade_no), "total_amount": kept["asked"].total_amount}
        paid = {"send_pay_date": kept["send_pay_date"]} if "send_pay_date" in kept else {}
        return shown | paid | {"trade_no": kept["trade_no"], "out_trade_no": asked.out_trade_no}

    def close(self, asked: Named) -> Object:
        """What nobody has seen can be seen by nobody after this, though that is not what it answers."""
        if asked.out_trade_no not in self.trades:
            self._closed_unseen.add(asked.out_trade_no)
        kept = self._trade(asked.out_trade_no)
        if self._status(asked.out_trade_no) != "WAIT_BUYER_PAY":
            raise AlipayError("ACQ.TRADE_STATUS_ERROR")
        kept["trade_status"] = "TRADE_CLOSED"
        return {"out_trade_no": asked.out_trade_no, "trade_no": kept["trade_no"]}

    def refund(self, asked: NewRefund) -> Object:
        number, kept = asked.out_trade_no, self._trade(asked.out_trade_no)
        known = self.refunds.get((number, asked.out_request_no))
        if known and known != asked:
            raise AlipayError("ACQ.DISCORDANT_REPEAT_REQUEST")
        if not known:
            if "send_pay_date" not in kept:
                raise AlipayError("ACQ.TRADE_NOT_ALLOW_REFUND")
            if _cents(asked.refund_amount) > _cents(kept["asked"].total_amount) - self._gone(number):
                raise AlipayError("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            self.refunds[number, asked.out_request_no] = asked
            if self._gone(number) == _cents(kept["asked"].total_amount):
                kept["trade_status"] = "TRADE_CLOSED"
            self._notify(number, out_biz_no=asked.out_request_no, gmt_refund=f"{self._written()}.320")
        gone = f"{self._gone(number) // 100}.{self._gone(number) % 100:02d}"
        changed = "N" if known else "Y"
        return {"out_trade_no": number, "trade_no": kept["trade_no"], "fund_change": changed, "refund_fee": gone}

    def query_refund(self, asked: NamedRefund) -> Object:
        self._trade(asked.out_trade_no)
        found = self.refunds.get((asked.out_trade_no, asked.out_request_no))
        return found.model_dump() | {"refund_status": "REFUND_SUCCESS"} if found else {}

    def balance(self) -> int:
        """What came in less what went out."""
        paid = sum(_cents(one["asked"].total_amount) for one in self.trades.values() if "send_pay_date" in one)
        return paid - sum(_cents(one.refund_amount) for one in self.refunds.values())

    def _ask(self, asked: NewTrade) -> None:
        number = asked.out_trade_no
        if number in self.trades:
            if (status := self._status(number)) != "WAIT_BUYER_PAY":
                raise AlipayError("ACQ.TRADE_HAS_CLOSE" if status == "TRADE_CLOSED" else "ACQ.TRADE_HAS_SUCCESS")
            if self.asked[number].total_amount != asked.total_amount:
                raise AlipayError("ACQ.CONTEXT_INCONSISTENT")
        self.asked[number] = asked

    def _trade(self, number: str) -> Object:
        if number not in self.trades:
            raise AlipayError("ACQ.TRADE_NOT_EXIST")
        return self.trades[number]

    def _status(self, number: str) -> str:
        kept = self.trades[number]
        late = kept["trade_status"] == "WAIT_BUYER_PAY" and self._is_late(kept["asked"])
        return "TRADE_CLOSED" if late else str(kept["trade_status"])

    def _is_late(self, asked: NewTrade) -> bool:
        return self._written() >= asked.time_expire

    def _gone(self, number: str) -> int:
        return sum(_cents(one.refund_amount) for (of, _), one in self.refunds.items() if of == number)

    def _notify(self, number: str, **more: str) -> None:
        if number not in self.notify_urls:
            return
        kept = self.trades[number]
        said = {"trade_no": kept["trade_no"], "out_trade_no": number, "trade_status": kept["trade_status"]}
        self._tell(self.notify_urls[number], {**said, "total_amount": kept["asked"].total_amount, **more})

    def _written(self) -> str:
        return datetime.fromtimestamp(self._now(), BEIJING).strftime(MOMENT)

    def _digits(self, length: int) -> str:
        return f"{self._random.randrange(10**length):0{length}d}"


def _cents(yuan: str) -> int:
    return int(yuan.replace(".", ""))


ACTS: Mapping[str, tuple[type[BaseModel], Callable[[Trades, Any], Object]]] = {
    "alipay.trade.precreate": (NewCode, Trades.show_code),
    "alipay.trade.create": (NewWithin, Trades.create),
    "alipay.trade.query": (Named, Trades.query),
    "alipay.trade.close": (Named, Trades.close),
    "alipay.trade.refund": (NewRefund, Trades.refund),
    "alipay.trade.fastpay.refund.query": (NamedRefund, Trades.query_refund),
}
