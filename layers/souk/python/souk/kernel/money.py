"""Money is integers: minor units of an ISO 4217 currency, one rounding rule, shares that always add up."""

from collections.abc import Sequence

# ISO 4217 minor-unit exponents that differ from 2.
EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
BASIS_POINTS = 10_000


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit: EUR 2, JPY 0, KWD 3."""
    return EXPONENTS.get(currency, 2)


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
