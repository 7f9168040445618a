"""What is done with messages: write one, send it out, mark one or all read."""

from collections.abc import Iterable

from souk.domains.messaging import store
from souk.domains.messaging.events import MessageDue
from souk.domains.messaging.model import Channel, Delivery, DeliveryStatus, Message, Unread, compose
from souk.kernel import clock
from souk.kernel.caller import HEAD_OFFICE, Caller, is_walk_in
from souk.table import audit, conditions, keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit

_A_TIME = 90  # messages in one transaction, beside the count
_MOST_TIMES = 20


def write(
    unit: Unit,
    topic: str,
    to: str,
    cause: str,
    about: str,
    store_id: str = HEAD_OFFICE,
    channels: Iterable[Channel] = (),
    **values: object,
) -> None:
    """A message into an inbox, and out on the `channels`; what was caused once is written once.

    `store_id` is whose staff may see how it goes out. Who is not known has no inbox.
    """
    if is_walk_in(to):
        return
    message = compose(topic, to, cause, about, clock.now(), store_id=store_id, **values)
    if store.find(to, message.message_id) is None:
        unit.save(keys.MESSAGE, message)
        unit.change(keys.INBOX, owner_id=to, add={"unread": 1})
        _log(unit, message, store_id, "inbox", "sent")
        for channel in channels:
            _due(unit, _log(unit, message, store_id, channel, "pending"))


def begin_sending(due: MessageDue) -> Delivery | None:
    """Marked before it goes out; None where it went out, or somebody is at it: whoever comes then sends nothing."""
    found = store.delivery(due.subject, due.message_id, due.channel)
    if found.status != "pending":
        return None
    begun = found.moved("sending", tries=found.tries + 1, tried_at=clock.now(), error=None)
    try:
        with Unit() as unit:
            return unit.save(keys.DELIVERY, begun)
    except ChangedMeanwhile:
        return None


def note_sent(delivery: Delivery, provider_id: str) -> None:
    _note(delivery.moved("sent", provider_id=provider_id))


def note_failed(delivery: Delivery, status: DeliveryStatus, error: str) -> None:
    _note(delivery.moved(status, error=error))


def send_again(subject: str, message_id: str, channel: str, by: Caller) -> Delivery:
    """By staff who have looked: what has failed, or may not have gone out, waits to be sent once more."""

    def once() -> Delivery:
        found = store.delivery_for(subject, message_id, channel, by)
        if found.status == "pending":
            return found
        now = clock.now()
        found.seen(now).need_idle()
        with Unit() as unit:
            again_due = unit.save(keys.DELIVERY, found.moved("pending", tries=0, error=None))
            return _due(unit, again_due)

    return again(once)


def _note(delivery: Delivery) -> None:
    with Unit() as unit:
        unit.save(keys.DELIVERY, delivery)


def _log(unit: Unit, message: Message, store_id: str, channel: Channel, status: DeliveryStatus) -> Delivery:
    delivery = Delivery(
        subject=message.about,
        message_id=message.message_id,
        channel=channel,
        owner_id=message.owner_id,
        store_id=store_id,
        topic=message.topic,
        status=status,
        at=message.sent_at,
    )
    return unit.save(keys.DELIVERY, delivery)


def _due(unit: Unit, delivery: Delivery) -> Delivery:
    unit.tell(MessageDue(**delivery.model_dump(include={*MessageDue.model_fields})))
    return delivery


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
