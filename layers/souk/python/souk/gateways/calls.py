"""Calls of payment providers that have no SDK here: two tries, which stay below the 29 seconds of API Gateway."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from souk.gateways.metrics import count
from souk.gateways.providers import PaymentProviderUnavailable

if TYPE_CHECKING:
    import urllib3

# What reading JSON raises of what is none, or is nested deeper than Python follows.
UNREADABLE = (ValueError, RecursionError)
TIMEOUT_SECONDS = 8.0
TRIES = 2


def tried(
    ask: "Callable[[urllib3.PoolManager], urllib3.BaseHTTPResponse]", tries: int = TRIES
) -> "urllib3.BaseHTTPResponse":
    """What was answered at last, of whatever status; unavailable where nobody does. Each try asks by itself, for it is
    signed anew.
    """
    from urllib3.exceptions import HTTPError

    try:
        answer = ask(_http())
    except HTTPError as error:
        if tries > 1:
            return tried(ask, tries - 1)
        raise unanswered(type(error).__name__) from error
    return tried(ask, tries - 1) if answer.status >= 500 and tries > 1 else answer


def unanswered(reason: str) -> PaymentProviderUnavailable:
    count("ProviderFailed")
    return PaymentProviderUnavailable(reason=reason)


@cache
def _http() -> "urllib3.PoolManager":
    """One a process; it repeats nothing by itself."""
    import urllib3

    return urllib3.PoolManager(timeout=urllib3.Timeout(total=TIMEOUT_SECONDS), retries=False)
