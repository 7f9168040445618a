"""Which URL does what, and how much of the answer the asker may see."""

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.stripe import (
    customers,
    disputes,
    intents,
    payment_methods,
    payouts,
    refunds,
    setup_intents,
    webhook_endpoints,
)
from infra.local.stripe.account import Account, Object
from infra.local.stripe.errors import ApiError, no_such
from infra.local.stripe.listing import Listing, page
from infra.local.stripe.parameters import Ask, read

READABLE = {
    "balance_transactions": "balance_transaction",
    "charges": "charge",
    "customers": "customer",
    "disputes": "dispute",
    "events": "event",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "payouts": "payout",
    "refunds": "refund",
    "setup_attempts": "setup_attempt",
    "setup_intents": "setup_intent",
    "webhook_endpoints": "webhook_endpoint",
}
WRITES: dict[str, tuple[type[Any], Callable[..., Object]]] = {
    "customers": (customers.NewCustomer, customers.create),
    "disputes/{id}": (disputes.Update, disputes.update),
    "disputes/{id}/close": (disputes.Acceptance, disputes.accept),
    "payment_intents": (intents.NewIntent, intents.create),
    "payment_intents/{id}": (intents.ChangedIntent, intents.update),
    "payment_intents/{id}/confirm": (intents.Confirmation, intents.confirm),
    "payment_intents/{id}/capture": (intents.Capture, intents.capture),
    "payment_intents/{id}/cancel": (intents.Cancellation, intents.cancel),
    "payment_methods/{id}/attach": (payment_methods.Attachment, payment_methods.attach),
    "payment_methods/{id}/detach": (Ask, payment_methods.detach),
    "payouts": (payouts.NewPayout, payouts.create),
    "refunds": (refunds.NewRefund, refunds.create),
    "setup_intents": (setup_intents.NewSetup, setup_intents.create),
    "setup_intents/{id}/cancel": (Ask, setup_intents.cancel),
    "setup_intents/{id}/confirm": (setup_intents.Confirmation, setup_intents.confirm),
    "webhook_endpoints": (webhook_endpoints.NewEndpoint, webhook_endpoints.create),
    "webhook_endpoints/{id}": (webhook_endpoints.ChangedEndpoint, webhook_endpoints.update),
}
OPEN_TO_BROWSERS = {
    (method, f"{noun}/{rest}")
    for noun in ("payment_intents", "setup_intents")
    for method, rest in (("GET", "{id}"), ("POST", "{id}/confirm"))
}
HIDDEN_FROM_BROWSERS = ("application", "application_fee_amount", "customer", "latest_charge", "metadata")
_PATH = re.compile(r"/v1/(?P<noun>[a-z_]+)(?:/(?P<id>[A-Za-z0-9_]+)(?P<verb>/[a-z]+)?)?")


class Read(Ask):
    client_secret: str | None = None


def open_to_browsers(method: str, path: str) -> bool:
    shape, _ = _shape(path)
    return (method, shape) in OPEN_TO_BROWSERS


def answer(account: Account, method: str, path: str, form: Mapping[str, str], *, by_browser: bool) -> Object:
    ask, result = _act(account, method, path, form)
    shown = copy.deepcopy(result)
    if by_browser:
        shown = {name: value for name, value in shown.items() if name not in HIDDEN_FROM_BROWSERS}
    for expansion in ask.expand:
        _expand(account, shown, expansion.split("."))
    return shown


def _act(account: Account, method: str, path: str, form: Mapping[str, str]) -> tuple[Ask, Object]:
    shape, ids = _shape(path)
    noun, _, rest = shape.partition("/")
    if method == "POST" and shape in WRITES:
        model, act = WRITES[shape]
        ask = read(form, model)
        return ask, act(account, ask, *ids)
    if method == "GET" and shape == "balance":
        return read(form, Ask), _balance(account)
    if method == "GET" and noun in READABLE and not rest:
        listing = read(form, Listing)
        return listing, page(account, READABLE[noun], listing, path)
    if method == "GET" and noun in READABLE and rest == "{id}":
        single = read(form, Read)
        found = account.get(READABLE[noun], *ids)
        if single.client_secret not in (None, found.get("client_secret")):
            raise no_such(READABLE[noun], *ids, param="client_secret")
        return single, found
    raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404, kept=False)


def _shape(path: str) -> tuple[str, list[str]]:
    """`/v1/refunds/re_1` -> ("refunds/{id}", ["re_1"])."""
    match = _PATH.fullmatch(path)
    if match is None:
        return "", []
    if match["id"] is None:
        return match["noun"], []
    return f"{match['noun']}/{{id}}{match['verb'] or ''}", [match["id"]]


def _expand(account: Account, node: Any, path: list[str]) -> None:
    """Puts objects in the place of their ids along `data.latest_charge.balance_transaction`."""
    if isinstance(node, list):
        for item in node:
            _expand(account, item, path)
        return
    name, *below = path
    if not isinstance(node, dict) or name not in node:
        raise ApiError(f"This property cannot be expanded ({name}).", param="expand", kept=False)
    if isinstance(node[name], str):
        node[name] = copy.deepcopy(account.find(node[name])) or node[name]
    if below and node[name] is not None:
        _expand(account, node[name], below)


def _balance(account: Account) -> Object:
    available = [
        {"amount": books["balance"], "currency": currency, "source_types": {"card": books["balance"]}}
        for currency, books in account.balances().items()
    ]
    return {"object": "balance", "available": available, "livemode": False, "pending": []}
