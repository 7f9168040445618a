"""Inboxes, the messages in them, and the log of how each message went out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from souk.domains.messaging.templates import TEMPLATES
from souk.kernel import ids, money, states
from souk.kernel.caller import HEAD_OFFICE, Caller
from souk.kernel.errors import Missing, Refused
from souk.kernel.shapes import Noun, Texts, Versioned
from souk.kernel.states import NotInThatState, States

Channel = Literal["inbox", "sms", "mail"]
DeliveryStatus = Literal["pending", "sending", "sent", "failed", "unknown"]
# No provider tells a message that is sent twice from another. So it is marked before it goes out, and where the answer
# is lost nobody sends it again but people who have looked.
DELIVERY_STATES: States = {
    "pending": {"sending"},
    "sending": {"sent", "failed", "unknown", "pending"},
    "failed": {"pending"},
    "unknown": {"pending"},
    "sent": set(),
}
MOST_TRIES = 3
UNDER_WAY = timedelta(minutes=1)  # longer than a function runs: who is sending after that has died over it
DELIVERY_LIFE = timedelta(days=400)


class NoSuchMessage(Missing):
    title = "No such message"


class NoSuchDelivery(Missing):
    title = "No such delivery"


class WhichStore(Refused):
    title = "You work in several stores: say whose inbox by store_id"


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


class Delivery(Versioned):
    """How one message goes out on one channel; `error` is a code and never tells an address.

    `subject` is what the message is about, `store_id` whose staff may look at it.
    """

    subject: str
    message_id: str
    channel: Channel
    owner_id: str
    store_id: str
    topic: str
    status: DeliveryStatus = "pending"
    tries: int = 0
    error: str | None = None
    provider_id: str | None = None
    at: datetime
    tried_at: datetime | None = None

    @property
    def awaited(self) -> str | None:
        return None if self.status == "sent" else "awaited"

    @property
    def expires_at(self) -> datetime:
        return self.at + DELIVERY_LIFE

    @property
    def after_failure(self) -> DeliveryStatus:
        """Of a try of which nothing has come: there is another one, up to so many."""
        return "pending" if self.tries < MOST_TRIES else "failed"

    def moved(self, to: str, **more: object) -> "Delivery":
        states.move(DELIVERY_STATES, self.status, to, f"The {self.channel} of message {self.message_id}")
        return self.but(status=to, **more)

    def need_idle(self) -> None:
        """While somebody is sending it nobody else does."""
        if self.status == "sending":
            raise NotInThatState("It is being sent", state=self.status)

    def seen(self, now: datetime) -> "Delivery":
        """As it is told: one that nobody is sending any more has been sent, or has not."""
        lost = self.status == "sending" and self.tried_at is not None and self.tried_at + UNDER_WAY < now
        return self.but(status="unknown") if lost else self


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
    return f"{currency} {money.major(minor, currency)}"


def inbox_of_store(store_id: str) -> str:
    """What no store has is head office's to hear of."""
    return HEAD_OFFICE if store_id == HEAD_OFFICE else f"store-{store_id}"


def store_of_inbox(owner_id: str) -> str | None:
    """The store whose inbox it is; None for a buyer's and head office's."""
    return owner_id.removeprefix("store-") if owner_id.startswith("store-") else None


def inboxes_of_staff(store_id: str) -> tuple[str, ...]:
    """Of those who look after what is the store's: its own people, and head office."""
    return tuple(dict.fromkeys((inbox_of_store(store_id), HEAD_OFFICE)))


def inboxes_of_alert(store_id: str, alert_to: str) -> tuple[str, ...]:
    """Of those whom the rule of an alert names: `store`, `head_office`, or both."""
    alone = {"store": inbox_of_store(store_id), "head_office": HEAD_OFFICE}
    return (alone[alert_to],) if alert_to in alone else inboxes_of_staff(store_id)


def inbox_of_staff(by: Caller, store_id: str | None) -> str:
    """The inbox of the store asked for; otherwise the only store one works in, or head office."""
    if store_id is None and len(by.stores) == 1:
        (store_id,) = by.stores
    if store_id is None:
        if by.is_bound:
            raise WhichStore()
        return HEAD_OFFICE
    by.need_store(store_id)
    return inbox_of_store(store_id)


def _filled(texts: Texts, values: Mapping[str, object]) -> Texts:
    return Texts(en=_in("en", texts, values), zh=_in("zh", texts, values))


def _in(language: str, texts: Texts, values: Mapping[str, object]) -> str:
    said = {name: value.read(language) if isinstance(value, Texts) else value for name, value in values.items()}
    return texts.read(language).format(**said)
