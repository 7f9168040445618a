"""A member at their profile, who proves another e-mail address or telephone."""

import re
from typing import Any

from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from tests.support.context import ACCOUNT, REGION
from tests.support.people import People
from tests.support.shop import Answer, client

NEW = {"email": "ines.carvalho@example.org", "phone": "+351 910 000 118"}


class Member:
    """Inês, signed in, with her mail and her telephone at hand."""

    def __init__(self, people: People) -> None:
        self.people, self.shop = people, people.shop
        client("sesv2").create_email_identity(EmailIdentity="example.com")
        self.token = people.sign_up().ok()["id_token"]

    def call(self, method: str, path: str = "", body: Any = None) -> Answer:
        return self.people.call(method, f"/me/profile{path}", body, self.token)

    def ask(self, channel: str, address: str | None = None) -> Answer:
        """For a code, a minute after the last."""
        self.shop.pass_time(seconds=61)
        return self.call("PUT", f"/{channel}", {channel: address or NEW[channel]})

    def confirm(self, channel: str, code: str) -> Answer:
        return self.call("POST", f"/{channel}/confirm", {"code": code})

    def code(self, channel: str, address: str | None = None) -> str:
        """The one that has just arrived at the address."""
        return re.findall(r"\b[0-9]{6}\b", self.received(channel, address or NEW[channel])[-1])[0]

    @staticmethod
    def received(channel: str, address: str) -> list[str]:
        if channel == "phone":
            number = "+" + "".join(filter(str.isdigit, address))
            texts = sns_backends[ACCOUNT][REGION].sms_messages.values()
            return [text for to, text in texts if to == number]
        mails = ses_backends[ACCOUNT][REGION].sent_messages
        return [mail.body for mail in mails if address in mail.destinations["ToAddresses"]]

    def change(self, channel: str, address: str | None = None) -> Any:
        self.ask(channel, address).ok()
        changed = self.confirm(channel, self.code(channel, address)).ok()
        self.shop.drain(times=2)
        return changed
