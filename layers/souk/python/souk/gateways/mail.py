"""Mail to a person, by Amazon SES."""

from botocore.exceptions import BotoCoreError, ClientError

from souk.gateways.aws import client, turned_away
from souk.kernel import settings
from souk.kernel.errors import Refused, Unanswered, Unavailable


class MailRefused(Refused):
    title = "No mail can be sent to that address"


class MailUnavailable(Unavailable):
    title = "Mail cannot be sent now"


class MailUnanswered(Unanswered):
    title = "It is not known whether the mail was sent"


def send(to: str, title: str, text: str) -> str:
    """Answers the provider's id of the mail."""
    try:
        sent = client("sesv2").send_email(
            FromEmailAddress=settings.mail_from(),
            Destination={"ToAddresses": [to]},
            Content={"Simple": {"Subject": {"Data": title}, "Body": {"Text": {"Data": text}}}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "BadRequestException":
            raise MailRefused() from error
        raise (MailUnavailable if turned_away(error) else MailUnanswered)() from error
    except BotoCoreError as error:
        raise MailUnanswered() from error
    return str(sent["MessageId"])
