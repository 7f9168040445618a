"""What runs out goes off the shelf where the shop, or the product itself, says so; and comes back where it may."""

from datetime import timedelta
from typing import Any

import pytest

from souk.kernel import clock, kept
from tests.support.market import COLOURS, Market
from tests.support.table import before_next_write

Line = tuple[str, str, str | None]
OFF: Line = ("delisted", "stock", "no stock")
ON: Line = ("listed", "stock", "restocked")


class Pot:
    """A product on sale in one store: two black ones and an indigo one."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.store_id = market.store()
        self.product_id = market.listed(market.category(), code="POT", options=[COLOURS])["product_id"]
        self.path = f"/staff/listings/{self.product_id}"
        market.receive(self.store_id, {"POT-BLACK": 2, "POT-INDIGO": 1})
        self.shop.drain()

    def shops_policy(self, policy: str) -> None:
        self.shop.put("/staff/settings", {"sold_out": policy, "version": 0}, as_=self.shop.boss).ok()
        kept.forget_all()

    def own_policy(self, policy: str | None) -> Any:
        return self.shop.put(f"{self.path}/sold-out", {"sold_out": policy}, as_=self.shop.boss).ok()

    def sell_out(self) -> None:
        """One order, which nobody has paid yet, for all that is left."""
        left = {sku: self.market.stock(sku)["available"] for sku in ("POT-BLACK", "POT-INDIGO")}
        self.market.place({sku: units for sku, units in left.items() if units})
        self.shop.drain()

    def move(self, kind: str) -> dict[str, Any]:
        """An indigo one comes in or goes out; the fact of it, which nobody has heard."""
        lines = [{"sku": "POT-INDIGO", "units": 1}]
        reference = f"{kind}-{self.shop.next_number()}"
        document = {"kind": kind, "store_id": self.store_id, "reference": reference, "lines": lines}
        document_id = self.shop.post("/staff/stock-documents", document, as_=self.shop.boss).ok()["document_id"]
        told = [row["detail"] for row in self.shop.rows("Fact") if row["detail_type"] == "StockMoved"]
        return next(detail for detail in told if detail["data"]["reference"] == document_id)

    def hear(self, detail: dict[str, Any]) -> None:
        self.shop.invoke("WatchLevels", {"detail-type": "StockMoved", "detail": detail})

    def restock(self) -> None:
        self.move("receipt")
        self.shop.drain()

    @property
    def status(self) -> str:
        return str(self.shop.get(self.path, as_=self.shop.boss).ok()["status"])

    def history(self) -> list[Line]:
        """Since it was listed first."""
        page = self.shop.get(f"{self.path}/history", as_=self.shop.boss).ok()
        return [(entry["action"], entry["actor"], entry["reason"]) for entry in page["items"]][1:]


@pytest.fixture
def pot(market: Market) -> Pot:
    return Pot(market)


@pytest.mark.capability("LST-07")
@pytest.mark.parametrize(
    ("whose", "policy", "then"),
    [
        ("shops_policy", "keep", []),
        ("own_policy", "delist", [OFF]),
        ("shops_policy", "relist", [OFF, ON]),
        ("own_policy", "relist", [OFF, ON]),
    ],
)
def test_with_its_last_unit_a_product_goes_off_the_shelf_and_comes_back_as_the_policy_says(
    pot: Pot, whose: str, policy: str, then: list[Any]
) -> None:
    getattr(pot, whose)(policy)
    pot.market.place({"POT-BLACK": 2})
    pot.shop.drain(times=2)
    assert pot.history() == [], "another SKU is there still"
    pot.sell_out()
    assert pot.status == ("listed" if policy == "keep" else "delisted")
    pot.restock()
    assert (pot.history(), pot.status) == (then, "delisted" if policy == "delist" else "listed")
    assert (pot.shop.get(f"/shop/products/{pot.product_id}").status == 200) == (policy != "delist")


@pytest.mark.capability("LST-07")
def test_the_products_own_policy_goes_before_the_shops(pot: Pot) -> None:
    pot.shops_policy("delist")
    assert pot.own_policy("keep")["sold_out"] == "keep"
    pot.sell_out()
    assert pot.history() == []
    pot.own_policy(None)
    assert pot.history() == [OFF], "it has run out already"


@pytest.mark.capability("LST-07")
@pytest.mark.parametrize("first", ["staff", "stock"])
def test_what_staff_took_off_does_not_come_back_with_the_goods(pot: Pot, first: str) -> None:
    pot.shops_policy("relist")
    if first == "stock":
        pot.sell_out()
    pot.market.delist(pot.product_id)  # where it is off already, staff take it over
    pot.market.receive(pot.store_id, {"POT-BLACK": 1, "POT-INDIGO": 1})
    pot.shop.drain()
    assert pot.status == "delisted"
    assert pot.history() == [OFF, ("delisted", "boss", "test")][first == "staff" :]


@pytest.mark.capability("LST-07")
def test_what_an_unpaid_order_held_brings_the_product_back_when_that_order_ends(pot: Pot) -> None:
    pot.shops_policy("relist")
    pot.sell_out()
    assert pot.status == "delisted"
    pot.shop.pass_time(hours=1)
    pot.shop.drain()
    assert (pot.history(), pot.status) == ([OFF, ON], "listed")


@pytest.mark.capability("LST-07")
def test_a_product_that_comes_back_still_ends_with_its_window_and_not_after_it(pot: Pot) -> None:
    pot.shops_policy("relist")
    delist_at = clock.text(pot.shop.clock.at + timedelta(hours=2))
    pot.shop.put(f"{pot.path}/schedule", {"delist_at": delist_at}, as_=pot.shop.boss).ok()
    pot.sell_out()
    pot.restock()
    assert pot.status == "listed"
    pot.sell_out()
    pot.shop.pass_time(hours=2)
    pot.restock()
    assert pot.status == "delisted"
    assert pot.shop.get(f"/shop/products/{pot.product_id}").status == 404


@pytest.mark.capability("LST-07")
@pytest.mark.parametrize("course", ["OoIi", "OIio", "OIiooi", "IOoi", "IOiooi"])
def test_facts_in_any_order_and_more_than_once_end_with_what_is_there(pot: Pot, course: str) -> None:
    """`O` and `I`: the last unit goes out, one comes in. `o` and `i`: that is heard."""
    pot.own_policy("relist")
    pot.market.place({"POT-BLACK": 2})
    if course[0] == "I":
        pot.market.place({"POT-INDIGO": 1})
    pot.shop.drain()
    happened = {}
    for step in course:
        if step.isupper():
            happened[step.lower()] = pot.move("issue" if step == "O" else "receipt")
        else:
            pot.hear(happened[step])
    in_stock = pot.market.stock("POT-INDIGO")["available"] > 0
    assert in_stock == (course[0] == "O")
    assert pot.status == ("listed" if in_stock else "delisted")
    assert pot.history() in [[OFF, ON] * pairs + [OFF] * (not in_stock) for pairs in range(3)]


def test_who_saw_older_stock_does_not_have_the_last_word(pot: Pot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last unit goes out and is seen to be gone; before that is shown one comes in, and stays shown."""
    before_next_write(monkeypatch, lambda: pot.hear(pot.move("receipt")), of="SkuState")
    pot.hear(pot.move("issue"))
    shown = {sku["sku"]: sku["available"] for sku in pot.shop.get(f"/shop/products/{pot.product_id}").ok()["skus"]}
    assert shown == {"POT-BLACK": 2, "POT-INDIGO": 1} == {sku: pot.market.stock(sku)["available"] for sku in shown}
