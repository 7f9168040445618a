"""Who keeps the stores: goods are put right, sent from store to store, ordered and counted while others sell them."""

from typing import Any

from souk.domains.inventory.model import Stock
from souk.domains.inventory.model.purchases import PurchaseOrder
from souk.domains.inventory.model.stocktakes import Stocktake
from souk.domains.inventory.model.transfers import Transfer
from souk.table import keys
from tests.simulation.accounting import Accountant
from tests.support import imports
from tests.support.shop import Answer

DUE = "2026-12-31"
# More than one message has the rows of; the last of them is of goods that another product has.
JARS = imports.as_csv(
    *(imports.row(f"JAR-{n}", f"JAR-{n}", name_en=f"Jar {n}", category="Goods") for n in range(22)),
    imports.row("TEA", "JAR-0"),
)


class Keeper(Accountant):
    """A steady one brings all that is on its way, missing or being counted to its end."""

    def keep(self, rounds: int, skus: list[str], stores: list[str]) -> None:
        for number in range(rounds):
            self.spend(0.0, 120.0)
            sku, (here, there) = self.chance.choice(skus), self.chance.sample(stores, 2)
            match self.chance.randrange(8):
                case 0:
                    self.adjust(
                        here, sku, self.chance.choice((-3, -2, -1, 1)), f"{number}", force=self.chance.random() < 0.5
                    )
                case 1 | 2:
                    self.transfer(here, there, sku, self.chance.randint(1, 3), f"{number}")
                case 3:
                    self.purchase(here, sku, self.chance.randint(1, 3), f"{number}")
                case _:
                    self.count(here, sku, f"{number}")

    def finish(self) -> None:
        self.find_what_is_missing()
        super().finish()
        for transfer in self.world.checker.rows(keys.TRANSFER, Transfer):
            if transfer.outstanding:
                self.settle(transfer.transfer_id, "receive", transfer.outstanding, "rest")
        for purchase in self.world.checker.rows(keys.PURCHASE_ORDER, PurchaseOrder):
            if purchase.outstanding:
                self.ask("POST", f"/staff/purchases/{purchase.purchase_id}/cancel")
        for stocktake in self.world.checker.rows(keys.STOCKTAKE, Stocktake):
            if stocktake.status == "open":
                self.end(stocktake.stocktake_id, "post")

    def import_goods(self) -> None:
        """A file of products; half of the time it is sent up a second time while the first is being read."""
        for _ in range(2 if self.happens(0.5) else 1):
            self.spend(0.0, 60.0)
            begun = self.ask("POST", "/staff/imports", {"format": "csv", "bytes": len(JARS)})
            if begun.status == 201:
                self.world.send_up(f"imports/{begun['import_id']}.csv", JARS)

    def find_what_is_missing(self) -> None:
        for stock in self.world.checker.rows(keys.STOCK, Stock):
            if stock.available < 0:
                self.adjust(stock.store_id, stock.sku, -stock.available, f"{stock.version}", reason="found")

    def adjust(self, store_id: str, sku: str, delta: int, number: str, **more: Any) -> None:
        said = {"store_id": store_id, "reference": f"{self.caller.id}-{sku}-a{number}", "reason": "lost"}
        self.twice("/staff/stock-documents/adjustments", said | {"lines": [{"sku": sku, "delta": delta}]} | more)

    def transfer(self, here: str, there: str, sku: str, units: int, number: str) -> None:
        """What becomes of it is said some time later, in parts; some of it is forgotten."""
        sent = self.send(here, there, {sku: units}, number)
        for part in range(self.chance.randint(0, 2)):
            self.spend(0.0, 300.0)
            if sent.status == 201:
                how = self.chance.choice(("receive", "return", "write-off"))
                self.settle(sent["transfer_id"], how, {sku: self.chance.randint(1, units)}, f"{part}")

    def send(self, here: str, there: str, units: dict[str, int], number: str) -> Answer:
        said = {"from_store_id": here, "store_id": there, "reference": f"{self.caller.id}-t{number}", "due": DUE}
        return self.twice("/staff/transfers", said | {"lines": _lines(units)})

    def settle(self, transfer_id: str, how: str, units: dict[str, int], reference: str) -> None:
        named = {"reference": f"{self.caller.id}-{reference}", "note": "as it turned out"}
        self.twice(f"/staff/transfers/{transfer_id}/{how}", named | {"lines": _lines(units)})

    def purchase(self, store_id: str, sku: str, units: int, number: str) -> None:
        said = {"store_id": store_id, "reference": f"{self.caller.id}-p{number}", "supplier": "Kilns", "due": DUE}
        ordered = self.twice("/staff/purchases", said | {"lines": _lines({sku: units})})
        if ordered.status == 201:
            self.spend(0.0, 300.0)
            arrived = {"reference": f"d{number}", "lines": _lines({sku: 1})}
            self.twice(f"/staff/purchases/{ordered['purchase_id']}/receive", arrived)

    def count(self, store_id: str, sku: str, number: str) -> None:
        opened = self.open_stocktake(store_id, number)
        if opened.status != 201:
            return
        self.spend(0.0, 60.0)
        found = max(0, self.world.checker.on_hand[store_id, sku] + self.chance.choice((-1, 0, 0, 1)))
        self.enter(opened["stocktake_id"], {sku: found})
        self.spend(0.0, 60.0)
        self.end(opened["stocktake_id"], self.chance.choice(("post", "post", "cancel")))

    def open_stocktake(self, store_id: str, number: str) -> Answer:
        return self.twice("/staff/stocktakes", {"store_id": store_id, "reference": f"{self.caller.id}-s{number}"})

    def enter(self, stocktake_id: str, found: dict[str, int]) -> None:
        lines = [{"sku": sku, "counted": units} for sku, units in found.items()]
        self.twice(f"/staff/stocktakes/{stocktake_id}/counts", {"reference": self.caller.id, "lines": lines})

    def end(self, stocktake_id: str, how: str) -> None:
        self.twice(f"/staff/stocktakes/{stocktake_id}/{how}", {})

    def twice(self, path: str, said: Any) -> Answer:
        """Sometimes a finger is too quick."""
        if self.happens(0.2):
            self.besides("again", self.ask, "POST", path, said)
        return self.ask("POST", path, said)


def _lines(units: dict[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "units": count} for sku, count in units.items()]
