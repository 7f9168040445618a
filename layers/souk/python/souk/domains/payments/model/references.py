"""References of banks, and those by which it is known what a transfer pays."""

import re
from typing import Annotated

from pydantic import Field

_CHECKED = 97  # ISO 7064, MOD 97-10

_REFERENCE = "^[!-~](?:[ -~]{0,62}[!-~])?$"  # banks may write whatever ASCII shows

BankReference = Annotated[str, Field(strict=True, pattern=_REFERENCE, max_length=64)]


def one_spelling(reference: str) -> str:
    """The same however the reference is spaced, and in whichever case."""
    return "".join(reference.split()).upper()


def creditor_reference(number: str) -> str:
    """What the buyer gives with the transfer: the order's number as an RF creditor reference (ISO 11649)."""
    text = number.replace("-", "")
    return f"RF{_CHECKED + 1 - _remainder(f'{text}RF00'):02d}{text}"


def numbers_in(text: str) -> set[str]:
    """The orders' numbers that the payer wrote, as references or bare; banks put breaks and spaces anywhere."""
    compact = re.sub(r"[^0-9A-Z]", "", text.upper())
    found = {match[1] for match in re.finditer(r"(?=(RF\d\d[0-9A-Z]{17}))", compact)}
    referred = {one[4:] for one in found if _remainder(one[4:] + one[:4]) == 1}
    plain = re.findall(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{4}){3}\b", text.upper())
    return {*plain, *("-".join((one[:5], one[5:9], one[9:13], one[13:])) for one in referred)}


def _remainder(text: str) -> int:
    return int("".join(str(int(letter, 36)) for letter in text)) % _CHECKED
