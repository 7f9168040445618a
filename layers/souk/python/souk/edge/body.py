"""Reading JSON from strangers: size, depth, doubled names, strange numbers are refused before a model sees them."""

import json
from typing import Any

from souk.kernel.errors import Malformed, Refused, TooLarge, WrongMedia

LARGEST = 256 * 1024
DEEPEST = 20
_LONGEST_NUMBER = 40


class BodyTooLarge(TooLarge):
    title = "The body is too large"


class WrongMediaType(WrongMedia):
    title = "The body must be of the type that this path takes, not compressed"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("A name stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise Malformed("A number has too many digits")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise Refused("A number is out of range")
    return number


def _constant(name: str) -> Any:
    raise Refused(f"{name} is not a number")


def _depth(text: str) -> int:
    """Of brackets, outside strings: counted before parsing, for the parser would run out of stack."""
    depth = deepest = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def read(text: str) -> dict[str, Any]:
    """The JSON object. Malformed where it is no JSON; Refused for NaN, infinities and text that is not Unicode."""
    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise Malformed("The body is nested too deeply")
    try:
        value = json.loads(
            text, object_pairs_hook=_pairs, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
        )
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}") from None
    if not isinstance(value, dict):
        # Powertools would take a list's first element in its place.
        raise Refused("The body is not an object")
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Refused("A text has half a character (a lone surrogate)") from None
    return value
