"""Mail to a person, by Amazon SES."""

from botocore.exceptions import BotoCoreError, ClientError

from souk.gateways.aws import client
from souk.kernel import settings
from souk.kernel.errors import Refused, Unavailable


class MailRefused(Refused):
    title = "No mail can be sent to that address"


class MailUnavailable(Unavailable):
    title = "Mail cannot be sent now"


def send(to: str, title: str, text: str) -> None:
    try:
        client("sesv2").send_email(
            FromEmailAddress=settings.mail_from(),
            Destination={"ToAddresses": [to]},
            Content={"Simple": {"Subject": {"Data": title}, "Body": {"Text": {"Data": text}}}},
        )
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "BadRequestException"
        raise (MailRefused if refused else MailUnavailable)() from error
    except BotoCoreError as error:
        raise MailUnavailable() from error
