"""Sends messages out by telephone and mail, where the shop wants it."""

from souk.domains.messaging.events import MessageDue
from souk.edge.task import on
from souk.flows import deliveries


def send_message(fact: MessageDue) -> None:
    deliveries.send(fact)


handler = on((MessageDue, send_message))
