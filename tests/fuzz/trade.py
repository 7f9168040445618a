"""A shop in the middle of its trade: orders in every state, people of every kind, and what is nobody else's to read."""

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto.cognitoidp.models import cognitoidp_backends
from moto.moto_api._internal import mock_random

from souk.domains.access.actions import callers
from souk.kernel import ids
from souk.kernel.caller import Caller
from tests.support.market import ADDRESS, COLOURS, CONTACT, Market
from tests.support.people import EMAIL, PASSWORD, People
from tests.support.shop import ACCOUNT, REGION, Shop, opened
from tests.support.stripe import running

# What is told to the shop of Otto, and of the store that he buys at; each is unlike any other text.
CANARIES = {
    name: f"canary-{name}"
    for name in ("name", "nickname", "street", "city", "region", "plea", "manager", "note", "reference", "clerk")
} | {"phone": "+49 5550 100-7788", "email": "canary-email@example.com", "postal": "C4N4RY-2"}
OTTOS_ADDRESS = ADDRESS | {name: CANARIES[name] for name in ("name", "street", "city", "region")}
OTTOS_ADDRESS |= {"postal_code": CANARIES["postal"]}
OTTOS_CONTACT = {name: CANARIES[name] for name in ("name", "phone", "email")}
OTTOS = {"address": OTTOS_ADDRESS, "contact": OTTOS_CONTACT}
CLERK = {"name": "Rita Lopes", "email": "rita@souk.example", "password": PASSWORD}
# Of each kind of row, the fields by which requests name it.
KNOWN = {
    "Order": ("order_id", "number"),
    "Product": ("product_id",),
    "Sku": ("sku",),
    "Category": ("category_id",),
    "RefundCase": ("case_id",),
    "Refund": ("refund_id",),
    "Shipment": ("shipment_id",),
    "StockDocument": ("document_id",),
    "Message": ("message_id",),
}


@dataclass
class Trade:
    """`callers` by the names that requests use for them, `known` real values by the names of fields."""

    market: Market
    people: People
    callers: dict[str, Caller] = field(default_factory=dict)
    known: dict[str, list[str | int]] = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        return self.market.shop

    def know(self, **values: str | int) -> None:
        for name, value in values.items():
            self.known.setdefault(name, []).append(value)

    def meet(self, name: str, token: str) -> Caller:
        """Whom the authorizer makes of a token."""
        self.callers[name] = callers.recognise(f"Bearer {token}")
        self.know(caller_id=self.callers[name].id, buyer_id=self.callers[name].id)
        return self.callers[name]


@contextmanager
def trading(seed: int) -> Iterator[Trade]:
    """The same seed is the same shop, down to its ids."""
    with pytest.MonkeyPatch.context() as patch, running() as stripe, opened(patch) as shop:
        patch.setenv("STRIPE_API", stripe.url)
        boto3.client("sesv2").create_email_identity(EmailIdentity=os.environ["MAIL_FROM"])
        ids.use(random.Random(seed))
        mock_random.seed(seed)
        shop.keep_in_memory()
        trade = Trade(Market(shop, stripe), People(shop, patch))
        _refuse_unknown_refresh_tokens(trade.people)
        fill(trade)
        yield trade


def _refuse_unknown_refresh_tokens(people: People) -> None:
    """As the user pool does; moto ends in a KeyError."""
    pool = cognitoidp_backends[ACCOUNT][REGION].user_pools[people.pool_id]
    pool.refresh_tokens = defaultdict(lambda: None, pool.refresh_tokens)


def fill(trade: Trade) -> None:
    trade.shop.boss = trade.meet("owner", trade.people.owner())
    near, far = trade.market.store(), trade.market.store("Souk Baixa", manager=CANARIES["manager"])
    _hire_and_sign_up(trade, near, far)
    _stock_up(trade, near, far)
    _sell(trade, trade.callers["ines"], "CUP", {"address": ADDRESS, "contact": CONTACT}, "It came in pieces")
    _sell(trade, trade.callers["otto"], "POT", OTTOS, CANARIES["plea"])
    trade.shop.drain()
    _learn(trade, near, far)


