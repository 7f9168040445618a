"""Clients of AWS services, made once a process, with time-outs that fit behind a gateway of 29 seconds."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
# Of addresses that are handed out: S3's old signature, botocore's default, covers neither type nor length; and its
# default host is that of all regions, which sends a browser on to another, where no preflight may follow.
_S3 = _CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
# What sends to people knows no message again: a call whose answer got lost is not made anew behind the caller's back.
_ONCE = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
_CONFIGS = {"s3": _S3, "sns": _ONCE, "sesv2": _ONCE}
# What services say when they have too much to do, or have failed over it themselves, each in its own words.
_PASSING = {
    "InternalError",
    "InternalException",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


def may_pass(error: Exception) -> bool:
    """A throttle, a failure of the service's own, or no answer at all: the same call may do better a little later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or error.response["Error"]["Code"] in _PASSING
    return isinstance(error, HTTPClientError | BotocoreConnectionError)


@cache
def client(service: str) -> Any:
    return botocore.session.get_session().create_client(service, config=_CONFIGS.get(service, _CONFIG))


def turned_away(error: ClientError) -> bool:
    """Whether the service says that it has done nothing: the call was throttled, or is not allowed like this."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return "Throttl" in error.response["Error"]["Code"] or 400 <= status < 500
