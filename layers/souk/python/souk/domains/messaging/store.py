"""Inboxes and messages, as they are kept."""

from collections.abc import Iterable

from souk.domains.messaging.model import Inbox, Message, NoSuchMessage
from souk.table import ask, keys, patterns


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
