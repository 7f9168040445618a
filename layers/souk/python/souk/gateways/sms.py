"""Text messages to a telephone, by Amazon SNS."""

from botocore.exceptions import BotoCoreError, ClientError

from souk.gateways.aws import client
from souk.kernel.errors import Refused, Unavailable

# Delivered with priority, and not held back where advertising is.
_KIND = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}


class PhoneRefused(Refused):
    title = "No text message can be sent to that number"


class TextUnavailable(Unavailable):
    title = "Text messages cannot be sent now"


def send(to: str, text: str) -> None:
    """`to` is a number by E.164."""
    try:
        client("sns").publish(PhoneNumber=to, Message=text, MessageAttributes=_KIND)
    except ClientError as error:
        refused = error.response["Error"]["Code"] in ("InvalidParameter", "OptedOut")
        raise (PhoneRefused if refused else TextUnavailable)() from error
    except BotoCoreError as error:
        raise TextUnavailable() from error
