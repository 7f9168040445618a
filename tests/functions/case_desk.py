"""After-sales as its tests do it: goods that have arrived, a buyer who asks for money back, staff who decide."""

from typing import Any

from souk.kernel.caller import Caller
from tests.support import files
from tests.support.goods_back import TRACKING
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

    def ask(
        self,
        order_id: str,
        reason: str = "damaged",
        images: Any = (),
        by: Caller = INES,
        kind: str = "refund",
        **units: int,
    ) -> Answer:
        """An exchange is for the same goods."""
        swaps = [{"instead": sku} if kind == "exchange" else {} for sku in units]
        lines = [{"sku": sku, "quantity": units[sku], **swap} for sku, swap in zip(units, swaps, strict=True)]
        said = {"lines": lines, "reason": reason, "text": "It came in pieces", "images": images}
        return self.shop.post("/me/refunds", {"order_id": order_id, "kind": kind, **said}, as_=by)

    def announce(self, content_type: str = "image/jpeg", size: Any = 9_000, by: Caller = INES) -> Answer:
        return self.shop.post("/me/refunds/uploads", {"content_type": content_type, "bytes": size}, as_=by)

    def send_up(self, content: bytes, content_type: str = "image/jpeg", by: Caller = INES) -> str:
        """A photo; the id of its upload."""
        ticket = self.announce(content_type, by=by).ok()
        assert files.send_up(ticket, content) == 200
        return str(ticket["upload_id"])

    def decide(self, case_id: str, verb: str, text: str | None = None, by: Caller | None = None) -> Answer:
        body = {"text": text} if text else None
        return self.shop.post(f"/staff/refunds/{case_id}/{verb}", body, as_=by or self.shop.boss)

    def take_back(self, case_id: str, *lines: Any) -> None:
        """Approved, sent, received, and inspected line by line."""
        self.decide(case_id, "approve").ok()
        self.shop.post(f"/me/refunds/{case_id}/parcel", TRACKING, as_=INES).ok()
        for verb, said in (("receive", {"store_id": self.store_id}), ("inspect", {"lines": lines})):
            self.shop.post(f"/staff/returns/{case_id}/{verb}", said, as_=self.shop.boss).ok()

    def rate(self, case_id: str, stars: Any, by: Caller = INES, **more: Any) -> Answer:
        return self.shop.post(f"/me/refunds/{case_id}/rating", {"stars": stars, **more}, as_=by)

    def reviewer(self, name: str, *stores: str) -> Caller:
        may = frozenset({"refunds.read", "refunds.review"})
        return Caller(id=name, kind="staff", may=may, stores=frozenset(stores))
