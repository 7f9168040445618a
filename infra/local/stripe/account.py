"""What one Stripe account holds: objects, double-entry books, events, and what is still to happen."""

import copy
import string
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, NamedTuple

from infra.local.stripe import versions
from infra.local.stripe.config import API_VERSION, Config
from infra.local.stripe.errors import ApiError, no_such
from infra.local.stripe.outbox import Outbox

Object = dict[str, Any]

PREFIXES = {
    "balance_transaction": "txn_",
    "charge": "ch_3",
    "customer": "cus_",
    "dispute": "du_1",
    "event": "evt_3",
    "payment_intent": "pi_3",
    "payment_method": "pm_1",
    "payout": "po_1",
    "refund": "re_3",
    "setup_attempt": "setatt_1",
    "setup_intent": "seti_1",
    "webhook_endpoint": "we_1",
}
_DECIMALS = {"jpy": 0, "krw": 0, "bhd": 3, "kwd": 3}  # of the minor unit, where it has not two
_BASE62 = string.ascii_letters + string.digits


class Posting(NamedTuple):
    """Money between `balance` (ours), `fees` (Stripe's), `buyers` (the world) and our `bank`; `lines` sum to zero."""

    transaction_id: str
    currency: str
    lines: dict[str, int]


class Timer(NamedTuple):
    due: float
    action: str
    id: str


class Account:
    def __init__(self, now: Callable[[], float], random: Random, config: Config) -> None:
        self.now, self.random, self.config = now, random, config
        self.outbox = Outbox(now, random, config, lambda id: self.endpoints_for(self.objects["event"][id]["type"]))
        self.objects: dict[str, dict[str, Object]] = defaultdict(dict)
        self.postings: list[Posting] = []
        self.timers: list[Timer] = []
        self.cause: Object = {"id": None, "idempotency_key": None}

    def token(self, length: int = 24) -> str:
        return "".join(self.random.choices(_BASE62, k=length))

    def new(self, kind: str, **fields: Any) -> Object:
        id = PREFIXES[kind] + self.token()
        made = {"id": id, "object": kind, "created": int(self.now()), "livemode": False, **fields}
        self.objects[kind][id] = made
        return made

    def get(self, kind: str, id: str, *, param: str = "id", status: int = 404) -> Object:
        try:
            return self.objects[kind][id]
        except KeyError:
            raise no_such(kind, id, param=param, status=status) from None

    def find(self, id: str) -> Object | None:
        return next((kept[id] for kept in self.objects.values() if id in kept), None)

    def newest_first(self, kind: str) -> Iterator[Object]:
        return reversed(self.objects[kind].values())

    def tell(self, type: str, about: Object, previous: Object | None = None) -> None:
        data = {"object": copy.deepcopy(about)} | ({"previous_attributes": previous} if previous else {})
        event = self.new(
            "event",
            api_version=API_VERSION,
            data=data,
            pending_webhooks=len(self.endpoints_for(type)),
            request=dict(self.cause),
            type=type,
        )
        endpoints = [self.objects["webhook_endpoint"][id] for id in self.endpoints_for(type)]
        for version in {one["api_version"] for one in endpoints if one["api_version"]}:
            if older := versions.rendered(self, event, version):
                self.objects["older_event"][f"{event['id']}/{version}"] = older
        self.outbox.put(event["id"])

    def sent(self, event_id: str, endpoint_id: str) -> Object | None:
        """The event as that endpoint is sent it, by its own version; None where it is not."""
        version = self.objects["webhook_endpoint"][endpoint_id]["api_version"]
        return self.objects["older_event"].get(f"{event_id}/{version}") if version else self.get("event", event_id)

    def endpoints_for(self, type: str) -> list[str]:
        """The ids of the webhook endpoints that ask for such events."""
        return [
            id
            for id, endpoint in self.objects["webhook_endpoint"].items()
            if endpoint["status"] == "enabled" and {"*", type} & set(endpoint["enabled_events"])
        ]

    def later(self, seconds: float, action: str, id: str) -> None:
        self.timers.append(Timer(self.now() + seconds, action, id))

    def due(self) -> Timer | None:
        """Takes the first timer whose time has come."""
        ready = [timer for timer in self.timers if timer.due <= self.now()]
        if not ready:
            return None
        first = min(ready)
        self.timers.remove(first)
        return first

    def post(
        self, type: str, source: Object, amount: int, fee: int = 0, category: str = "", other: str = "buyers"
    ) -> str:
        """Books `amount` (negative: out of our balance) less the fee; answers the transaction's id.

        In the currency that the account holds, at the rate of this moment.
        """
        currency, rate = source["currency"], self.config.rates.get(source["currency"])
        if self.config.settles_in and rate:
            amount, fee = (exchanged(minor, currency, self.config.settles_in, rate) for minor in (amount, fee))
            currency = self.config.settles_in
        transaction = self.new(
            "balance_transaction",
            amount=amount,
            available_on=int(self.now()),
            currency=currency,
            description=None,
            exchange_rate=float(rate) if rate else None,
            fee=fee,
            fee_details=[{"amount": fee, "currency": currency, "type": "stripe_fee"}] if fee else [],
            net=amount - fee,
            reporting_category=category or type,
            source=source["id"],
            status="available",
            type=type,
        )
        lines = {"balance": amount - fee, "fees": fee, other: -amount}
        self.postings.append(Posting(transaction["id"], currency, lines))
        return transaction["id"]

    def balances(self) -> dict[str, dict[str, int]]:
        """Every account of the books by currency."""
        sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("balance", "fees", "buyers", "bank"), 0))
        for _, currency, lines in self.postings:
            for name, amount in lines.items():
                sums[currency][name] += amount
        return dict(sums)


def need_coins(minor: int, currency: str) -> None:
    """Of three decimals the last must be 0: https://docs.stripe.com/currencies#three-decimal."""
    if _DECIMALS.get(currency) == 3 and minor % 10:
        raise ApiError(f"The last digit of an amount in {currency.upper()} must be 0.", param="amount", kept=False)


def exchanged(minor: int, currency: str, into: str, rate: str) -> int:
    """Half-up, from the minor units of one currency to those of the other."""
    step = _DECIMALS.get(into, 2) - _DECIMALS.get(currency, 2)
    return int((minor * Decimal(rate)).scaleb(step).quantize(Decimal(1), ROUND_HALF_UP))
