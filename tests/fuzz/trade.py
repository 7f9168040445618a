"""The fair in the middle of its trade: orders in every state, and callers by the names that requests use for them."""

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from moto.cognitoidp.models import cognitoidp_backends
from moto.moto_api._internal import mock_random

from souk.domains.access.actions import callers
from souk.kernel import ids
from souk.kernel.caller import Caller
from tests.support import fair as fairs
from tests.support.context import ACCOUNT, REGION
from tests.support.fair import Fair, Side
from tests.support.market import Market
from tests.support.people import PASSWORD, People
from tests.support.shop import Shop, opened
from tests.support.stripe import running

# What Bo tells the shop, and the store that Bo buys from.
CANARIES = fairs.said("bo")
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
    "Transfer": ("transfer_id", "from_store_id"),
    "PurchaseOrder": ("purchase_id",),
    "Stocktake": ("stocktake_id",),
    "Message": ("message_id",),
}
# Of each side, what requests name beside.
OF_SIDES = (
    "store_id",
    "address_id",
    "shortage_id",
    "channel",
    "country",
    "type_id",
    "media_id",
    "upload_id",
    "import_id",
    "option",
    "value",
)


@dataclass
class Trade:
    """`known` holds real values by the names of fields."""

    fair: Fair
    people: People
    callers: dict[str, Caller] = field(default_factory=dict)
    known: dict[str, list[str | int]] = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        return self.fair.shop

    def know(self, **values: str | int) -> None:
        for name, value in values.items():
            if value not in self.known.setdefault(name, []):
                self.known[name].append(value)

    def meet(self, name: str, caller: Caller) -> None:
        self.callers[name] = caller
        self.know(caller_id=caller.id, buyer_id=caller.id)


@contextmanager
def trading(seed: int) -> Iterator[Trade]:
    """The same seed is the same shop, down to its ids."""
    with pytest.MonkeyPatch.context() as patch, running() as stripe, opened(patch) as shop:
        patch.setenv("STRIPE_API", stripe.url)
        ids.use(random.Random(seed))
        mock_random.seed(seed)
        shop.keep_in_memory()
        market, people = Market(shop, stripe), People(shop, patch)
        _refuse_unknown_refresh_tokens(people)
        shop.boss = _recognised(people.owner())
        trade = Trade(fairs.build(market, people), people)
        _come_in(trade)
        for buyer, side in (("ana", "ours"), ("bo", "theirs")):
            _go_on(market, trade.fair.sides[side], trade.callers[buyer])
        shop.drain()
        _learn(trade)
        yield trade


def _refuse_unknown_refresh_tokens(people: People) -> None:
    """As the user pool does; moto ends in a KeyError."""
    pool = cognitoidp_backends[ACCOUNT][REGION].user_pools[people.pool_id]
    pool.refresh_tokens = defaultdict(lambda: None, pool.refresh_tokens)


def _recognised(token: str) -> Caller:
    return callers.recognise(f"Bearer {token}")


def _come_in(trade: Trade) -> None:
    ours, theirs = trade.fair.sides["ours"], trade.fair.sides["theirs"]
    session = trade.people.sign_in(ours["email"]).ok()
    guest = trade.shop.post("/access/guest").ok()["token"]
    trade.meet("owner", trade.shop.boss)
    trade.meet("clerk", _recognised(trade.people.sign_in(fairs.clerk_email(ours)).ok()["id_token"]))
    trade.meet("ana", _recognised(session["id_token"]))
    trade.meet("bo", _recognised(trade.people.sign_in(theirs["email"]).ok()["id_token"]))
    trade.meet("guest", _recognised(guest))
    trade.shop.post("/me/cart/lines", {"sku": "CUP", "quantity": 2}, as_=trade.callers["guest"]).ok()
    trade.know(email=ours["email"], password=PASSWORD, refresh_token=session["refresh_token"], guest_token=guest)


def _go_on(market: Market, side: Side, buyer: Caller) -> None:
    """Orders as the fair has none yet: cancelled, received and complete; and a case of which more is asked."""
    shop = market.shop
    placed = [fairs.place(market, side, buyer) for _ in range(3)]
    cancelled, received, complete = (str(one["order"]["order_id"]) for one in placed)
    shop.post(f"/me/orders/{cancelled}/cancel", {"reason": side["plea"]}, as_=buyer).ok()
    for paid in placed[1:]:
        market.pay(paid)
    market.hear()
    for order_id in (received, complete):
        market.prepare(order_id)
        market.ship(order_id).ok()
        shop.post(f"/me/orders/{order_id}/received", as_=buyer).ok()
    shop.post(f"/staff/orders/{complete}/complete", as_=shop.boss).ok()
    case_id = fairs.ask_back(shop, side | {"order_id": received}, side["sku"], buyer)
    shop.post(f"/staff/refunds/{case_id}/ask", {"text": side["plea"]}, as_=shop.boss).ok()


def _learn(trade: Trade) -> None:
    """What a client could have seen, so that requests name things that are there."""
    for kind, names in KNOWN.items():
        for row in trade.shop.rows(kind):
            trade.know(**{name: row[name] for name in names})
    for side in (trade.fair.sides["ours"], trade.fair.sides["theirs"]):
        trade.know(**{name: side[name] for name in OF_SIDES}, subject=side["order_id"], stores=side["store_id"])
    quote = trade.shop.post(
        "/me/quotes", {"lines": [{"sku": "CUP", "quantity": 1}], "country": "PT"}, as_=trade.callers["ana"]
    ).ok()
    trade.know(quote_id=quote["quote_id"], month="2026-11", status="paid")
    for version in (1, 2):
        trade.know(version=version)
