"""What is done with messages: write one, mark one or all read."""

from souk.domains.messaging import store
from souk.domains.messaging.model import Message, Unread, compose
from souk.kernel import clock
from souk.table import audit, conditions, keys
from souk.table.again import again
from souk.table.unit import Unit

_A_TIME = 90  # messages in one transaction, beside the count
_MOST_TIMES = 20


def write(unit: Unit, topic: str, to: str, cause: str, about: str, **values: object) -> None:
    """A message into an inbox; what was caused once is written once."""
    message = compose(topic, to, cause, about, clock.now(), **values)
    if store.find(to, message.message_id) is None:
        unit.save(keys.MESSAGE, message)
        unit.change(keys.INBOX, owner_id=to, add={"unread": 1})


def mark_own_read(owner_id: str, message_id: str) -> Message:
    """A buyer's: that it was read the message says by itself, and the audit trail has no second word of it."""
    with audit.told_by_itself():
        return mark_read(owner_id, message_id)


def mark_all_own_read(owner_id: str) -> Unread:
    with audit.told_by_itself():
        return mark_all_read(owner_id)


def mark_read(owner_id: str, message_id: str) -> Message:
    def mark() -> Message:
        message = store.get(owner_id, message_id)
        return message if message.read_at else _mark(owner_id, [message])[0]

    return again(mark)


def mark_all_read(owner_id: str) -> Unread:
    """Oldest first, up to 1,800 of them; answers how many are left."""
    position = None
    for _ in range(_MOST_TIMES):
        message_ids, position = store.unread_ids(owner_id, _A_TIME, position)
        again(lambda wanted=message_ids: _mark(owner_id, store.many(owner_id, wanted)))  # type: ignore[misc]
        if position is None:
            break
    return Unread(unread=store.unread_count(owner_id))


def _mark(owner_id: str, messages: list[Message]) -> list[Message]:
    """Those that were unread, now read and no longer counted."""
    unread, now = [message for message in messages if message.read_at is None], clock.now()
    if not unread:
        return []
    with Unit() as unit:
        unit.change(
            keys.INBOX,
            owner_id=owner_id,
            add={"unread": -len(unread)},
            only_if=[conditions.at_least("unread", len(unread))],
        )
        return [unit.save(keys.MESSAGE, message.but(read_at=now)) for message in unread]
