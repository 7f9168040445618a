"""Money is integers: minor units of an ISO 4217 currency, one rounding rule, shares that always add up."""

import re
from collections.abc import Sequence

# ISO 4217 minor-unit exponents that differ from 2.
EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
BASIS_POINTS = 10_000
# A rate of exchange as people and banks write it.
RATE = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$"
MICRO = 10**6
_DECIMAL = re.compile(r"([+-]?)(\d{1,12})(?:\.(\d{1,12}))?", re.ASCII)


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit: EUR 2, JPY 0, KWD 3."""
    return EXPONENTS.get(currency, 2)


def minor(text: str, currency: str) -> int:
    """`-12.5` EUR -> -1250, `0.00600` -> 1: half-up where it has more decimals; ValueError where it is no number."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no amount")
    sign, whole, part = found[1], found[2], found[3] or ""
    scaled = divide(int(whole + part) * 10 ** exponent(currency), 10 ** len(part))
    return -scaled if sign == "-" else scaled


def coins(text: str, currency: str) -> int:
    """What has moved: ValueError also for an amount that the currency has no coins for."""
    found = minor(text, currency)
    if text.partition(".")[2][exponent(currency) :].strip("0"):
        raise ValueError(f"{text!r} is no amount of {currency}")
    return found


def micro(rate: str) -> int:
    """`1.0843` -> 1084300, in millionths; ValueError where it is no rate."""
    if not re.fullmatch(RATE, rate):
        raise ValueError(f"{rate!r} is no rate")
    whole, _, part = rate.partition(".")
    return int(whole) * MICRO + int(part.ljust(6, "0"))


def major(amount_minor: int, currency: str) -> str:
    """As people write it: -1250 EUR -> `-12.50`, 300 JPY -> `300`."""
    decimals = exponent(currency)
    whole, part = divmod(abs(amount_minor), 10**decimals)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"


def divide(amount: int, by: int) -> int:
    """Half-up to the minor unit, away from zero on the half: 5/2 -> 3, -5/2 -> -3."""
    if by <= 0:
        raise ValueError("the divisor must be positive")
    half_up = (2 * abs(amount) + by) // (2 * by)
    return half_up if amount >= 0 else -half_up


def fraction(amount_minor: int, basis_points: int) -> int:
    """A part in ten-thousandths: 19.99 at 725 basis points -> 1.45."""
    return divide(amount_minor * basis_points, BASIS_POINTS)


def apportion(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Shares that sum to the total, by largest remainder (Hamilton); equal remainders go to the earlier one.

    Weights are not negative; where all are zero they count as equal. No weights take only a total of zero.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights are not negative")
    if not weights:
        if total_minor:
            raise ValueError("nothing to apportion to")
        return []
    if not any(weights):
        weights = [1] * len(weights)
    whole, sign = sum(weights), 1 if total_minor >= 0 else -1
    parts = [divmod(abs(total_minor) * weight, whole) for weight in weights]
    left = abs(total_minor) - sum(share for share, _ in parts)
    extra = set(sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))[:left])
    return [sign * (share + (i in extra)) for i, (share, _) in enumerate(parts)]


def share_of_units(paid_minor: int, units: int, already: int, now: int) -> int:
    """What `now` more units of a line are worth after `already` were given back.

    Taken as a difference of running totals, so that any sequence of parts ends exactly at what was paid.
    """
    if not 0 <= already <= already + now <= units:
        raise ValueError("more units than the line has")
    return divide(paid_minor * (already + now), units) - divide(paid_minor * already, units)
