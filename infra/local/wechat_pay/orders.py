"""Orders and refunds of one merchant: https://pay.weixin.qq.com/doc/v3/merchant/4012791877."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.local.wechat_pay.signing import APPID, MCHID

Object = dict[str, Any]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z_\-|*]{6,32}$")]


class WechatPayError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Amount(_Asked):
    total: Annotated[int, Field(ge=1)]
    currency: Literal["CNY"] = "CNY"


class Payer(_Asked):
    openid: Annotated[str, Field(min_length=1, max_length=128)]


class H5(_Asked):
    type: Literal["Wap", "iOS", "Android"]


class Scene(_Asked):
    payer_client_ip: Annotated[str, Field(min_length=7, max_length=45)]
    h5_info: H5


class NewOrder(_Asked):
    appid: Literal[APPID]  # type: ignore[valid-type]
    mchid: Literal[MCHID]  # type: ignore[valid-type]
    description: Annotated[str, Field(min_length=1, max_length=127)]
    out_trade_no: Number
    notify_url: Annotated[str, Field(pattern="^https?://[^?]+$", max_length=255)]
    amount: Amount


class NewNativeOrder(NewOrder):
    """Paid by scanning a code."""


class NewH5Order(NewOrder):
    scene_info: Scene


class NewJsapiOrder(NewOrder):
    payer: Payer


class RefundAmount(_Asked):
    refund: Annotated[int, Field(ge=1)]
    total: Annotated[int, Field(ge=1)]
    currency: Literal["CNY"]


class NewRefund(_Asked):
    out_trade_no: Number
    out_refund_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z_\-|*@]{1,64}$")]
    notify_url: Annotated[str, Field(pattern="^https?://[^?]+$", max_length=255)]
    amount: RefundAmount


NEW_ORDERS: dict[str, type[NewOrder]] = {"native": NewNativeOrder, "h5": NewH5Order, "jsapi": NewJsapiOrder}


class Merchant:
    """`tell` is called with what a notice is sent of: its type, where to, and what it holds."""

    def __init__(self, now: Callable[[], float], random: Random, tell: Callable[[str, str, Object], None]) -> None:
        self._now, self._random, self._tell = now, random, tell
        self.orders: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}

    def create(self, scene: str, asked: NewOrder) -> Object:
        found = self.orders.setdefault(asked.out_trade_no, {"asked": (scene, asked), "trade_state": "NOTPAY"})
        if found["trade_state"] == "CLOSED":
            raise WechatPayError(400, "ORDER_CLOSED", "The order is closed")
        if found["trade_state"] != "NOTPAY":
            raise WechatPayError(400, "ORDERPAID", "The order is paid")
        if found["asked"] != (scene, asked):
            raise WechatPayError(400, "INVALID_REQUEST", "Asked again with other parameters")
        token = f"{self._random.getrandbits(64):016x}"
        return {
            "native": {"code_url": f"weixin://wxpay/bizpayurl?pr={token}"},
            "h5": {"h5_url": f"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx{token}&package=1"},
            "jsapi": {"prepay_id": f"wx{token}"},
        }[scene]

    def order(self, number: str) -> Object:
        """As it is shown: what was asked for only once it is paid."""
        kept = self._order(number)
        shown = {"appid": APPID, "mchid": MCHID, "out_trade_no": number, "trade_state": kept["trade_state"]}
        return shown | kept.get("paid", {})

    def close(self, number: str) -> Object | None:
        """Answered by nothing at all."""
        kept = self._order(number)
        if kept["trade_state"] == "CLOSED":
            raise WechatPayError(400, "ORDER_CLOSED", "The order is closed")
        if kept["trade_state"] != "NOTPAY":
            raise WechatPayError(400, "ORDERPAID", "The order is paid")
        kept["trade_state"] = "CLOSED"
        return None

    def pay(self, number: str) -> bool:
        """The buyer's telephone; False where there is nothing to pay any more."""
        kept = self._order(number)
        if kept["trade_state"] != "NOTPAY":
            return False
        scene, asked = kept["asked"]
        total = {"total": asked.amount.total, "currency": "CNY"}
        payer = {"payer_total": asked.amount.total, "payer_currency": "CNY"}
        kept["paid"] = {
            "transaction_id": f"42000{self._random.randrange(10**23):023d}",
            "trade_type": {"native": "NATIVE", "h5": "MWEB", "jsapi": "JSAPI"}[scene],
            "trade_state_desc": "支付成功",
            "bank_type": "OTHERS",
            "success_time": in_china(self._now()),
            "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
            "amount": total | payer,
        }
        kept["trade_state"] = "SUCCESS"
        self._tell("TRANSACTION.SUCCESS", asked.notify_url, self.order(number))
        return True

    def refund(self, asked: NewRefund) -> Object:
        if known := self.refunds.get(asked.out_refund_no):
            if known["asked"] != asked:
                raise WechatPayError(400, "INVALID_REQUEST", "Asked again with other parameters")
            return self.shown_refund(asked.out_refund_no)
        kept = self._order(asked.out_trade_no)
        if "paid" not in kept:
            raise WechatPayError(400, "INVALID_REQUEST", "The order is not paid")
        total = kept["paid"]["amount"]["total"]
        left = total - sum(self._refunded(asked.out_trade_no))
        if asked.amount.total != total or asked.amount.refund > left:
            raise WechatPayError(400, "INVALID_REQUEST", "More than what is left of the order")
        self.refunds[asked.out_refund_no] = {
            "asked": asked,
            "refund_id": f"50{self._random.randrange(10**26):026d}",
            "status": "PROCESSING",
        }
        kept["trade_state"] = "REFUND"
        return self.shown_refund(asked.out_refund_no)

    def settle_refund(self, number: str, status: str) -> None:
        """`SUCCESS`, `CLOSED` (it is the merchant's again) or `ABNORMAL` (somebody has to decide about it)."""
        kept = self.refunds[number]
        kept["status"] = status
        shown = self.shown_refund(number)
        told = {name: shown[name] for name in ("out_trade_no", "out_refund_no", "refund_id", "amount")}
        self._tell(f"REFUND.{status}", kept["asked"].notify_url, {"mchid": MCHID, "refund_status": status, **told})

    def shown_refund(self, number: str) -> Object:
        if number not in self.refunds:
            raise WechatPayError(404, "RESOURCE_NOT_EXISTS", "No such refund")
        kept = self.refunds[number]
        asked: NewRefund = kept["asked"]
        return {
            "refund_id": kept["refund_id"],
            "out_refund_no": number,
            "out_trade_no": asked.out_trade_no,
            "channel": "ORIGINAL",
            "status": kept["status"],
            "amount": asked.amount.model_dump() | {"payer_refund": asked.amount.refund},
        }

    def balance(self) -> int:
        """What came in less what went out, or is on its way out."""
        paid = sum(kept["paid"]["amount"]["total"] for kept in self.orders.values() if "paid" in kept)
        return paid - sum(amount for number in self.orders for amount in self._refunded(number))

    def _refunded(self, number: str) -> list[int]:
        mine = [one for one in self.refunds.values() if one["asked"].out_trade_no == number]
        return [one["asked"].amount.refund for one in mine if one["status"] != "CLOSED"]

    def _order(self, number: str) -> Object:
        if number not in self.orders:
            raise WechatPayError(404, "ORDER_NOT_EXIST", "No such order")
        return self.orders[number]


def in_china(at: float) -> str:
    """As everywhere at WeChat Pay: in China."""
    return datetime.fromtimestamp(at, timezone(timedelta(hours=8))).isoformat(timespec="seconds")
