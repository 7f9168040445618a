"""Refusals: how the shop says no, by family; a domain's own refusals stand beside the noun they guard."""

import re
from typing import Any, ClassVar


class Refusal(Exception):
    """A clear no. `detail` is a sentence for people; `facts` go into the answer as they are (JSON values)."""

    title: ClassVar[str] = "Refused"

    def __init__(self, detail: str | None = None, **facts: Any) -> None:
        self.detail = detail or self.title
        self.facts = facts
        super().__init__(self.detail)

    @classmethod
    def code(cls) -> str:
        """The class name in snake case: `InsufficientStock` -> `insufficient_stock`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Malformed(Refusal):
    """The request cannot be parsed."""

    title = "The request cannot be read"


class Unauthenticated(Refusal):
    """Nobody known is calling: no token, a wrong one, or a wrong password."""

    title = "Sign in first"


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    title = "Not allowed"


class Missing(Refusal):
    """Absent, or somebody else's: the answer does not tell which."""

    title = "Not found"


class Conflict(Refusal):
    """The state of things does not allow it now."""

    title = "Conflicts with the present state"


class Refused(Refusal):
    """Readable, but not valid."""

    title = "Not valid"


class TooLarge(Refusal):
    """More than the shop takes at once."""

    title = "Too large"


class WrongMedia(Refusal):
    """A kind of content that is not taken here."""

    title = "Not a kind of content that is taken here"


class TooMany(Refusal):
    """Asked too often; try again later."""

    title = "Too many requests"


class Unavailable(Refusal):
    """A provider behind the shop did not answer; nothing was lost, the same request may be sent again."""

    title = "A provider is not answering"


class Unanswered(Unavailable):
    """It is not known whether the provider has done it; whoever asks again may have it done twice."""

    title = "A provider has not answered"
