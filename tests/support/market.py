"""A market to trade in: goods on sale in stores with stock, their buyers and orders, all by way of the shop's doors."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from souk.domains.access.model.rights import PROFILE, SHOP
from souk.kernel import kept
from souk.kernel.caller import Caller
from tests.support.shop import Answer, Shop
from tests.support.stripe import Stripe

INES = Caller(id="mem_ines", kind="member", may=frozenset({SHOP, PROFILE}))
OTTO = Caller(id="mem_otto", kind="member", may=frozenset({SHOP, PROFILE}))
CONTACT = {"name": "Inês Carvalho", "phone": "+351 910 000 117", "email": "ines@example.com"}
ADDRESS = {
    "name": "Inês Carvalho",
    "street": "Avenida do Jardim 200",
    "city": "Lisboa",
    "postal_code": "1250-140",
    "country": "PT",
}
STORE = {
    "name": "Souk Chiado",
    "phone": "+351 21 000 0001",
    "time_zone": "Europe/Lisbon",
    "manager": "Rita Lopes",
    "address": {"name": "Souk Chiado", "street": "Rua Garrett 10", "city": "Lisboa", "country": "PT"},
    "point": {"latitude_micro": 38_710_600, "longitude_micro": -9_141_500},
}


RENT = {
    "reference": "RENT-7",
    "currency": "EUR",
    "note": "rent of November",
    "postings": [{"account": "other_expense", "minor": 100}, {"account": "bank", "minor": -100}],
}


# Of which nobody knows for what it came.
STRAY = {"bank_reference": "ST-7", "received_on": "2026-11-02", "amount_minor": 700, "currency": "EUR"}


def text(name: str) -> dict[str, str]:
    return {"en": name, "zh": f"{name}（中文）"}


def option(code: str, *values: str) -> dict[str, Any]:
    named = [{"code": value, "name": text(value.title())} for value in values]
    return {"code": code, "name": text(code.title()), "values": named}


COLOURS, SIZES = option("colour", "black", "indigo"), option("size", "s", "m", "l")


def draft(category_id: str, name: str = "Teapot", **more: Any) -> dict[str, Any]:
    said = {"origin": "JP", "price_minor": 5900, "description": text("Cast iron")}
    return {"name": text(name), "category_id": category_id, **said, **more}


def agreed_to(quoted: Any) -> dict[str, Any]:
    """What an order says of the quote that it is placed for."""
    charge = quoted["charge"]
    return {"quote_id": quoted["quote_id"]} | ({"rate_lock": charge["rate_lock"]} if charge else {})


@dataclass
class Market:
    shop: Shop
    stripe: Stripe
    category_id: str = ""

    def set_up(self, **edit: Any) -> None:
        """Head office changes the shop's settings, and every process knows it."""
        settings = self.shop.get("/staff/settings", as_=self.shop.boss).ok()
        self.shop.put("/staff/settings", settings | edit, as_=self.shop.boss).ok()
        kept.forget_all()

    def set_rates(self, **rates: str) -> None:
        """How much of each currency a euro is worth; a minute later every process knows it."""
        self.shop.post("/staff/rates", {"rates": rates}, as_=self.shop.boss).ok()
        self.shop.pass_time(minutes=1)
        kept.forget_all()

    # -- the stores and what they sell
    def store(self, name: str = "Souk Chiado", **terms: Any) -> str:
        made = self.shop.post("/staff/stores", STORE | {"name": name} | terms, as_=self.shop.boss).ok()
        kept.forget_all()  # a process knows the stores for twenty seconds: the first buyer comes later
        return str(made["store_id"])

    def category(self, name: str = "Tea", parent_id: str | None = None, **more: Any) -> str:
        said = {"name": text(name), "parent_id": parent_id, **more}
        return str(self.shop.post("/staff/categories", said, as_=self.shop.boss).ok()["category_id"])

    def product(self, category_id: str, name: str = "Teapot", **more: Any) -> dict[str, Any]:
        """As staff see it; not on sale yet."""
        said = draft(category_id, name, **more)
        return dict(self.shop.post("/staff/products", said, as_=self.shop.boss).ok())

    def listed(self, category_id: str, name: str = "Teapot", **more: Any) -> dict[str, Any]:
        made = self.product(category_id, name, **more)
        self.put_on_shelf(made["product_id"])
        return made

    def goods(
        self,
        prices: dict[str, int],
        stock: dict[str, int] | None = None,
        listed: bool = True,
        costs: dict[str, int] | None = None,
    ) -> dict[str, str]:
        """Products with one SKU each, on sale; `stock` says how many of each of them a store has. SKU -> product id."""
        self.category_id = self.category_id or self.category("Goods")
        make, known = self.listed if listed else self.product, costs or {}
        skus = {sku: {"sku": sku} | ({"cost_minor": known[sku]} if sku in known else {}) for sku in prices}
        products = {
            sku: str(make(self.category_id, sku.title(), price_minor=price, skus=[skus[sku]])["product_id"])
            for sku, price in prices.items()
        }
        for store_id, units in (stock or {}).items():
            self.receive(store_id, dict.fromkeys(prices, units))
        return products

    def put_on_shelf(self, product_id: str) -> None:
        self.shop.post(f"/staff/listings/{product_id}/list", as_=self.shop.boss).ok()

    def delist(self, product_id: str) -> None:
        self.shop.post(f"/staff/listings/{product_id}/delist", {"reason": "test"}, as_=self.shop.boss).ok()

    def set_price(self, product_id: str, sku: str, price_minor: int) -> None:
        path = f"/staff/products/{product_id}/skus/{sku}"
        sheet = self.shop.get(f"/staff/products/{product_id}", as_=self.shop.boss).ok()
        version = next(one["version"] for one in sheet["skus"] if one["sku"] == sku)
        self.shop.call("PATCH", path, {"version": version, "price_minor": price_minor}, as_=self.shop.boss).ok()

    def receive(
        self, store_id: str, units: dict[str, int], reference: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Goods in, as head office books them; the document."""
        document = {
            "kind": "receipt",
            "store_id": store_id,
            "reference": reference or f"in-{self.shop.next_number()}",
            "lines": [{"sku": sku, "units": n} for sku, n in units.items()],
            **more,
        }
        return dict(self.shop.post("/staff/stock-documents", document, as_=self.shop.boss).ok())

    def stock(self, sku: str) -> dict[str, int]:
        """The sums over all stores."""
        found = self.shop.get(f"/staff/stock/{sku}", as_=self.shop.boss).ok()
        return {name: found[name] for name in ("on_hand", "reserved", "available")}

    def level(self, sku: str, store_id: str) -> tuple[int, int, int]:
        """On hand, reserved, available in one store."""
        found = self.shop.get(f"/staff/stock/{sku}/{store_id}", as_=self.shop.boss).ok()
        return found["on_hand"], found["reserved"], found["available"]

    def entries(self, sku: str, store_id: str) -> list[dict[str, Any]]:
        """The ledger of a SKU in a store, from its beginning."""
        path = f"/staff/stock/{sku}/{store_id}/entries"
        return list(self.shop.get(path, as_=self.shop.boss, limit=100).ok()["items"])

    # -- an order, step by step
    def quote(self, wanted: dict[str, int], country: str = "PT", by: Caller = INES, **more: Any) -> Answer:
        return self.shop.post("/me/quotes", {"lines": _lines(wanted), "country": country, **more}, as_=by)

    def checkout(
        self,
        wanted: dict[str, int],
        by: Caller = INES,
        key: str | None = None,
        quote_id: str | None = None,
        **more: Any,
    ) -> Answer:
        """An order for today's quote, unless another is named."""
        agreed = {"quote_id": quote_id} if quote_id else agreed_to(self.quote(wanted, by=by).ok())
        request = {"lines": _lines(wanted), "address": ADDRESS, "contact": CONTACT, **agreed, **more}
        headers = {"Idempotency-Key": key or f"key-{self.shop.next_number()}"}
        return self.shop.post("/me/checkout", request, as_=by, headers=headers)

    def assisted(self, *lines: dict[str, Any], reason: str = "by telephone") -> str:
        """An order that staff take down in the buyer's name, paid and told to everybody; its id."""
        order = {"buyer_id": INES.id, "address": ADDRESS, "contact": CONTACT, "lines": lines, "reason": reason}
        headers = {"Idempotency-Key": f"key-{self.shop.next_number()}"}
        placed = self.shop.post("/staff/assisted-orders", order, as_=self.shop.boss, headers=headers)
        self.pay(placed)
        self.hear()
        self.shop.drain()
        return str(placed["order"]["order_id"])

    def place(self, wanted: dict[str, int], by: Caller = INES, **more: Any) -> str:
        """An unpaid order whose goods are reserved; its id."""
        return str(self.checkout(wanted, by=by, **more).ok()["order"]["order_id"])

    def place_pickup(self, wanted: dict[str, int], store_id: str, by: Caller = INES, **more: Any) -> Answer:
        """An order that waits to be paid, and will then wait to be fetched."""
        way = {"delivery_method": "pickup", "pickup_store_id": store_id}
        quote_id = self.shop.post("/me/quotes", {"lines": _lines(wanted), **way}, as_=by).ok()["quote_id"]
        return self.checkout(wanted, by=by, quote_id=quote_id, address=None, **way, **more)

    def pickup(self, wanted: dict[str, int], store_id: str, by: Caller = INES, **more: Any) -> str:
        """Paid and confirmed, to be laid out for its buyer; the order's id."""
        placed = self.place_pickup(wanted, store_id, by=by, **more)
        order_id = str(placed.ok()["order"]["order_id"])
        self.pay(placed)
        self.hear()
        self.prepare(order_id)
        return order_id

    def pay(self, placed: Answer, card: str = "pm_card_visa") -> dict[str, Any]:
        """The buyer's browser confirms at the provider; nobody has told the shop yet."""
        return self.stripe.buyer.pay(placed["payment"]["client_secret"], card)

    def hear(self) -> list[Answer]:
        """Delivers every webhook that waits."""
        return [
            self.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers={"Stripe-Signature": signature})
            for body, signature in self.stripe.webhooks()
        ]

    def paid(self, wanted: dict[str, int], by: Caller = INES) -> str:
        """Placed and paid; what follows from it has not begun yet. The order's id."""
        placed = self.checkout(wanted, by=by)
        order_id = str(placed.ok()["order"]["order_id"])
        self.pay(placed)
        self.hear()
        return order_id

    def buy(self, wanted: dict[str, int], by: Caller = INES) -> str:
        """Placed, paid, told to everybody; the order's id."""
        order_id = self.paid(wanted, by=by)
        self.shop.drain()
        return order_id

    def prepare(self, order_id: str) -> None:
        """What the workflow's first step does."""
        self.lay_out(order_id)
        self.shop.drain()

    def lay_out(self, order_id: str) -> None:
        """The same, with nobody told of it yet."""
        self.shop.invoke("AwaitShipment", {"order_id": order_id, "token": f"waits for {order_id}"})

    def laid_out(self, wanted: dict[str, int], by: Caller = INES) -> str:
        """Paid, confirmed and waiting to be picked, with nobody told of it yet; the order's id."""
        order_id = self.paid(wanted, by=by)
        self.lay_out(order_id)
        return order_id

    def ship(self, order_id: str, **more: Any) -> Answer:
        said = {"units": to_ship(self.shop, order_id), "tracking_number": f"T-{order_id[-12:]}", **more}
        parcel = {"order_id": order_id, "carrier": "other", **said}
        answer = self.shop.post("/staff/shipments", parcel, as_=self.shop.boss)
        self.shop.drain()
        return answer

    def cancel(self, order_id: str, by: Caller = INES) -> Answer:
        return self.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "changed my mind"}, as_=by)

    def order(self, order_id: str) -> dict[str, Any]:
        return dict(self.shop.get(f"/staff/orders/{order_id}", as_=self.shop.boss).ok())

    def money(self, order_id: str) -> dict[str, Any]:
        """The order's payment with its refunds, movements and balances."""
        return dict(self.shop.get(f"/staff/payments/{order_id}", as_=self.shop.boss).ok())


def to_ship(shop: Shop, order_id: str) -> dict[str, int]:
    """What of an order can leave now; all of it where nothing can."""
    order = shop.get(f"/staff/orders/{order_id}", as_=shop.boss).ok()
    left = Counter({line["sku"]: line["quantity"] - line["dropped"] - line["substituted"] for line in order["lines"]})
    gone = Counter({line["sku"]: line["shipped"] for line in order["lines"]})
    short = {one["sku"]: one["units"] for one in order["shortages"] if one["status"] in ("open", "waiting")}
    return dict(left - gone - Counter(short) or left)


def _lines(wanted: dict[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in wanted.items()]
