"""`make replay DATA=folder [ORDERS=n]`: lives through somebody's orders in the local shop and checks its reports.

Everything goes over HTTP, as the shop's own people would do it. What was done is remembered beside the shop's state,
and every command carries a key of its own, so that a replay that was interrupted goes on and repeats nothing.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tqdm import tqdm

from infra.local.client import Client, Refused
from infra.local.processes import ROOT, Trouble
from infra.local.replay.figures import Figures, differences, figures_of, units_by_sku
from infra.local.replay.layout import Dataset, Order, read
from infra.local.replay.rows import BadData
from infra.local.stripe.buyer import Buyer

CARD = ROOT / ".local/shop.json"
JOURNALS = ROOT / ".local/state"
AT_ONCE = 4
WAIT_SECONDS = 60
PASSWORD = "Replayed-orders-1"
LINES_A_DOCUMENT = 40


class Journal:
    """What has been done: ids by name, and the orders that are at their end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ids: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def once(self, name: str, make: Any) -> Any:
        """What `make()` gave the first time."""
        if name not in self.ids:
            self.ids[name] = make()
            self.save()
        return self.ids[name]

    def save(self) -> None:
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(json.dumps(self.ids), encoding="utf-8")
        unfinished.replace(self._path)


class Replay:
    def __init__(
        self, shop: dict[str, Any], name: str, data: Dataset, orders: tuple[Order, ...], journal: Journal
    ) -> None:
        self.shop, self.name, self.data, self.orders, self.journal = shop, name, data, orders, journal
        owner = next(user for user in shop["users"] if user["role"] == "owner")
        self.owner = Client(shop["api"]).sign_in(owner["username"], owner["password"])
        self.browser = Buyer(shop["stripe"])
        self.prefix = f"{name}-"

    # -- the shop is furnished
    def furnish(self) -> None:
        """Categories, products on sale, two stores with their stock, and the buyers."""
        for category in self.data.categories:
            self.journal.once(
                f"category {category.category_id}",
                lambda one=category: self.owner.post("/staff/categories", {"name": {"en": one.name}})["category_id"],
            )
        for product in tqdm(self.data.products, "Products", unit="", leave=False):
            self.journal.once(f"product {product.sku}", lambda one=product: self._product(one))
        for place, countries in self._territories().items():
            store_id = self.journal.once(f"store {place}", lambda p=place, c=countries: self._store(p, c))
            self._receive(store_id, [order for order in self.orders if order.ship_to.country in countries])
        for customer in tqdm(self.data.customers, "Buyers", unit="", leave=False):
            self.journal.once(f"buyer {customer.customer_id}", lambda one=customer: self._buyer(one))

    def _product(self, product: Any) -> str:
        made = self.owner.post(
            "/staff/products",
            {
                "name": {"en": product.name},
                **({"description": {"en": product.pack}} if product.pack else {}),
                "category_id": self.journal.ids[f"category {product.category_id}"],
                "skus": [{"sku": self.prefix + product.sku, "price_minor": product.price_minor}],
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
                "phone": "+351 210 000 000",
                "time_zone": "Europe/Lisbon",
                "point": {"latitude_micro": 38_722_000, "longitude_micro": -9_139_000},
                "address": {"name": place, "street": "Rua do Comércio 1", "city": "Lisboa", "country": "PT"},
                "serves": countries,
                "rank": 500,
            },
        )
        return str(opened["store_id"])

    def _receive(self, store_id: str, orders: Iterable[Order]) -> None:
        """The goods that these orders will need, booked in documents of forty lines."""
        needed = sorted(units_by_sku(orders).items())
        for start in range(0, len(needed), LINES_A_DOCUMENT):
            lines = [
                {"sku": self.prefix + sku, "units": units} for sku, units in needed[start : start + LINES_A_DOCUMENT]
            ]
            reference = f"{self.name}-{len(self.orders)}-{start}"
            self.journal.once(
                f"receipt {store_id} {reference}",
                lambda r=reference, n=lines: self.owner.post(
                    "/staff/stock-documents", {"kind": "receipt", "store_id": store_id, "reference": r, "lines": n}
                )["document_id"],
            )

    def _buyer(self, customer: Any) -> str:
        local, _, domain = customer.email.partition("@")
        email = f"{local}.{self.name.lower()}@{domain}"
        nobody = Client(self.shop["api"])
        try:
            nobody.post("/access/sign-up", {"email": email, "password": PASSWORD, "name": customer.contact})
        except Refused as refused:
            if refused.status != 409:
                raise
        return nobody.sign_in(email, PASSWORD).subject

    # -- the orders are lived through
    def live(self) -> None:
        """Placed in the order of their dates; what comes after runs side by side."""
        left = [order for order in self.orders if not self.journal.ids.get(f"order {order.order_id}")]
        bar = tqdm(total=len(self.orders), initial=len(self.orders) - len(left), desc="Orders", unit=" orders")
        with bar, ThreadPoolExecutor(AT_ONCE) as pool:
            running: dict[Future[None], Order] = {}
            for order in left:
                placed = self._place(order)
                if len(running) >= AT_ONCE:
                    self._collect(running, bar)
                running[pool.submit(self._finish, order, placed)] = order
            while running:
                self._collect(running, bar)

    def _collect(self, running: dict[Future[None], Order], bar: Any) -> None:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            order = running.pop(future)
            future.result()
            self.journal.ids[f"order {order.order_id}"] = True
            self.journal.save()
            bar.update()

    def _place(self, order: Order) -> Any:
        customer = next(one for one in self.data.customers if one.customer_id == order.customer_id)
        address = {key: value for key, value in asdict(order.ship_to).items() if value}
        return self.owner.post(
            "/staff/assisted-orders",
            {
                "buyer_id": self.journal.ids[f"buyer {order.customer_id}"],
                "address": address,
                "contact": {
                    "name": customer.contact,
                    "phone": customer.phone or "+351 210 000 000",
                    "email": customer.email,
                },
                "lines": [
                    {
                        "sku": self.prefix + line.sku,
                        "quantity": line.quantity,
                        "unit_price_minor": line.unit_price_minor,
                        "discount_basis_points": line.discount_basis_points,
                    }
                    for line in order.lines
                ],
                "freight_minor": order.freight_minor,
                "placed_at": _at(order.ordered_on, "00:00"),
                "reason": f"Order {order.order_id} of {self.name}",
            },
            key=f"{self.name}-{order.order_id}",
        )

    def _finish(self, order: Order, placed: Any) -> None:
        """From payment to completion, from wherever an interrupted replay left it."""
        order_id, status = placed["order"]["order_id"], placed["order"]["status"]
        if status == "awaiting_payment":
            payment = placed["payment"] or self.owner.post("/me/payments", {"order_id": order_id})
            self.browser.pay(payment["client_secret"])
        if status in ("awaiting_payment", "paid"):
            status = self._until_confirmed(order_id)
        if order.shipped_on is None:
            return
        if status == "confirmed":
            carrier = next(one for one in self.data.carriers if one.carrier_id == order.carrier_id)
            self.owner.post(
                "/staff/shipments",
                {
                    "order_id": order_id,
                    "carrier": "other",
                    "carrier_name": carrier.name,
                    "tracking_number": f"{self.name}-{order.order_id}".upper(),
                    "shipped_at": _at(order.shipped_on, "12:00"),
                },
            )
            status = "shipped"
        arrived = _at(order.shipped_on + timedelta(days=1), "12:00")
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

    # -- the reports are held against the files
    def judge(self) -> list[str]:
        """Prints both sides and returns what differs, once the facts that are still on their way have arrived."""
        expected = figures_of(self.orders)
        deadline = time.monotonic() + WAIT_SECONDS
        while (found := differences(expected, reported := self.report())) and time.monotonic() < deadline:
            time.sleep(1)
        show(expected, reported, self.data.currency)
        return found

    def report(self) -> Figures:
        span = {"from": self.orders[0].ordered_on.isoformat(), "to": self.orders[-1].ordered_on.isoformat()}
        days = self.owner.get("/staff/reports/sales", by="day", **span)
        months = self.owner.get("/staff/reports/sales", by="month", **span)
        total = days["total"]
        top = {
            sort: self.owner.get("/staff/reports/products", sort=sort, limit=10, **span)["items"]
            for sort in ("units", "revenue")
        }
        regions = self.owner.get("/staff/reports/regions", by="country", **span)["items"]
        return Figures(
            orders=total["orders"],
            units=total["units"],
            gross_minor=total["goods_minor"] + total["discount_minor"],
            discount_minor=total["discount_minor"],
            goods_minor=total["goods_minor"],
            freight_minor=total["freight_minor"],
            shipped=total["completed"],
            not_shipped=total["orders"] - total["completed"],
            top_by_units=tuple((one["sku"].removeprefix(self.prefix), one["units"]) for one in top["units"]),
            top_by_goods_minor=tuple(
                (one["sku"].removeprefix(self.prefix), one["revenue_minor"]) for one in top["revenue"]
            ),
            goods_minor_by_country={one["country"]: one["goods_minor"] for one in regions},
            goods_minor_by_month={one["period"]: one["goods_minor"] for one in months["series"]},
            goods_minor_by_day={one["period"]: one["goods_minor"] for one in days["series"]},
        )


