"""Inboxes and messages, as they are kept."""

from collections.abc import Iterable

from souk.domains.messaging.model import Delivery, Inbox, Message, NoSuchDelivery, NoSuchMessage
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows


def find(owner_id: str, message_id: str) -> Message | None:
    return ask.find(keys.MESSAGE, Message, owner_id=owner_id, message_id=message_id)


def get(owner_id: str, message_id: str) -> Message:
    found = find(owner_id, message_id)
    if found is None:
        raise NoSuchMessage()
    return found


def unread_count(owner_id: str) -> int:
    inbox = ask.find(keys.INBOX, Inbox, owner_id=owner_id)
    return inbox.unread if inbox else 0


def of_inbox(owner_id: str, limit: int, position: str | None) -> tuple[list[Message], str | None]:
    page = ask.ask(patterns.MESSAGES, owner_id=owner_id, limit=limit, position=position)
    return page.all(keys.MESSAGE, Message), page.position


def unread_ids(owner_id: str, limit: int, position: str | None) -> tuple[list[str], str | None]:
    """As the index says, which may be a moment behind."""
    page = ask.ask(patterns.UNREAD_MESSAGES, unread_by=owner_id, limit=limit, position=position)
    return [message.message_id for message in page.all(keys.MESSAGE, Message)], page.position


def many(owner_id: str, message_ids: Iterable[str]) -> list[Message]:
    ats = [ask.key(keys.MESSAGE, owner_id=owner_id, message_id=message_id) for message_id in message_ids]
    return ask.many(ats).all(keys.MESSAGE, Message)


def delivery(subject: str, message_id: str, channel: str) -> Delivery:
    return ask.get(keys.DELIVERY, Delivery, NoSuchDelivery, subject=subject, message_id=message_id, channel=channel)


def delivery_for(subject: str, message_id: str, channel: str, by: Caller) -> Delivery:
    """The delivery, if it is one of the caller's stores."""
    found = delivery(subject, message_id, channel)
    if not by.in_scope(found.store_id):
        raise NoSuchDelivery()
    return found


def deliveries_about(subject: str, limit: int, position: str | None, by: Caller) -> tuple[list[Delivery], str | None]:
    return _in_scope(ask.ask(patterns.DELIVERIES, limit=limit, position=position, subject=subject), by)


def deliveries_awaited(limit: int, position: str | None, by: Caller) -> tuple[list[Delivery], str | None]:
    """What has not gone out, or may not have, the oldest first; a page may hold fewer than asked."""
    return _in_scope(ask.ask(patterns.DELIVERIES_AWAITED, limit=limit, position=position), by)


def _in_scope(rows: Rows, by: Caller) -> tuple[list[Delivery], str | None]:
    found = rows.all(keys.DELIVERY, Delivery)
    return [one for one in found if by.in_scope(one.store_id)], rows.position
