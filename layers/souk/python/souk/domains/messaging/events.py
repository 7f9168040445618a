"""What is told of messages."""

from souk.kernel.fact import Fact


class MessageDue(Fact):
    """A message waits to go out on a channel beside its inbox; the delivery log tells how it went."""

    subject: str
    message_id: str
    channel: str
