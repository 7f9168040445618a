"""Delivers the webhooks over HTTP from a thread of its own, in their order, as Stripe does: at least once."""

import threading

import requests

from infra.local.stripe.fake import FakeStripe, Webhook

TIMEOUT_SECONDS = 10
IDLE_SECONDS = 0.1


class Courier(threading.Thread):
    def __init__(self, fake: FakeStripe, lock: threading.Lock) -> None:
        super().__init__(name="stripe-webhooks", daemon=True)
        self._fake, self._lock = fake, lock
        self._work = threading.Event()
        self._ended = False

    def wake(self) -> None:
        self._work.set()

    def end(self) -> None:
        """Returns when the webhook under way has been answered, so that its outcome is in the state."""
        self._ended = True
        self.wake()
        self.join(TIMEOUT_SECONDS)

    def run(self) -> None:
        with requests.Session() as session:
            while not self._ended:
                with self._lock:
                    webhook = self._fake.next_webhook()
                if webhook is None:
                    self._work.wait(IDLE_SECONDS)
                    self._work.clear()
                elif not _deliver(session, webhook):
                    with self._lock:
                        self._fake.retry(webhook.delivery)


def _deliver(session: requests.Session, webhook: Webhook) -> bool:
    try:
        answer = session.post(
            webhook.url, webhook.body, headers=webhook.headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException:
        return False
    return answer.ok and not answer.is_redirect
