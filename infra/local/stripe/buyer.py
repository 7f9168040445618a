"""What the buyer's browser does with Stripe: confirm a payment with a card, answer the bank."""

from typing import Any

import requests

from infra.local.stripe.config import PUBLISHABLE_KEY

TIMEOUT_SECONDS = 10


class Buyer:
    def __init__(self, stripe_url: str, publishable_key: str = PUBLISHABLE_KEY) -> None:
        self._url, self._key = stripe_url, publishable_key
        self._session = requests.Session()

    def pay(self, client_secret: str, card: str = "pm_card_visa", return_url: str | None = None) -> dict[str, Any]:
        """The payment intent afterwards, paid or not; `last_payment_error` tells why not."""
        intent_id, _, _ = client_secret.partition("_secret_")
        form = {"key": self._key, "client_secret": client_secret, "payment_method": card}
        if return_url:
            form["return_url"] = return_url
        url = f"{self._url}/v1/payment_intents/{intent_id}/confirm"
        body: dict[str, Any] = self._session.post(url, form, timeout=TIMEOUT_SECONDS).json()
        if "error" not in body:
            return body
        if "payment_intent" not in body["error"]:
            raise RuntimeError(body["error"]["message"])
        intent: dict[str, Any] = body["error"]["payment_intent"]
        return intent

    def keep(self, client_secret: str, card: str = "pm_card_visa") -> dict[str, Any]:
        """The setup intent afterwards, whose `payment_method` is kept if it succeeded."""
        setup_id, _, _ = client_secret.partition("_secret_")
        form = {"key": self._key, "client_secret": client_secret, "payment_method": card}
        url = f"{self._url}/v1/setup_intents/{setup_id}/confirm"
        body: dict[str, Any] = self._session.post(url, form, timeout=TIMEOUT_SECONDS).json()
        setup: dict[str, Any] = body["error"]["setup_intent"] if "error" in body else body
        return setup

    def answer_bank(self, intent: dict[str, Any], *, yes: bool) -> str | None:
        """Presses a button of the 3-D Secure page, or of the wallet; the address that the browser is sent to."""
        action = intent["next_action"][intent["next_action"]["type"]]
        answer = self._session.post(
            action.get("url") or action.get("stripe_js") or action["hosted_instructions_url"],
            {"outcome": "succeed" if yes else "fail"},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        answer.raise_for_status()
        return answer.headers.get("Location")
