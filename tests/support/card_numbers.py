"""Numbers of cards, wherever they may have been written."""

import re


def card_numbers(text: str) -> list[str]:
    """Runs of 13 to 19 digits that stand alone, also with spaces or hyphens between them (ISO/IEC 7812); in a UUID
    (RFC 9562) there may be such by chance.
    """
    without = re.sub(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "a UUID", text)
    return re.findall(r"(?<![0-9A-Za-z_])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])", without)
