"""The only source of identifiers, secrets and chance."""

import hashlib
import random
import re
import secrets
from datetime import UTC, datetime

from souk.kernel import clock

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER_NUMBER = rf"^[{CROCKFORD}]{{5}}(?:-[{CROCKFORD}]{{4}}){{3}}$"
_random: random.Random = secrets.SystemRandom()


def _digits(number: int, length: int) -> str:
    return "".join([CROCKFORD[number >> 5 * place & 31] for place in reversed(range(length))])


def new(prefix: str) -> str:
    """`ord_01JD...`: a prefix and a ULID (48 bits of milliseconds, 80 of chance), so ids sort by time."""
    return f"{prefix}_{_digits(_milliseconds(clock.now()), 10)}{_digits(_random.getrandbits(80), 16)}"


def derived(prefix: str, *parts: str) -> str:
    """The same id for the same parts, always: what makes a repeated command meet its own first run."""
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    return f"{prefix}_{_digits(int.from_bytes(digest) >> 126, 26)}"


def order_number(at: datetime) -> str:
    """`01KAJ-6M2C-9XQ4-T7VE`: 45 bits of milliseconds, 40 of chance; sorts by time, cannot be guessed in sequence."""
    chance = _digits(_random.getrandbits(40), 8)
    return "-".join((first_number(at), chance[:4], chance[4:]))


def first_number(at: datetime) -> str:
    """How order numbers of that moment begin: those from before come before it, and all others after it."""
    text = _digits(_milliseconds(at), 9)
    return f"{text[:5]}-{text[5:]}"


def month_of_number(number: str) -> str:
    """`2026-11`, told from an order number alone; the empty text where it is none."""
    if not re.fullmatch(ORDER_NUMBER, number):
        return ""
    digits = number[:5] + number[6:10]
    milliseconds = 0
    for digit in digits:
        milliseconds = milliseconds << 5 | CROCKFORD.index(digit)
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m")


def secret() -> str:
    """An unguessable token of 160 bits."""
    return _digits(_random.getrandbits(160), 32)


def digits(length: int) -> str:
    """So many decimal digits, each as likely as another."""
    return f"{_random.randrange(10**length):0{length}d}"


def letters(digest: bytes, length: int) -> str:
    """So many letters and digits that the digest spells; none of them looks like another."""
    return _digits(int.from_bytes(digest), length)


def fingerprint(value: str | bytes) -> str:
    """SHA-256 in hex, for comparing and for looking up what must not be stored itself."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def slow_fingerprint(value: bytes, salt: str) -> str:
    """scrypt (RFC 7914) in hex, as strong as OWASP asks: for what a person has thought of, and others can guess.

    Of the settings that OWASP holds to be as strong as each other this needs 16 MB, and so nothing but the defaults.
    """
    return hashlib.scrypt(value, salt=salt.encode(), n=2**14, r=8, p=5, dklen=32).hex()


def jitter(seconds: float) -> float:
    """A random part of the given time, to keep retries from marching in step."""
    return _random.random() * seconds


def use(source: random.Random | None) -> None:
    """Puts another source of chance in place (tests, simulation); None puts the real one back."""
    global _random
    _random = source or secrets.SystemRandom()


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
