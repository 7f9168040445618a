"""Staff: they change prices and stock under the buyers' hands, and bring orders and refunds to their end."""

from datetime import timedelta
from itertools import combinations
from typing import Any

from souk.domains.access.model.rights import SHOP
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.orders.model.order import Order
from souk.domains.payments.model.refund import Refund
from souk.kernel import clock, money
from souk.kernel.caller import Caller
from souk.table import keys
from tests.simulation.person import Person
from tests.simulation.world import GOODS, World
from tests.support.market import ADDRESS
from tests.support.shop import Answer

HANDS_ON = 0.15  # how often a clerk does the unusual

FINE = {"outcome": "pass", "condition": "restock"}


class Clerk(Person):
    """One member of the staff. A steady one leaves nothing that can be finished, and does nothing unusual."""

    def __init__(self, world: World, name: str = "clerk", steady: bool = False) -> None:
        super().__init__(world, Caller(id=name, kind="staff", may=world.boss.may), steady)
        self.refuses = False  # whatever comes back: it is not what was sold

    def work(self, rounds: int) -> None:
        """A look at an order here and there, minutes or hours apart, or the next day."""
        for _ in range(rounds):
            self.world.schedule.pause(self.chance.choice((20.0, 300.0, 7200.0, 86400.0)) * self.chance.random())
            if self.world.checker.orders:
                order_id = self.chance.choice(list(self.world.checker.orders))
                if self.happens(0.3):  # a colleague has it on the screen too
                    self.besides("colleague", self.handle, order_id)
                self.handle(order_id)
                self.put_together()
            for case in self.world.checker.rows(keys.CASE, RefundCase):
                self.review(case)

    def finish(self) -> None:
        """Everything that waits for a human."""
        for order_id in list(self.world.checker.orders):
            self.handle(order_id)
        for case in self.world.checker.rows(keys.CASE, RefundCase):
            self.review(case)
        parked = self.ask("GET", "/staff/handling/parked", query={"limit": "100"})
        for order in parked["items"] if parked.status == 200 else ():
            desk = f"/staff/orders/{order['order_id']}"
            if order["order_id"] in self.disputed():
                self.ask("POST", f"{desk}/cancel", {"reason": "its buyer's bank has the money"})
            self.ask("POST", f"{desk}/redrive")
        for refund in self.world.checker.rows(keys.REFUND, Refund):
            if refund.status == "awaiting":
                path = f"/staff/bank-transfers/refunds/{refund.order_id}/{refund.refund_id}/sent"
                self.ask("POST", path, {"bank_reference": f"OUT-{refund.refund_id[-8:]}"})
        for (_, name), state in list(self.world.workflows.executions.items()):
            if state == "FAILED" and name in self.world.checker.orders:
                self.world.workflows.executions["OrderLife", name] = "REDRIVEN"
                self.ask("POST", f"/staff/orders/{name}/redrive")

    def disputed(self) -> set[str]:
        return set[str]().union(*self.world.checker.taken_back.values())

    # -- orders
    def handle(self, order_id: str) -> None:
        order = self.world.checker.orders[order_id]
        desk, handling = f"/staff/orders/{order_id}", f"/staff/handling/{order_id}"
        if self.happens(HANDS_ON):
            self.set_freight(order.store_id, self.chance.choice((0, 190, 490)))
            self.correct(order_id)
        if self.happens(HANDS_ON / 3):
            self.ask("POST", f"{handling}/ask", {"text": "Is the number of the house right?"})
        if self.happens(HANDS_ON / 2) and order.status != "completed":
            self.ask("POST", f"{desk}/cancel", {"reason": "out of the shop's hands"})
            return
        if self.happens(HANDS_ON / 2) and order.waits_to_leave:
            self.regroup(order)
            return
        if self.happens(HANDS_ON) and order.waits_to_leave:
            self.report_short(order)
        match order.status:
            case "held" if self.happens(2 * HANDS_ON):
                self.ask("POST", f"{handling}/reject", {"reason": "not the buyer's card"})
            case "held":
                self.unless_money_is_gone(order_id, self.ask("POST", f"{handling}/approve"))
            case "paid" | "released" | "reassigned":
                self.accept(order_id, order.store_id)
            case "unassigned":
                self.ask("POST", f"{desk}/cancel", {"reason": "no store has it"})
            case "confirmed" if order.pickup_store_id:
                self.ask("POST", f"/staff/pickups/{order_id}/ready")
            case "ready" if self.happens(0.5):
                self.ask("POST", f"/staff/pickups/{order_id}/code")
            case "confirmed" | "part_shipped":
                self.ship(order_id)
            case "received" | "completed" if self.happens(HANDS_ON):
                self.take_back(order_id)
            case "received" if self.happens(0.1):
                self.ask("POST", f"{desk}/complete", {})

    def correct(self, order_id: str) -> None:
        """To another address each time, and back the difference where the freight was less."""
        order = self.world.checker.orders[order_id]
        address = {**ADDRESS, "street": f"Rua {len(order.corrections)}"}
        said = {"version": order.version, "address": address, "reason": "called", "refund_difference": True}
        self.ask("POST", f"/staff/handling/{order_id}/correct", said)

    def accept(self, order_id: str, store_id: str) -> None:
        if self.happens(2 * HANDS_ON):
            said = {"store_id": store_id, "reason": "broken in the shop"}
            self.ask("POST", f"/staff/handling/{order_id}/decline", said)
        elif self.happens(HANDS_ON):
            other = self.chance.choice(self.world.stores())
            said = {"store_id": other, "reason": "nearer"}
            self.ask("POST", f"/staff/handling/{order_id}/assign", said)
        else:
            self.unless_money_is_gone(order_id, self.ask("POST", f"/staff/orders/{order_id}/confirm"))

    def unless_money_is_gone(self, order_id: str, answer: Answer) -> None:
        """What several stores hold cannot be split without its money: then it is let go."""
        if answer.body.get("code") in ("money_gone_back", "to_be_split") and order_id in self.disputed():
            self.ask("POST", f"/staff/orders/{order_id}/cancel", {"reason": "its buyer's bank has the money"})

    def put_together(self) -> None:
        """Whatever could leave in one parcel, now and then."""
        waiting = [one for one in self.world.checker.orders.values() if one.waits_to_leave]
        pairs = [[one.order_id, two.order_id] for one, two in combinations(waiting, 2) if _goes_along(one, two)]
        if pairs and self.happens(0.5):
            self.merge(self.chance.choice(pairs))

    def regroup(self, order: Order) -> None:
        """One parcel for two orders of the same buyer, or two for one."""
        alike = [one.order_id for one in self.world.checker.orders.values() if _goes_along(one, order)]
        if alike:
            self.merge([order.order_id, self.chance.choice(alike)])
        else:
            store_id = self.chance.choice(self.world.stores())
            self.split(order.order_id, {store_id: {order.lines[0].sku: 1}})

    def split(self, order_id: str, units: dict[str, dict[str, int]]) -> None:
        """What each store sends by itself; the rest stays."""
        parts = [{"store_id": store_id, "units": own} for store_id, own in units.items()]
        self.ask("POST", f"/staff/handling/{order_id}/split", {"parts": parts, "reason": "not all at once"})

    def merge(self, order_ids: list[str]) -> None:
        self.ask("POST", "/staff/handling/merge", {"order_ids": order_ids, "reason": "one parcel"})

    def report_short(self, order: Order) -> None:
        """Some of a line is broken; sometimes staff have the buyer's answer on the telephone."""
        left = order.unshipped()
        sku = self.chance.choice([*left])
        others = [one for one in GOODS if one not in left]
        number = f"{self.caller.id}-{order.version}"
        said = {"reference": number, "sku": sku, "units": self.chance.randint(1, left[sku]), "reason": "broken"}
        found = self.ask("POST", f"/staff/shortages/{order.order_id}", {**said, "substitutes": others})
        if found.status == 201 and self.happens(0.3):
            shortage_id = found["shortages"][-1]["shortage_id"]
            answer = {"choice": "substitute", "sku": self.chance.choice(others)} if others else {"choice": "refund"}
            self.ask("POST", f"/staff/shortages/{order.order_id}/{shortage_id}", answer)

    def ship(self, order_id: str) -> None:
        """The whole order, or a part of it in a parcel of its own."""
        order = self.world.checker.orders[order_id]
        left = order.unshipped()
        if self.happens(0.4):
            self.ask("POST", f"/staff/picks/{order_id}/picked")
        if self.happens(0.3):
            sku = next(iter(left), "TEA")
            left = {sku: 1}
        shipped = sum(line.shipped for line in order.lines)
        number = f"T-{order.number}-{shipped}"
        parcel = {"order_id": order_id, "carrier": "other", "tracking_number": number, "units": left}
        self.ask("POST", "/staff/shipments", parcel)
        if self.happens(0.2):
            self.ask("POST", "/staff/shipments", parcel)

    def hand_out(self, order_id: str, store_id: str, code: str) -> None:
        self.ask("POST", f"/staff/pickups/{order_id}/hand-out", {"store_id": store_id, "code": code})

    # -- refunds
    def review(self, case: RefundCase) -> None:
        desk = f"/staff/refunds/{case.case_id}"
        match case.status:
            case "requested" if self.happens(0.2):
                self.ask("POST", f"{desk}/reject", {"text": "It was not damaged."})
            case "requested" if self.happens(0.2):
                self.ask("POST", f"{desk}/ask", {"text": "What is damaged?"})
            case "requested":
                approved = self.ask("POST", f"{desk}/approve")
                # What is wanted in exchange is not to be had, or a bank has the money that was to pay for it.
                if approved.status in (409, 422) and self.steady:
                    self.ask("POST", f"{desk}/reject", {"text": "We have none of these."})
            case "more_asked" if self.steady:
                self.for_buyer(case, "answer", {"text": "All of it."})
            case "failed" if self.steady or self.happens(0.3):
                self.retry_refund(case)
            case _:
                self.see_back(case)

    def see_back(self, case: RefundCase) -> None:
        """What is next for goods that come back: their buyer sends them, the store finds one damaged."""
        desk, parcel = f"/staff/returns/{case.case_id}", {"carrier": "other", "tracking_number": case.case_id[-8:]}
        match case.status:
            case "to_pay":
                self.ask("POST", f"/staff/refunds/{case.case_id}/close", {"text": "It was never paid."})
            case "awaiting_return":
                self.for_buyer(case, "parcel", parcel)
            case "sent":
                self.ask("POST", f"{desk}/receive", {"store_id": case.store_id})
            case "received":
                self.ask("POST", f"{desk}/inspect", {"lines": _refused(case) if self.refuses else _seen(case)})
            case "refused":
                self.ask("POST", f"{desk}/send-back", parcel)

    def for_buyer(self, case: RefundCase, move: str, said: dict[str, str]) -> None:
        """What its buyer does about a case."""
        buyer = Caller(id=case.buyer_id, kind="member", may=frozenset({SHOP}))
        self.world.ask("POST", f"/me/refunds/{case.case_id}/{move}", said, as_=buyer)

    def retry_refund(self, case: RefundCase) -> None:
        for refund in self.world.checker.rows(keys.REFUND, Refund):
            if refund.case_id == case.case_id and refund.status == "voided":
                self.ask("POST", f"/staff/payments/{case.order_id}/refunds/{refund.refund_id}/retry")

    def take_back(self, order_id: str, return_id: str = "") -> None:
        """A unit of an order, wherever its buyer brings it; the answer may be lost."""
        order = self.world.checker.orders[order_id]
        brought = {
            "return_id": return_id or f"{self.caller.id}-{self.chance.randrange(10**6)}",
            "store_id": self.chance.choice(self.world.stores()),
            "order_id": order_id,
            "lines": [{"sku": order.lines[0].sku, "quantity": 1}],
            "condition": self.chance.choice(("restock", "scrap")),
        }
        for _ in range(2 if self.happens(0.3) else 1):
            self.ask("POST", "/staff/returns", brought)

    # -- goods
    def trade(self, rounds: int, products: dict[str, str], stores: list[str]) -> None:
        """Prices, stock, listings and stores change while buyers are at it."""
        for number in range(rounds):
            self.spend(0.0, 60.0)
            sku = self.chance.choice(sorted(products))
            match self.chance.randrange(7):
                case 0:
                    self.set_price(products[sku], sku, self.chance.randrange(500, 6000))
                case 1 | 2:
                    self.book(self.chance.choice(stores), sku, self.chance.randint(1, 4), number)
                case 3:
                    self.ask("POST", f"/staff/listings/{products[sku]}/delist", {"reason": "a look at it"})
                    self.spend(0.0, 20.0)
                    self.ask("POST", f"/staff/listings/{products[sku]}/list")
                case 4 | 5:
                    self.sell(self.chance.choice(stores), products[sku], sku, self.chance.randint(1, 3), f"S-{number}")
                case 6:
                    self.turn_over(self.chance.choice(stores))

    def sell(self, store_id: str, product_id: str, sku: str, units: int, sale_id: str) -> None:
        """Over the counter at the price on the shelf; told at once, or later as rung up offline, or both."""
        sheet = self.ask("GET", f"/staff/products/{product_id}")
        if sheet.status != 200:
            return
        price_minor = next(int(one["price_minor"]) for one in sheet["skus"] if one["sku"] == sku)
        sale = rung_up(store_id, f"{self.caller.id}-{sale_id}", sku, units, price_minor)
        sold_at = clock.text(self.world.now())
        if not self.happens(0.3):
            self.tell_sale(sale)
        if self.happens(0.5):
            self.tell_again(sale, sold_at)

    def tell_sale(self, sale: dict[str, Any]) -> None:
        self.world.note_sale(sale, self.ask("POST", "/staff/sales", sale))

    def tell_again(self, sale: dict[str, Any], sold_at: str) -> None:
        """Out of the till's memory."""
        batch = {"sales": [sale | {"sold_at": sold_at}]}
        self.world.note_sale(sale, self.ask("POST", "/staff/sales/batch", batch))

    def plan_sale(self, store_id: str, begins: float, lasts: float, **terms: Any) -> str:
        """A flash sale that begins in so many seconds; its id, or nothing where it could not be planned."""
        first, last = (self.world.now() + timedelta(seconds=after) for after in (begins, begins + lasts))
        times = {"starts_at": clock.text(first), "ends_at": clock.text(last)}
        draft = {"store_id": store_id, "reference": f"SALE-{begins:.0f}", "price_minor": 700, "shards": 2, **times}
        made = self.ask("POST", "/staff/flash-sales", draft | terms)
        if made.status != 201:
            return ""
        sale_id = str(made["sale_id"])
        scheduled = self.ask("POST", f"/staff/flash-sales/{sale_id}/schedule")
        return sale_id if scheduled.status == 200 else ""

    def end_sale(self, sale_id: str) -> None:
        self.ask("POST", f"/staff/flash-sales/{sale_id}/end")

    def set_price(self, product_id: str, sku: str, price_minor: int) -> None:
        sheet = self.ask("GET", f"/staff/products/{product_id}")
        if sheet.status == 200:
            version = next(one["version"] for one in sheet["skus"] if one["sku"] == sku)
            edit = {"version": version, "price_minor": price_minor}
            self.ask("PATCH", f"/staff/products/{product_id}/skus/{sku}", edit)

    def decide(self, merchant_id: str, status: str) -> Answer:
        path = f"/staff/merchants/{merchant_id}"
        version = self.ask("GET", path)["version"]
        return self.ask("PUT", f"{path}/status", {"status": status, "reason": "as agreed", "version": version})

    def turn_over(self, store_id: str) -> None:
        """Open, closed, or full after a few orders."""
        self.push(store_id, {"open": self.chance.random() < 0.7, "daily_orders": self.chance.choice((None, 0, 1))})

    def set_freight(self, store_id: str, freight_minor: int) -> None:
        self.push(store_id, {"freight_minor": freight_minor})

    def push(self, store_id: str, values: dict[str, Any]) -> None:
        self.ask("POST", "/staff/stores/push", {"values": values, "conflicts": "keep", "store_ids": [store_id]})

    def book(self, store_id: str, sku: str, units: int, number: int) -> None:
        kind = self.chance.choice(("receipt", "issue"))
        lines = [{"sku": sku, "units": units}]
        document = {"kind": kind, "store_id": store_id, "reference": f"{self.caller.id}-{number}", "lines": lines}
        self.ask("POST", "/staff/stock-documents", document)


