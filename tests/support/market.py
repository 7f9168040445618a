"""A small market to trade in: goods on sale in stores with stock, and buyers, all made through the shop's doors."""

from dataclasses import dataclass
from typing import Any

from souk.domains.access.model import SHOP
from souk.kernel.caller import Caller
from tests.support.shop import Answer, Shop
from tests.support.stripe import Stripe

ADDRESS = {
    "name": "Inês Carvalho",
    "street": "Avenida do Jardim 200",
    "city": "Lisboa",
    "postal_code": "1250-140",
    "country": "PT",
}
CONTACT = {"name": "Inês Carvalho", "phone": "+351 910 000 117", "email": "ines@example.com"}
INES = Caller(id="mem_ines", kind="member", may=frozenset({SHOP}))
OTTO = Caller(id="mem_otto", kind="member", may=frozenset({SHOP}))


@dataclass
class Market:
    shop: Shop
    stripe: Stripe
    category_id: str = ""

    def store(self, name: str = "Lisbon", **terms: Any) -> str:
        draft = {
            "name": name,
            "phone": "+351 210 000 001",
            "time_zone": "Europe/Lisbon",
            "manager": "Rita",
            "address": ADDRESS,
            "point": {"latitude_micro": 0, "longitude_micro": 0},
            **terms,
        }
        return str(self.shop.post("/staff/stores", draft, as_=self.shop.boss).ok()["store_id"])

    def goods(self, prices: dict[str, int], stock: dict[str, int] | None = None, listed: bool = True) -> dict[str, str]:
        """Products with one SKU each, on sale; `stock` says how many of each of them a store has. SKU -> product id."""
        if not self.category_id:
            made = self.shop.post("/staff/categories", {"name": {"en": "Goods"}}, as_=self.shop.boss)
            self.category_id = made.ok()["category_id"]
        products = {sku: self._product(sku, price, listed) for sku, price in prices.items()}
        for store_id, units in (stock or {}).items():
            self.receive(store_id, dict.fromkeys(prices, units))
        return products

    def _product(self, sku: str, price_minor: int, listed: bool) -> str:
        draft = {
            "name": {"en": sku.title()},
            "category_id": self.category_id,
            "price_minor": price_minor,
            "skus": [{"sku": sku}],
        }
        product_id = self.shop.post("/staff/products", draft, as_=self.shop.boss).ok()["product_id"]
        if listed:
            self.shop.post(f"/staff/listings/{product_id}/list", as_=self.shop.boss).ok()
        return str(product_id)

    def receive(self, store_id: str, units: dict[str, int]) -> None:
        document = {
            "kind": "receipt",
            "store_id": store_id,
            "reference": f"in-{self.shop.next_number()}",
            "lines": [{"sku": sku, "units": n} for sku, n in units.items()],
        }
        self.shop.post("/staff/stock-documents", document, as_=self.shop.boss).ok()

    def set_price(self, product_id: str, sku: str, price_minor: int) -> None:
        path = f"/staff/products/{product_id}/skus/{sku}"
        sheet = self.shop.get(f"/staff/products/{product_id}", as_=self.shop.boss).ok()
        version = next(one["version"] for one in sheet["skus"] if one["sku"] == sku)
        self.shop.call("PATCH", path, {"version": version, "price_minor": price_minor}, as_=self.shop.boss).ok()

    def delist(self, product_id: str) -> None:
        self.shop.post(f"/staff/listings/{product_id}/delist", {"reason": "test"}, as_=self.shop.boss).ok()

    def quote(self, wanted: dict[str, int], country: str = "PT", by: Caller = INES) -> Answer:
        return self.shop.post("/me/quotes", {"lines": _lines(wanted), "country": country}, as_=by)

    def checkout(
        self,
        wanted: dict[str, int],
        by: Caller = INES,
        key: str | None = None,
        quote_id: str | None = None,
        **more: Any,
    ) -> Answer:
        """An order for today's quote, unless another is named."""
        quote_id = quote_id or self.quote(wanted, by=by).ok()["quote_id"]
        request = {"lines": _lines(wanted), "quote_id": quote_id, "address": ADDRESS, "contact": CONTACT, **more}
        headers = {"Idempotency-Key": key or f"key-{self.shop.next_number()}"}
        return self.shop.post("/me/checkout", request, as_=by, headers=headers)

    def pay(self, placed: Answer, card: str = "pm_card_visa") -> dict[str, Any]:
        """The buyer's browser confirms at the provider; nobody has told the shop yet."""
        return self.stripe.buyer.pay(placed["payment"]["client_secret"], card)

    def hear(self) -> list[Answer]:
        """Delivers every webhook that waits."""
        return [
            self.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers={"Stripe-Signature": signature})
            for body, signature in self.stripe.webhooks()
        ]  # fmt: skip

    def buy(self, wanted: dict[str, int], by: Caller = INES) -> str:
        """Placed, paid, told to everybody; the order's id."""
        placed = self.checkout(wanted, by=by)
        placed.ok()
        self.pay(placed)
        self.hear()
        self.shop.drain()
        return str(placed["order"]["order_id"])

    def prepare(self, order_id: str) -> None:
        """What the workflow's first step does."""
        self.shop.invoke("PrepareOrder", {"order_id": order_id})
        self.shop.drain()

    def ship(self, order_id: str, **more: Any) -> Answer:
        parcel = {"order_id": order_id, "carrier": "other", "tracking_number": f"T-{order_id[-12:]}", **more}
        answer = self.shop.post("/staff/shipments", parcel, as_=self.shop.boss)
        self.shop.drain()
        return answer

    def order(self, order_id: str) -> dict[str, Any]:
        return dict(self.shop.get(f"/staff/orders/{order_id}", as_=self.shop.boss).ok())

    def stock(self, sku: str) -> dict[str, int]:
        """The sums over all stores."""
        found = self.shop.get(f"/staff/stock/{sku}", as_=self.shop.boss).ok()
        return {name: found[name] for name in ("on_hand", "reserved", "available")}


def _lines(wanted: dict[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in wanted.items()]
