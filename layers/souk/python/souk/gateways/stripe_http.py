"""What carries Stripe's SDK: urllib3, which every function has anyway, where the SDK by itself takes requests."""

from collections.abc import Mapping
from typing import Any

import stripe
import urllib3
from urllib3.exceptions import HTTPError, SSLError


class Urllib3Client(stripe.HTTPClient):
    """Sends a call once, and waits so many seconds for a connection and as many for each part of the answer.

    The SDK sends it again, with the same key, where it `should_retry`. Stripe is known by the SDK's own certificates.
    """

    name = "urllib3"

    def __init__(self, timeout: float) -> None:
        super().__init__()
        patience = urllib3.Timeout(connect=timeout, read=timeout)
        self._http = urllib3.PoolManager(timeout=patience, retries=False, ca_certs=stripe.ca_bundle_path)

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[Any, int, Mapping[str, str]]:
        try:
            answer = self._http.request(method.upper(), url, body=post_data, headers=headers)
        except HTTPError as error:
            told = f"{type(error).__name__}: {error}"
            may_pass = not isinstance(error, SSLError)
            raise stripe.APIConnectionError(told, should_retry=may_pass) from error  # type: ignore[no-untyped-call]
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        self._http.clear()
