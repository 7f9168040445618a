"""A code of some digits that is sent to a person, and told back by whoever reads what is sent there."""

import hmac
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic.types import StringConstraints

from souk.kernel import clock, ids
from souk.kernel.errors import Conflict, Refused, TooMany
from souk.kernel.shapes import Versioned

CODE_DIGITS, CODE_LIFE = 6, timedelta(minutes=10)
PAUSE = timedelta(seconds=60)  # between two codes

Code = Annotated[str, StringConstraints(strict=True, pattern=rf"^[0-9]{{{CODE_DIGITS}}}$")]


class TooSoon(TooMany):
    title = "A code has just been sent; wait a minute for another"


class NoCode(Conflict):
    title = "There is no code that is still good; ask for another"


class WrongCode(Refused):
    title = "That is not the code that was sent"


class OneTimeCode(Versioned):
    """Kept as a salted hash. Whoever compares it counts the try before."""

    salt: str
    code_hash: str
    sent_at: datetime
    valid_until: datetime
    used: bool = False

    @classmethod
    def made(cls, code: str, before: "OneTimeCode | None", at: datetime, **said: Any) -> Self:
        """In the place of the one before, whose tries and time are over with it."""
        salt = ids.secret()
        return cls(
            **said,
            salt=salt,
            code_hash=ids.fingerprint(salt + code),
            sent_at=at,
            valid_until=at + CODE_LIFE,
            version=before.version if before else 0,
        )

    def need_pause(self, at: datetime) -> None:
        if at < self.sent_at + PAUSE:
            raise TooSoon(retry_after_seconds=clock.whole_seconds(self.sent_at + PAUSE - at))

    def need_time(self, at: datetime) -> None:
        if at >= self.valid_until:
            raise NoCode()

    def is_right(self, code: str) -> bool:
        return hmac.compare_digest(ids.fingerprint(self.salt + code), self.code_hash)
