"""Visitors of a shop, for locust: of a hundred requests ninety look around, eight fill carts, two are orders.

Each visitor is a guest whose choices follow from SEED and their number, so a run can be repeated. An order is quoted,
placed and paid, which are requests of their own; they are few, and counted by name.
"""

import os
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from locust import FastHttpUser, between, task

from infra.local.stripe.buyer import Buyer
from tests.support.market import ADDRESS, CONTACT

NOT_A_FAULT = {409}  # sold out, or a price that has changed: the shop's right answer


class Visitor(FastHttpUser):
    wait_time = between(0.0, 0.5)
    network_timeout = connection_timeout = 30.0
    coming: ClassVar[int] = 0

    def on_start(self) -> None:
        self.chance = Random(f"{os.environ['SEED']}/{Visitor.coming}")
        Visitor.coming += 1
        self.headers: dict[str, str] = {}
        self.headers["Authorization"] = f"Bearer {self.ask('POST', '/access/guest')['token']}"
        self.shelves = [shelf["category_id"] for shelf in self.ask("GET", "/shop/categories")["items"]]
        self.seen: list[str] = []
        self.goods: list[str] = []

    @task(40)
    def look_along_a_shelf(self) -> None:
        page = self.ask("GET", f"/shop/categories/{self.chance.choice(self.shelves)}/products", "/shop/categories/*")
        self.seen = [one["product_id"] for one in page.get("items", [])] or self.seen

    @task(50)
    def look_at_a_product(self) -> None:
        if not self.seen:
            return self.look_along_a_shelf()
        product = self.ask("GET", f"/shop/products/{self.chance.choice(self.seen)}", "/shop/products/*")
        self.goods = [sku["sku"] for sku in product.get("skus", [])] or self.goods
        return None

    @task(8)
    def put_into_the_cart(self) -> None:
        if not self.goods:
            return self.look_at_a_product()
        line = {"quantity": self.chance.randint(1, 3)}
        self.ask("PUT", f"/me/cart/lines/{self.chance.choice(self.goods)}", "/me/cart/lines/*", line)
        return None

    @task(2)
    def order(self) -> None:
        if not self.goods:
            return self.look_at_a_product()
        lines = [{"sku": self.chance.choice(self.goods), "quantity": self.chance.randint(1, 2)}]
        quote = self.ask("POST", "/me/quotes", body={"lines": lines, "country": ADDRESS["country"]})
        if "quote_id" not in quote:
            return None
        wanted = {"lines": lines, "quote_id": quote["quote_id"], "address": ADDRESS, "contact": CONTACT}
        key = str(UUID(int=self.chance.getrandbits(128)))
        placed = self.ask("POST", "/me/checkout", body=wanted, headers={"Idempotency-Key": key})
        if placed.get("payment") and self.chance.random() < 0.9:
            Buyer(os.environ["STRIPE"]).pay(placed["payment"]["client_secret"])
            self.ask("POST", f"/me/payments/{placed['order']['order_id']}/return", "/me/payments/*/return", {})
        return None

    def ask(
        self,
        method: str,
        path: str,
        name: str | None = None,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The answer's JSON; empty where the shop said no. Anything but a good answer or a conflict is a failure."""
        sent = {**self.headers, **(headers or {})}
        if method == "POST" and body is None:
            body = {}
        with self.client.request(
            method, path, name=f"{method} {name or path}", json=body, headers=sent, catch_response=True
        ) as answer:
            if answer.status_code in NOT_A_FAULT:
                answer.success()
                return {}
            if answer.status_code >= 300 or not answer.status_code:
                return {}
            said: dict[str, Any] = answer.json()
            return said
