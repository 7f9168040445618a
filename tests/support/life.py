"""The life of one order of three lines, from looking around to its completion, with every step metered."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from souk.edge.caller import meet
from souk.kernel import ids, kept
from tests.support import usage, workflows
from tests.support.market import ADDRESS, CONTACT, SIZES, Market
from tests.support.meter import Counts, Meter
from tests.support.people import BOSS, People

# Pages that are looked at for each order, those of visitors who buy nothing among them.
TREES, SHELVES, PRODUCTS = 2, 6, 12
SHELF = 24  # products in the category: one page of twenty and some more
NAME = "Hand-thrown stoneware teapot with a bamboo handle, 1.2 litres, from Tokoname, no. {}"
LINES = 3


class Life:
    """Of one order after the other, each with a guest of its own and one member of the staff."""

    def __init__(self, market: Market, people: People, patch: pytest.MonkeyPatch) -> None:
        self.market, self.shop, self.people = market, market.shop, people
        self.shop.keep_in_memory()
        people.owner()
        store_id = market.store()
        self.store_id, self.category_id = store_id, market.category("Tea")
        small = {"options": {"size": "s"}, "cost_minor": 2100}
        sheets = [
            market.listed(self.category_id, NAME.format(n), code=f"TEAPOT-STONEWARE-{n}", options=[SIZES], skus=[small])
            for n in range(SHELF)
        ]
        self.products = [str(sheet["product_id"]) for sheet in sheets]
        self.lines = [{"sku": sheet["skus"][0]["sku"], "quantity": 2} for sheet in sheets[:LINES]]
        market.receive(store_id, {str(line["sku"]): 500 for line in self.lines})
        self.shop.drain()
        self.meter = Meter(self.shop, market.stripe, patch)

    def ask(self, token: str | None, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """A request as the gateway takes it, by way of the authorizer where somebody asks."""
        who = None
        if token:
            policy = self.people.authorize(f"Bearer {token}", method, path)
            who = meet({"requestContext": {"authorizer": policy["context"]}})
        return self.shop.call(method, path, body, as_=who, **more).ok()

    def live(self) -> None:
        meter, shop = self.meter, self.shop
        staff = self.people.sign_in(BOSS["email"]).ok()["id_token"]
        with meter.step("browse"):
            self.browse()
        with meter.step("come in as a guest"):
            guest = self.ask(None, "POST", "/access/guest", {})["token"]
        with meter.step("fill the cart"):
            for line in self.lines:
                self.ask(guest, "PUT", f"/me/cart/lines/{line['sku']}", {"quantity": line["quantity"]})
            self.ask(guest, "GET", "/me/cart")
        with meter.step("ask for a quote"):
            quote = self.ask(guest, "POST", "/me/quotes", {"lines": self.lines, "country": "PT"})
        with meter.step("check out"):
            placed = self.check_out(guest, quote["quote_id"])
            shop.drain()
        order_id = placed["order"]["order_id"]
        with meter.step("pay"):
            self.market.stripe.buyer.pay(placed["payment"]["client_secret"], "pm_card_visa")
            assert {answer.status for answer in self.market.hear()} == {200}
            self.ask(guest, "POST", f"/me/payments/{order_id}/return")
            shop.drain()
        steps = iter(workflows.walk(workflows.ORDER_LIFE, workflows.read(workflows.ORDER_LIFE)["StartAt"]))
        with meter.step("prepare"):
            self.enter(steps, "AwaitShipment", order_id)
        with meter.step("follow the order"):
            for _ in range(2):
                self.ask(guest, "GET", f"/me/orders/{order_id}")
        with meter.step("pick"):
            self.ask(staff, "GET", "/staff/picks", query={"store_id": self.store_id})
            self.ask(staff, "POST", f"/staff/picks/{order_id}/picked")
        with meter.step("ship"):
            units = {line["sku"]: line["quantity"] for line in self.lines}
            parcel = {"order_id": order_id, "carrier": "other", "tracking_number": f"T-{order_id[-12:]}"}
            self.ask(staff, "POST", "/staff/shipments", parcel | {"units": units})
            shop.drain()
            self.enter(steps, "AwaitReceipt", order_id)
        with meter.step("receive"):
            self.ask(guest, "POST", f"/me/orders/{order_id}/received")
            shop.drain()
        with meter.step("complete"):
            before = meter.counted("calls")
            shop.pass_time(days=30)
            meter.count(timers=meter.counted("calls") - before)
            shop.drain()
        assert next(steps, None) is None and self.market.order(order_id)["status"] == "completed"

    def browse(self) -> None:
        for _ in range(TREES):
            self.ask(None, "GET", "/shop/categories")
        for _ in range(SHELVES):
            self.ask(None, "GET", f"/shop/categories/{self.category_id}/products")
        for product_id in self.products[:PRODUCTS]:
            self.ask(None, "GET", f"/shop/products/{product_id}")

    def check_out(self, guest: str, quote_id: str) -> Any:
        request = {"lines": self.lines, "quote_id": quote_id, "address": ADDRESS, "contact": CONTACT}
        return self.ask(guest, "POST", "/me/checkout", request, headers={"Idempotency-Key": ids.new("key")})

    def enter(self, steps: Any, state: str, order_id: str) -> None:
        assert next(steps) == state
        self.meter.count(transitions=1)
        self.shop.invoke(state, {"order_id": order_id, "correlation_id": "c" * 36, "token": f"token of {state}"})
        self.shop.drain()


def metered(market: Market, people: People, patch: pytest.MonkeyPatch) -> dict[str, Counts]:
    """Step by step what one order costs where it is one of many: what processes keep for a while, they have."""
    ids.use(random.Random(7))  # what is packed has the same size each time
    life = Life(market, people, patch)
    life.live()
    patch.setattr(kept, "_answers", _ForGood(kept._answers))
    life.meter.steps.clear()
    life.live()
    return life.meter.counts()


class _ForGood(usage.OfEach):
    def get(self, key: Any, default: Any = None) -> Any:
        found = super().get(key, default)
        return found and (datetime.max.replace(tzinfo=UTC), found[1])
