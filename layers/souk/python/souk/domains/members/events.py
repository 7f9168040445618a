"""What is told of members."""

from typing import Literal

from souk.kernel.fact import Fact


class ContactChanged(Fact):
    """A member is reached by another e-mail address or telephone; which, the fact does not say."""

    member_id: str
    channel: Literal["email", "phone"]
