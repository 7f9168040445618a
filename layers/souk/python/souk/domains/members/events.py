"""What is told of members."""

from typing import Literal

from souk.kernel.fact import Fact


class ContactChanged(Fact):
    """A member is reached by another e-mail address or telephone; the row `change_id` says which, not the fact."""

    member_id: str
    change_id: str
    channel: Literal["email", "phone"]