def show(expected: Figures, reported: Figures, currency: str) -> None:
    """Both sides, line by line."""

    def row(label: str, ours: Any, theirs: Any, money: bool = False) -> None:
        said = [f"{value / 100:>18,.2f}" if money else f"{value!s:>18}" for value in (ours, theirs)]
        print(f"  {label:<30}{said[0]}{said[1]}  {'' if ours == theirs else '<- differs'}")

    print(f"\n  {f'in {currency}':<30}{'by the files':>18}{'by the reports':>18}")
    for name in ("orders", "units", "shipped", "not_shipped"):
        row(name.replace("_", " "), getattr(expected, name), getattr(reported, name))
    for name in ("gross_minor", "discount_minor", "goods_minor", "freight_minor"):
        row(name.removesuffix("_minor"), getattr(expected, name), getattr(reported, name), money=True)
    for (sku, ours), (other, theirs) in zip(expected.top_by_goods_minor, reported.top_by_goods_minor, strict=False):
        row(f"top goods {sku}" + ("" if sku == other else f" / {other}"), ours, theirs, money=True)
    for (sku, ours), (other, theirs) in zip(expected.top_by_units, reported.top_by_units, strict=False):
        row(f"top units {sku}" + ("" if sku == other else f" / {other}"), ours, theirs)
    for title, name in (("goods to", "goods_minor_by_country"), ("goods in", "goods_minor_by_month")):
        for key, ours in getattr(expected, name).items():
            row(f"{title} {key}", ours, getattr(reported, name).get(key, 0), money=True)


