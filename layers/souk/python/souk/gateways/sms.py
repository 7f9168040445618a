"""Text messages to a telephone, by Amazon SNS."""

from botocore.exceptions import BotoCoreError, ClientError

from souk.gateways.aws import client, turned_away
from souk.kernel.errors import Refused, Unanswered, Unavailable

# Delivered with priority, and not held back where advertising is.
_KIND = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}


class PhoneRefused(Refused):
    title = "No text message can be sent to that number"


class TextUnavailable(Unavailable):
    title = "Text messages cannot be sent now"


class TextUnanswered(Unanswered):
    title = "It is not known whether the text message was sent"


def send(to: str, text: str) -> str:
    """`to` is a number by E.164; answers the provider's id of the message."""
    try:
        return str(client("sns").publish(PhoneNumber=to, Message=text, MessageAttributes=_KIND)["MessageId"])
    except ClientError as error:
        if error.response["Error"]["Code"] in ("InvalidParameter", "OptedOut"):
            raise PhoneRefused() from error
        raise (TextUnavailable if turned_away(error) else TextUnanswered)() from error
    except BotoCoreError as error:
        raise TextUnanswered() from error
