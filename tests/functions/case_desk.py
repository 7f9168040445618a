"""After-sales as its tests do it: goods that have arrived, a buyer who asks for money back, staff who decide."""

from typing import Any

from souk.kernel.caller import Caller
from tests.support.market import INES, Market
from tests.support.shop import Answer


class CaseDesk:
    """A shop with cups and pots, and the desk that looks after what buyers give back."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.store_id = market.store()
        market.goods({"CUP": 1000, "POT": 4000}, {self.store_id: 90})

    def order(self, cups: int = 3, pots: int = 1) -> str:
        """On its way."""
        order_id = self.market.laid_out({"CUP": cups, "POT": pots})
        self.market.ship(order_id).ok()
        return order_id

    def ask(self, order_id: str, reason: str = "damaged", images: Any = (), by: Caller = INES, **units: int) -> Answer:
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
        wish = {"order_id": order_id, "lines": lines, "reason": reason, "text": "It came in pieces", "images": images}
        return self.shop.post("/me/refunds", wish, as_=by)

    def decide(self, case_id: str, verb: str, text: str | None = None, by: Caller | None = None) -> Answer:
        body = {"text": text} if text else None
        return self.shop.post(f"/staff/refunds/{case_id}/{verb}", body, as_=by or self.shop.boss)

    def rate(self, case_id: str, stars: Any, by: Caller = INES, **more: Any) -> Answer:
        return self.shop.post(f"/me/refunds/{case_id}/rating", {"stars": stars, **more}, as_=by)

    def reviewer(self, name: str, *stores: str) -> Caller:
        may = frozenset({"refunds.read", "refunds.review"})
        return Caller(id=name, kind="staff", may=may, stores=frozenset(stores))
