"""Furnishes the shop for a data set and lives through its orders over HTTP, as the shop's own people would."""

import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from datetime import date
from functools import partial
from itertools import count
from typing import Any

from tqdm import tqdm

from infra.local.client import Client, Refused, receipts
from infra.local.processes import Trouble
from infra.local.replay.figures import units_by_sku
from infra.local.replay.journal import Journal
from infra.local.replay.layout import Category, Customer, Dataset, Order, Product
from infra.local.stripe.buyer import Buyer

AT_ONCE = 4
WAIT_SECONDS = 60
PASSWORD = "Replayed-orders-1"
PHONE = "+351 210 000 000"


class Runner:
    """Every command carries a key or a name of its own, so that none is done twice."""

    def __init__(self, shop: dict[str, Any], owner: Client, name: str, data: Dataset, journal: Journal) -> None:
        self.shop, self.owner, self.name, self.data, self.journal = shop, owner, name, data, journal
        self.browser = Buyer(shop["stripe"])
        self.customers = {customer.customer_id: customer for customer in data.customers}
        self.carriers = {carrier.carrier_id: carrier for carrier in data.carriers}

    def furnish(self) -> None:
        """Categories, products on sale, two stores with the goods for all orders of the files, and the buyers."""
        for category in self.data.categories:
            self.journal.once(f"category {category.category_id}", partial(self._category, category))
        for product in tqdm(self.data.products, "Products", unit="", leave=False):
            self.journal.once(f"product {product.sku}", partial(self._product, product))
        territories = self._territories()
        stores = [
            self.journal.once(f"store {place}", partial(self._store, place, countries))
            for place, countries in territories.items()
        ]
        remaining = {product.sku: product.units_in_stock for product in self.data.products if product.units_in_stock}
        self._receive(stores[0], "remaining", remaining)
        for store_id, countries in zip(stores, territories.values(), strict=True):
            served = (order for order in self.data.orders if order.ship_to.country in countries)
            self._receive(store_id, "ordered", units_by_sku(served))
        for customer in tqdm(self.data.customers, "Buyers", unit="", leave=False):
            self.journal.once(f"buyer {customer.customer_id}", partial(self._buyer, customer))

    def _sku(self, sku: str) -> str:
        return f"{self.name}-{sku}"

    def _category(self, category: Category) -> str:
        return str(self.owner.post("/staff/categories", {"name": {"en": category.name}})["category_id"])

    def _product(self, product: Product) -> str:
        made = self.owner.post(
            "/staff/products",
            {
                "name": {"en": product.name},
                **({"description": {"en": product.pack}} if product.pack else {}),
                "category_id": self.journal[f"category {product.category_id}"],
                "skus": [{"sku": self._sku(product.sku), "price_minor": product.price_minor}],
            },
        )
        self.owner.post(f"/staff/listings/{made['product_id']}/list")
        return str(made["product_id"])

    def _territories(self) -> dict[str, list[str]]:
        """Two stores that share the countries of the data between them."""
        countries = sorted({order.ship_to.country for order in self.data.orders})
        return {"North": countries[::2], "South": countries[1::2]} if len(countries) > 1 else {"North": countries}

    def _store(self, place: str, countries: list[str]) -> str:
        opened = self.owner.post(
            "/staff/stores",
            {
                "name": f"{self.name.title()} {place}",
                "manager": "Replay",
                "phone": PHONE,
                "time_zone": "Europe/Lisbon",
                "point": {"latitude_micro": 38_722_000, "longitude_micro": -9_139_000},
                "address": {"name": place, "street": "Rua do Comércio 1", "city": "Lisboa", "country": "PT"},
                "serves": countries,
                "rank": 500,
            },
        )
        return str(opened["store_id"])

    def _receive(self, store_id: str, why: str, units: Mapping[str, int]) -> None:
        mine = {self._sku(sku): number for sku, number in units.items()}
        for receipt in receipts(store_id, f"{self.name}-{why}", mine):
            self.journal.once(f"receipt {receipt['reference']} of {store_id}", partial(self._book, receipt))

    def _book(self, receipt: dict[str, Any]) -> str:
        return str(self.owner.post("/staff/stock-documents", receipt)["document_id"])

    def _buyer(self, customer: Customer) -> str:
        local, _, domain = customer.email.partition("@")
        email = f"{local}.{self.name.lower()}@{domain}"
        nobody = Client(self.shop["api"])
        try:
            nobody.post("/access/sign-up", {"email": email, "password": PASSWORD, "name": customer.contact})
        except Refused as refused:
            if refused.status != 409:
                raise
        return nobody.sign_in(email, PASSWORD).subject

    def live(self, orders: tuple[Order, ...]) -> None:
        """Placed in the order of their dates; what comes after runs side by side."""
        left = [order for order in orders if f"order {order.order_id}" not in self.journal]
        bar = tqdm(total=len(orders), initial=len(orders) - len(left), desc="Orders", unit=" orders")
        running: dict[Future[None], Order] = {}
        with bar, ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                for order in left:
                    self.journal.need_to_go_on()
                    placed = self._place(order)
                    if len(running) >= AT_ONCE:
                        self._collect(running, bar)
                    running[pool.submit(self._finish, order, placed)] = order
            finally:
                while running:
                    self._collect(running, bar)

    def _collect(self, running: dict[Future[None], Order], bar: Any) -> None:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            order = running.pop(future)
            try:
                future.result()
            except Refused as refused:
                raise Trouble(f"The shop refuses a step of order {order.order_id}: {refused}") from refused
            self.journal.write(f"order {order.order_id}", True)
            bar.update()

    def _place(self, order: Order) -> Any:
        """The order as it is placed now or was before; one that an interrupted replay left unpaid is placed anew."""
        customer = self.customers[order.customer_id]
        request = {
            "buyer_id": self.journal[f"buyer {order.customer_id}"],
            "address": {key: value for key, value in asdict(order.ship_to).items() if value},
            "contact": {"name": customer.contact, "phone": customer.phone or PHONE, "email": customer.email},
            "lines": [
                {
                    "sku": self._sku(line.sku),
                    "quantity": line.quantity,
                    "unit_price_minor": line.unit_price_minor,
                    "discount_basis_points": line.discount_basis_points,
                }
                for line in order.lines
            ],
            "freight_minor": order.freight_minor,
            "placed_at": _at(order.ordered_on, "00:00"),
            "reason": f"Order {order.order_id} of {self.name}",
        }
        try:
            for attempt in count(1):
                key = f"{self.name}-{order.order_id}-{attempt}"
                placed = self.owner.post("/staff/assisted-orders", request, key=key)
                if placed["order"]["status"] != "cancelled":
                    break
        except Refused as refused:
            raise Trouble(f"The shop refuses order {order.order_id}: {refused}") from refused
        return placed

    def _finish(self, order: Order, placed: Any) -> None:
        """From payment to completion, from wherever an interrupted replay left it."""
        order_id, status = placed["order"]["order_id"], placed["order"]["status"]
        if status == "awaiting_payment":
            if placed["payment"] is None:
                raise Trouble(f"Stripe does not answer for order {order.order_id}; the same command goes on from here.")
            self.browser.pay(placed["payment"]["client_secret"])
        if status in ("awaiting_payment", "paid"):
            status = self._until_confirmed(order_id)
        if order.shipped_on is None:
            return
        if status == "confirmed":
            self.owner.post(
                "/staff/shipments",
                {
                    "order_id": order_id,
                    "carrier": "other",
                    "carrier_name": self.carriers[str(order.carrier_id)].name,
                    "tracking_number": f"{self.name}-{order.order_id}".upper(),
                    "units": {line["sku"]: line["quantity"] for line in placed["order"]["lines"]},
                    "shipped_at": _at(order.shipped_on, "12:00"),
                },
            )
            status = "shipped"
        arrived = _at(order.shipped_on, "18:00")
        if status == "shipped":
            self.owner.post(f"/staff/orders/{order_id}/received", {"at": arrived})
            status = "received"
        if status == "received":
            self._complete(order_id, arrived)

    def _complete(self, order_id: str, at: str) -> None:
        """By hand; an order of long ago may have completed itself at the same moment."""
        try:
            self.owner.post(f"/staff/orders/{order_id}/complete", {"at": at})
        except Refused as refused:
            if refused.status != 409 or self.owner.get(f"/staff/orders/{order_id}")["status"] != "completed":
                raise

    def _until_confirmed(self, order_id: str) -> str:
        deadline = time.monotonic() + WAIT_SECONDS
        while (status := self.owner.get(f"/staff/orders/{order_id}")["status"]) in ("awaiting_payment", "paid"):
            if time.monotonic() > deadline:
                raise Trouble(f"Order {order_id} is still {status} after {WAIT_SECONDS} s.")
            time.sleep(0.1)
        return str(status)


def _at(day: date, clock: str) -> str:
    return f"{day.isoformat()}T{clock}:00.000Z"
