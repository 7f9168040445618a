"""An order that has arrived, and what of it comes back: as its buyer, the desk and the counter see to it."""

from typing import Any

from souk.kernel import money
from tests.support.market import INES, Market
from tests.support.shop import Answer

TRACKING = {"carrier": "other", "tracking_number": "BACK-1"}
PRICES = {"CUP": 1099, "POT": 4567, "JUG": 5000}


class Sold:
    """A shop with a freight that does not divide and a tax, and an order of it that has arrived."""

    def __init__(self, market: Market, wanted: dict[str, int]) -> None:
        self.market, self.shop = market, market.shop
        market.set_up(tax_basis_points=725)
        self.store_id = market.store(freight_minor=333)
        market.goods(PRICES, {self.store_id: 20})
        self.order_id = self.arrive(wanted)
        self.case_id = ""

    def arrive(self, wanted: dict[str, int], card: str = "pm_card_visa") -> str:
        placed = self.market.checkout(wanted)
        self.market.pay(placed, card)
        self.market.hear()
        order_id = str(placed["order"]["order_id"])
        self.market.lay_out(order_id)
        self.market.ship(order_id).ok()
        self.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
        self.shop.drain()
        return order_id

    @property
    def total(self) -> int:
        return int(self.market.order(self.order_id)["total_minor"])

    def ask(self, kind: str = "return", by: Any = INES, **lines: Any) -> Answer:
        """`CUP=2` of one, or `CUP=(2, "POT")` in exchange for the other."""
        wanted = [
            {"sku": sku, "quantity": said} if isinstance(said, int) else _swap(sku, *said)
            for sku, said in lines.items()
        ]
        wish = {"order_id": self.order_id, "kind": kind, "lines": wanted, "reason": "damaged"}
        return self.shop.post("/me/refunds", wish, as_=by)

    def open(self, kind: str = "return", **lines: Any) -> "Sold":
        """Asked for and approved."""
        self.case_id = self.ask(kind, **lines).ok()["case_id"]
        self.desk("approve").ok()
        return self

    def desk(self, verb: str, said: Any = None) -> Answer:
        return self.shop.post(f"/staff/refunds/{self.case_id}/{verb}", said, as_=self.shop.boss)

    def counter(self, verb: str, said: Any = None) -> Answer:
        return self.shop.post(f"/staff/returns/{self.case_id}/{verb}", said, as_=self.shop.boss)

    def send(self, **tracking: str) -> Answer:
        return self.shop.post(f"/me/refunds/{self.case_id}/parcel", TRACKING | tracking, as_=INES)

    def receive(self) -> Answer:
        return self.counter("receive", {"store_id": self.store_id})

    def inspect(self, *lines: tuple[Any, ...]) -> Answer:
        return self.counter("inspect", {"lines": [inspected(*line) for line in lines]})

    def back(self, *lines: tuple[Any, ...]) -> Answer:
        """Sent, received and inspected."""
        self.send().ok()
        self.receive().ok()
        return self.inspect(*lines)

    def settle(self) -> None:
        """Lets the provider do what it has to do, and tells everybody."""
        self.shop.drain()
        self.market.hear()
        self.shop.drain()

    def case(self) -> dict[str, Any]:
        return dict(self.shop.get(f"/me/refunds/{self.case_id}", as_=INES).ok())

    @property
    def refunded(self) -> int:
        return sum(one["amount"] for one in self.market.stripe.objects("refund"))


def _swap(sku: str, quantity: int, instead: str) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "instead": instead}


def inspected(sku: str, quantity: int, outcome: str = "pass", condition: str | None = "restock", bps: int = 0) -> Any:
    kept = condition if outcome in ("pass", "damaged") else None
    return {"sku": sku, "quantity": quantity, "outcome": outcome, "condition": kept, "deduct_basis_points": bps}


def said(answer: Answer) -> tuple[int, Any]:
    return answer.status, (answer.body or {}).get("code")


class Exchange(Sold):
    """The same, for what an exchange is about: the other goods, and the order that brings them."""

    @property
    def replacement(self) -> dict[str, Any]:
        return self.market.order(str(self.case()["replacement_id"]))

    def pay(self, card: str = "pm_card_visa") -> None:
        """The buyer pays the difference at the provider; nobody has told the shop yet."""
        wish = {"order_id": self.case()["replacement_id"]}
        start = self.shop.post("/me/payments", wish, as_=INES).ok()
        self.market.stripe.buyer.pay(start["client_secret"], card)

    def leave(self) -> None:
        self.settle()
        replacement_id = self.replacement["order_id"]
        self.market.lay_out(replacement_id)
        self.market.ship(replacement_id).ok()

    def money_of(self, order_id: str) -> tuple[int, int]:
        """Captured, and what of it can still be paid back."""
        payment = self.market.money(order_id)["payment"]
        return payment["captured_minor"], payment["refundable_minor"]

    def worth_of(self, sku: str, units: int) -> int:
        """Of goods at today's price, with tax and without freight."""
        gross = PRICES[sku] * units
        return gross + money.fraction(gross, 725)