def _hire_and_sign_up(trade: Trade, near: str, far: str) -> None:
    shop, people = trade.shop, trade.people
    far_clerk = CLERK | {"name": CANARIES["clerk"], "email": f"{CANARIES['clerk']}@souk.example"}
    for clerk, store_id in ((CLERK, near), (far_clerk, far)):
        manager = {"roles": ["store_manager"], "stores": [store_id]}
        shop.post("/staff/people", {**clerk, **manager}, as_=shop.boss).ok()
    trade.meet("clerk", people.sign_in(CLERK["email"]).ok()["id_token"])
    session = people.sign_up().ok()
    trade.meet("ines", session["id_token"])
    otto = {"email": CANARIES["email"], "name": CANARIES["name"], "password": PASSWORD}
    trade.meet("otto", shop.post("/access/sign-up", otto).ok()["id_token"])
    for buyer, address, nickname in (("ines", ADDRESS, "Nê"), ("otto", OTTOS_ADDRESS, CANARIES["nickname"])):
        who = trade.callers[buyer]
        trade.know(address_id=shop.post("/me/addresses", {"address": address}, as_=who).ok()["address_id"])
        shop.call("PATCH", "/me/profile", {"nickname": nickname}, as_=who).ok()
    guest = shop.post("/access/guest").ok()["token"]
    trade.meet("guest", guest)
    trade.know(email=EMAIL, password=PASSWORD, refresh_token=session["refresh_token"], guest_token=guest)


def _stock_up(trade: Trade, near: str, far: str) -> None:
    """Cups are only in the near store, pots only in the far one; a lamp in two colours is not on sale yet."""
    market, shop = trade.market, trade.shop
    market.goods({"CUP": 1099, "MUG": 800}, {near: 500})
    market.goods({"POT": 4567}, {})
    lines = [{"sku": "POT", "units": 500}]
    secret = {"reference": CANARIES["reference"], "note": CANARIES["note"]}
    receipt = {"kind": "receipt", "store_id": far, "lines": lines, **secret}
    shop.post("/staff/stock-documents", receipt, as_=shop.boss).ok()
    market.product(market.category("Lamps"), "Lamp", code="LAMP", options=[COLOURS])
    shop.post("/me/cart/lines", {"sku": "CUP", "quantity": 2}, as_=trade.callers["guest"]).ok()


def _sell(trade: Trade, buyer: Caller, sku: str, told: dict[str, Any], plea: str) -> None:
    """An order in every state, and a case of each kind."""
    market, shop, wanted = trade.market, trade.shop, {sku: 3}
    market.place(wanted, by=buyer, **told)
    shop.post(f"/me/orders/{market.place(wanted, by=buyer, **told)}/cancel", {"reason": plea}, as_=buyer).ok()
    states = [_buy(market, wanted, buyer, told) for _ in range(5)]
    for order_id in states[1:]:
        market.prepare(order_id)
    for order_id in states[2:]:
        market.ship(order_id, tracking_number=f"PARCEL-{order_id[-8:]}").ok()
    for order_id in states[3:]:
        shop.post(f"/me/orders/{order_id}/received", as_=buyer).ok()
    shop.post(f"/staff/orders/{states[4]}/complete", as_=shop.boss)
    for order_id, verb in zip(states[2:4], ("ask", "approve"), strict=True):
        wish = {"order_id": order_id, "lines": [{"sku": sku, "quantity": 1}], "reason": "damaged", "text": plea}
        case_id = shop.post("/me/refunds", wish, as_=buyer).ok()["case_id"]
        shop.post(f"/staff/refunds/{case_id}/{verb}", {"text": plea}, as_=shop.boss).ok()


def _buy(market: Market, wanted: dict[str, int], buyer: Caller, told: dict[str, Any]) -> str:
    placed = market.checkout(wanted, by=buyer, **told)
    market.pay(placed)
    market.hear()
    market.shop.drain()
    return str(placed["order"]["order_id"])


def _learn(trade: Trade, near: str, far: str) -> None:
    """What a client could have seen, so that requests name things that are there."""
    for kind, names in KNOWN.items():
        for row in trade.shop.rows(kind):
            trade.know(**{name: row[name] for name in names})
    quote = trade.market.quote({"CUP": 1}, by=trade.callers["ines"]).ok()
    trade.know(quote_id=quote["quote_id"], store_id=near, stores=near, subject=near, month="2026-11", version=1)
    trade.know(store_id=far, status="paid", version=2, option="colour", value="black")