def replay(
    shop: dict[str, Any], folder: Path, count: int | None, currency: str, journals: Path = JOURNALS
) -> list[str]:
    """What differs between the shop's reports and the files, after their first `count` orders."""
    data = read(folder, currency)
    orders = data.orders[:count]
    if not orders:
        raise Trouble(f"There are no orders in {folder}.")
    name = "".join(filter(str.isalnum, folder.resolve().name.upper()))[:16] or "DATA"
    journals.mkdir(parents=True, exist_ok=True)
    run = Replay(shop, name, data, orders, Journal(journals / f"replay-{name.lower()}.json"))
    run.furnish()
    run.live()
    return run.judge()


def _at(day: date, clock: str) -> str:
    return f"{day.isoformat()}T{clock}:00.000Z"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make replay", description=__doc__)
    parser.add_argument("folder", type=Path, help="CSV files in the layout of infra/local/replay/README.md")
    parser.add_argument("--orders", type=int, help="only the first so many, by date")
    parser.add_argument("--currency", default="EUR")
    options = parser.parse_args()
    try:
        if not CARD.exists():
            raise Trouble("No shop runs here: `make run DETACH=1` starts one.")
        found = replay(json.loads(CARD.read_text(encoding="utf-8")), options.folder, options.orders, options.currency)
    except (Trouble, BadData, Refused) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    for difference in found:
        print(f"  {difference}", file=sys.stderr)
    print(f"\n{len(found)} differences." if found else "\nEvery figure agrees.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
