"""What is written to an address or telephone at once, and not into an inbox: codes, and what a former one must hear."""

from souk.domains.members.model.profile import Channel
from souk.domains.messaging.model import letter
from souk.gateways import mail, sms
from souk.kernel.shapes import Language


def send(channel: Channel, to: str, topic: str, language: Language, **values: object) -> None:
    title, text = letter(topic, language, **values)
    if channel == "email":
        mail.send(to, title, text)
    else:
        sms.send(to, text)
