"""Inboxes, the messages in them, and the texts that the shop writes."""

from collections.abc import Mapping
from datetime import datetime

from souk.kernel import ids, money
from souk.kernel.caller import HEAD_OFFICE, Caller
from souk.kernel.errors import Missing, Refused
from souk.kernel.shapes import Noun, Texts, Versioned


class NoSuchMessage(Missing):
    title = "No such message"


class WhichStore(Refused):
    title = "You work in several stores: say whose inbox by store_id"


class Template(Noun):
    title: Texts
    text: Texts


def _template(title_en: str, title_zh: str, text_en: str, text_zh: str) -> Template:
    return Template(title=Texts(en=title_en, zh=title_zh), text=Texts(en=text_en, zh=text_zh))


TEMPLATES: Mapping[str, Template] = {
    "order_paid": _template(
        "Order {number} is paid",
        "订单 {number} 已付款",
        "Thank you. We are getting your goods ready.",
        "感谢您的购买，我们正在为您备货。",
    ),
    "order_shipped": _template(
        "Order {number} is on its way",
        "订单 {number} 已发货",
        "{carrier} brings it, tracking number {tracking_number}.",
        "承运商：{carrier}，运单号：{tracking_number}。",
    ),
    "order_received": _template(
        "Order {number} has arrived",
        "订单 {number} 已签收",
        "We hope you like it. If something is wrong, ask for a refund in the order.",
        "希望您喜欢。如有问题，可在订单中申请退款。",
    ),
    "order_cancelled": _template(
        "Order {number} is cancelled", "订单 {number} 已取消", "Nothing was charged.", "您没有被扣款。"
    ),
    "paid_order_cancelled": _template(
        "Order {number} is cancelled",
        "订单 {number} 已取消",
        "What you paid is on its way back to you.",
        "您支付的款项将原路退回。",
    ),
    "refund_approved": _template(
        "Your refund for order {order_number} is approved",
        "订单 {order_number} 的退款申请已通过",
        "{amount} will go back to where you paid from.",
        "{amount} 将原路退回。",
    ),
    "refund_rejected": _template(
        "Your refund for order {order_number} is declined",
        "订单 {order_number} 的退款申请未通过",
        "The reason: {reason}",
        "原因：{reason}",
    ),
    "refund_more_asked": _template(
        "A question about your refund for order {order_number}",
        "关于订单 {order_number} 退款申请的问题",
        "{question}\nPlease answer in the refund.",
        "{question}\n请在退款申请中回复。",
    ),
    "refund_posted": _template(
        "A refund is on its way", "退款已发出", "{amount} go back to where you paid from.", "{amount} 将原路退回。"
    ),
    "refund_returned": _template(
        "A refund came back to us",
        "退款被退回",
        "Your bank did not take it. We are looking after it.",
        "您的银行未接受该退款，我们正在处理。",
    ),
    "refund_failed": _template(
        "A refund has failed",
        "退款失败",
        "{amount} for order {order_id}: {reason}.",
        "订单 {order_id} 的退款 {amount} 失败：{reason}。",
    ),
    "order_to_prepare": _template(
        "New order {number}", "新订单 {number}", "Paid; units to prepare: {units}.", "已付款，待备货件数：{units}。"
    ),
    "contact_code": _template(
        "Your code is {code}",
        "您的验证码是 {code}",
        "Your code is {code}. It is good for ten minutes. Tell it to nobody; if you did not ask for it, do nothing.",
        "您的验证码是 {code}，十分钟内有效。请勿告知他人；如非本人操作，请忽略。",
    ),
    "contact_changed": _template(
        "Your contact has changed",
        "您的联系方式已更改",
        "From now on we reach you at {address}. If you did not change this, write to us at once.",
        "今后我们将通过 {address} 与您联系。如非本人操作，请立即与我们联系。",
    ),
    "order_unassigned": _template(
        "Order {number} has no store",
        "订单 {number} 无门店可接",
        "No store that delivers there has all of it. Assign it to one, or cancel it.",
        "没有可配送的门店备齐该订单的商品。请指派门店或取消订单。",
    ),
    "order_unanswered": _template(
        "Order {number} waits for an answer",
        "订单 {number} 等待门店确认",
        "Store {store_id} has neither accepted nor declined it in time.",
        "门店 {store_id} 未在规定时间内接单或拒单。",
    ),
    "shipment_overdue": _template(
        "Order {number} is still here",
        "订单 {number} 尚未发货",
        "It was paid long ago and has not left store {store_id}.",
        "该订单付款已久，仍未从门店 {store_id} 发出。",
    ),
    "refund_overdue": _template(
        "A refund for order {order_number} is still waiting",
        "订单 {order_number} 的退款仍在等待处理",
        "{amount} in store {store_id}; the case has been {status} for too long.",
        "门店 {store_id}，金额 {amount}；该申请停留在“{status}”状态过久。",
    ),
    "stock_low": _template(
        "{sku} is running low",
        "{sku} 库存不足",
        "Available in store {store_id}: {available}; the threshold is {threshold}.",
        "门店 {store_id} 可用库存：{available}，预警值：{threshold}。",
    ),
}


class Message(Versioned):
    """One message in one inbox; `about` is the id of what it speaks of."""

    owner_id: str
    message_id: str
    topic: str
    title: Texts
    text: Texts
    about: str
    sent_at: datetime
    read_at: datetime | None = None

    @property
    def unread_by(self) -> str | None:
        return self.owner_id if self.read_at is None else None


class Inbox(Noun):
    """A buyer's, a store's, or head office's."""

    owner_id: str
    unread: int = 0


class Unread(Noun):
    unread: int


def compose(topic: str, owner_id: str, cause: str, about: str, at: datetime, **values: object) -> Message:
    """The same topic, inbox and cause are the same message, whenever it is written."""
    template = TEMPLATES[topic]
    return Message(
        owner_id=owner_id,
        message_id=ids.derived("msg", topic, owner_id, cause),
        topic=topic,
        about=about,
        sent_at=at,
        title=_filled(template.title, values),
        text=_filled(template.text, values),
    )


def letter(topic: str, language: str, **values: object) -> tuple[str, str]:
    """Title and text of what goes out to an address, in one language."""
    template = TEMPLATES[topic]
    title, text = (_filled(part, values).read(language) for part in (template.title, template.text))
    return title, text


def amount(minor: int, currency: str) -> str:
    """`EUR 12.50`, `JPY 300`."""
    decimals = money.exponent(currency)
    whole, part = divmod(minor, 10**decimals)
    return f"{currency} {whole}.{part:0{decimals}d}" if decimals else f"{currency} {whole}"


def inbox_of_store(store_id: str) -> str:
    """What no store has is head office's to hear of."""
    return HEAD_OFFICE if store_id == HEAD_OFFICE else f"store-{store_id}"


def inboxes_of_staff(store_id: str) -> tuple[str, ...]:
    """Of those who look after what is the store's: its own people, and head office."""
    return tuple(dict.fromkeys((inbox_of_store(store_id), HEAD_OFFICE)))


def inbox_of_staff(by: Caller, store_id: str | None) -> str:
    """The inbox of the store asked for; otherwise the only store one works in, or head office."""
    if store_id is None and len(by.stores) == 1:
        (store_id,) = by.stores
    if store_id is None:
        if by.stores:
            raise WhichStore()
        return HEAD_OFFICE
    by.need_store(store_id)
    return inbox_of_store(store_id)


def _filled(texts: Texts, values: Mapping[str, object]) -> Texts:
    return Texts(en=(texts.en or "").format(**values), zh=(texts.zh or "").format(**values))