def rung_up(store_id: str, sale_id: str, sku: str, units: int, price_minor: int) -> dict[str, Any]:
    goods_minor = units * price_minor
    return {
        "store_id": store_id,
        "sale_id": sale_id,
        "lines": [{"sku": sku, "quantity": units}],
        "total_minor": goods_minor + money.fraction(goods_minor, 2300),
        "paid_by": "cash",
    }


def _goes_along(one: Order, order: Order) -> bool:
    same = (one.buyer_id, one.store_id) == (order.buyer_id, order.store_id)
    return same and one.order_id != order.order_id and one.waits_to_leave


def _refused(case: RefundCase) -> list[dict[str, Any]]:
    """None of it is what was sold, and all of it goes back to its sender."""
    return [{"sku": one.sku, "quantity": one.quantity, "outcome": "wrong_item"} for one in case.lines]


def _seen(case: RefundCase) -> list[dict[str, Any]]:
    """All pass, but of goods that come back for their money one unit, which is worth a quarter less."""
    first, *others = ({"sku": one.sku, "quantity": one.quantity, **FINE} for one in case.lines)
    if case.kind == "exchange":
        return [first, *others]
    damaged = first | {"quantity": 1, "outcome": "damaged", "condition": "scrap", "deduct_basis_points": 2500}
    rest = [first | {"quantity": case.lines[0].quantity - 1}] if case.lines[0].quantity > 1 else []
    return [damaged, *rest, *others]
