"""The language of an answer: the best of the shop's that the reader accepts."""

from typing import Annotated, get_args

from aws_lambda_powertools.event_handler.openapi.params import Header

from souk.kernel.shapes import Language

AcceptLanguage = Annotated[str | None, Header(alias="accept-language", description="en or zh, by RFC 9110 weights")]
_MOST_RANGES = 20


def spoken(accepted: str | None) -> Language:
    """By the weights of RFC 9110 section 12.5.4; English where none of the shop's languages is accepted."""
    best, best_weight = "en", 0.0
    for part in (accepted or "").split(",")[:_MOST_RANGES]:
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in get_args(Language) and _weight(weight) > best_weight:
            best, best_weight = language, _weight(weight)
    return best  # type: ignore[return-value]


def _weight(text: str) -> float:
    try:
        return float(text.strip().lower().removeprefix("q=") or 1)
    except ValueError:
        return 0.0
