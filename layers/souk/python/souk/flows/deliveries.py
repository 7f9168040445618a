"""Messages that go out beside the inbox: where to, and what the log says of it."""

from collections.abc import Callable, Mapping

from souk.domains.access import store as access
from souk.domains.messaging import actions
from souk.domains.messaging import store as messages
from souk.domains.messaging.events import MessageDue
from souk.domains.messaging.model import Channel, Delivery, Message, store_of_inbox
from souk.domains.orders.store import orders
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.gateways import mail, sms
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Refusal, Refused, Unanswered, Unavailable
from souk.kernel.shapes import Language, international


class NoAddress(Refused):
    title = "The reader has no address for this channel"


def send(due: MessageDue) -> None:
    """Sent once as far as can be known; where the provider has surely done nothing, the bus brings the fact again."""
    delivery = actions.begin_sending(due)
    if delivery is None:
        return
    try:
        provider_id = _SEND[delivery.channel](delivery, messages.get(delivery.owner_id, delivery.message_id))
    except Unanswered as lost:
        actions.note_failed(delivery, "unknown", lost.code())
    except Unavailable as away:
        actions.note_failed(delivery, delivery.after_failure, away.code())
        if delivery.after_failure == "pending":
            raise
    except Refusal as refused:
        actions.note_failed(delivery, "failed", refused.code())
    else:
        actions.note_sent(delivery, provider_id)


def _send_text(delivery: Delivery, message: Message) -> str:
    """The title alone: every seventy characters of a text message are paid for."""
    phone, _ = _addresses(delivery)
    number = international(phone or "")
    if number is None:
        raise NoAddress()
    return sms.send(number, message.title.read(_language()))


def _send_mail(delivery: Delivery, message: Message) -> str:
    _, email = _addresses(delivery)
    if email is None:
        raise NoAddress()
    return mail.send(email, message.title.read(_language()), message.text.read(_language()))


def _addresses(delivery: Delivery) -> tuple[str | None, str | None]:
    """Telephone and e-mail: the shop's, a store's, or those that the buyer gave with the order or signs in by."""
    if delivery.owner_id == HEAD_OFFICE:
        shop = settings_store.at_hand().settings
        return shop.phone, shop.email
    if store_id := store_of_inbox(delivery.owner_id):
        return stores.get(store_id).phone, None
    if order := orders.find(delivery.subject):
        return order.contact.phone, order.contact.email
    account = access.find(delivery.owner_id)
    return None, account.email if account else None


def _language() -> Language:
    return settings_store.at_hand().settings.language


_SEND: Mapping[Channel, Callable[[Delivery, Message], str]] = {"sms": _send_text, "mail": _send_mail}
