"""What must hold after every commit of the shop, whoever made it and whatever went wrong."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.record import CaseRecord, record_of
from souk.domains.catalog.model.sku import Sku
from souk.domains.inventory.model import Stock, StockEntry
from souk.domains.inventory.model.consignments import Consignment
from souk.domains.inventory.model.purchases import PurchaseOrder
from souk.domains.inventory.model.stocktakes import StocktakeLine
from souk.domains.inventory.model.transfers import Transfer
from souk.domains.orders.model.lifecycle import REGROUPED, STATES
from souk.domains.orders.model.order import Order
from souk.domains.payments.model.dispute import Dispute
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.table import keys, record
from souk.table.entity import Entity, fill
from souk.table.port import At, Row
from tests.simulation.balances import Balances, Mandates
from tests.simulation.books import Books
from tests.simulation.sales import Sales
from tests.simulation.settlements import Settlements
from tests.simulation.table import Changed, Commit

if TYPE_CHECKING:
    from tests.simulation.world import World

N = TypeVar("N", bound=BaseModel)
AGREED_SECONDS = 60.0  # a price that was read is agreed to within so much


class Violation(BaseException):
    """A promise is broken; nothing of the shop's may catch it."""


class Checker:
    """Follows every commit, and keeps of it what the end of the history is judged by."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.orders: dict[str, Order] = {}
        self.steps: list[tuple[str, int, str, str]] = []  # order, version, by whom, to what: each move of an order
        self.facts: list[str] = []
        self.on_hand: Counter[tuple[str, str]] = Counter()
        self.reserved: Counter[tuple[str, str]] = Counter()
        self.incoming: Counter[tuple[str, str]] = Counter()
        self.moved: Counter[tuple[str, str]] = Counter()  # by what the entries refer to, and SKU
        self.taken_by: Counter[object] = Counter()  # by whom: promised money, or asked not to be
        self.taken_back: dict[str, dict[str, int]] = {}  # by dispute, and by the order whose money it was
        self.sales, self.books, self.balances, self.mandates = Sales(self), Books(self), Balances(self), Mandates(self)
        self.settlements = Settlements(self)
        self._prices: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._nouns: dict[tuple[int, type], tuple[Row | None, Any]] = {}
        for entry in self.rows(keys.STOCK_ENTRY, StockEntry):
            self._count_entry(entry)
        for sku in self.rows(keys.SKU, Sku):
            self._note_price(sku)

    def committed(self, changed: Changed) -> None:
        commit = Commit(changed)
        told = [row for _, before, row in commit.of(keys.FACT) if row and before is None]
        self.facts += [at.pk.partition("#")[2] for at, _, after in commit.of(keys.FACT) if after]
        for _, before, after in commit.of(keys.ORDER):
            self._order(before, after, told)
        for at, before, _ in commit.of(keys.ORDER):
            if before is None:
                self._regrouped(self.orders[at.pk.partition("#")[2]])
        for at, before, after in commit.of(keys.CASE):
            self._case(at, before, after)
        self.sales.committed(commit)
        for _, entry in self.nouns(StockEntry, commit.of(keys.STOCK_ENTRY)):
            self._count_entry(entry)
        for entity, model in ((keys.TRANSFER, Transfer), (keys.PURCHASE_ORDER, PurchaseOrder)):
            for was, consignment in self.nouns(model, commit.of(entity)):
                self._consignment(was, consignment)
        for _, line in self.nouns(StocktakeLine, commit.of(keys.STOCKTAKE_LINE)):
            self.need(self.moved[line.stocktake_id, line.sku] == (line.posted or 0), "I2", line)
        short = _short(told)
        for _, before, after in commit.of(keys.STOCK):
            self._stock(before, after, short)
        for _, dispute in self.nouns(Dispute, commit.of(keys.DISPUTE)):
            self._dispute(dispute)
        for promised, payment in self.nouns(Payment, commit.of(keys.PAYMENT)):
            if promised and promised.status == "authorised" and payment.status == "captured":
                self.taken_by[self.world.schedule.current] += 1
        for order_id in dict.fromkeys(at.pk.partition("#")[2] for at, _, _ in commit.of(keys.PAYMENT, keys.REFUND)):
            self._money(order_id)
        for follower in (self.books, self.balances, self.mandates, self.settlements):
            follower.committed(commit)
        for _, sku in self.nouns(Sku, commit.of(keys.SKU)):
            self._note_price(sku)

    @property
    def payments_awaited(self) -> bool:
        return any(order.awaits_payment for order in self.orders.values())

    def need(self, holds: object, number: str, what: object) -> None:
        if not holds:
            self.violated(number, what)

    def violated(self, number: str, what: object) -> None:
        self.world.wire.note(f"VIOLATED {number}: {what}")
        raise Violation(f"{number}: {what}")

    # -- stock
    def _stock(self, before: Row | None, row: Row | None, short: set[tuple[str, str]]) -> None:
        """I1: nothing below nothing, and nothing promised that is not there but what was just found to be missing.

        I2: the ledger tells what is on hand, the orders what is reserved, transfers and purchases what is coming.
        """
        self.need(row, "I2", "stock was deleted")
        stock = self.noun(Stock, row)
        place = stock.store_id, stock.sku
        self.need(min(stock.on_hand, stock.reserved, stock.incoming) >= 0, "I1", stock)
        self.need(stock.available == stock.on_hand - stock.reserved, "I1", stock)
        was_available = self.noun(Stock, before).available if before else 0
        self.need(stock.available >= min(0, was_available) or place in short, "I1", stock)
        self.need(stock.on_hand == self.on_hand[place], "I2", (stock, self.on_hand[place]))
        self.need(stock.reserved == self.reserved[place], "I2", (stock, self.reserved[place]))
        self.need(stock.incoming == self.incoming[place], "I2", (stock, self.incoming[place]))

    def _count_entry(self, entry: StockEntry) -> None:
        self.on_hand[entry.store_id, entry.sku] += entry.delta
        self.moved[entry.reference, entry.sku] += entry.delta
        self.need(entry.actor and entry.reference, "I2", entry)

    def _consignment(self, before: Consignment | None, after: Consignment) -> None:
        """I2: what left a store is on its way, has arrived, has come back or was written off; no unit is in between."""
        settled = Counter[tuple[str, str]]()
        for one in after.settlements:
            settled.update({(one.kind, sku): units for sku, units in one.units.items()})
        reference = after.transfer_id if isinstance(after, Transfer) else getattr(after, "purchase_id", "")
        for sku, units in after.units.items():
            arrived = settled["received", sku] + settled["returned", sku]
            sent = units if isinstance(after, Transfer) else 0
            self.need(self.moved[reference, sku] == arrived - sent, "I2", after)
            left, waited = after.outstanding.get(sku, 0), before.outstanding.get(sku, 0) if before else 0
            self.need(0 <= left <= units, "I2", after)
            self.incoming[after.store_id, sku] += left - waited

    # -- orders
    def _order(self, before_row: Row | None, row: Row | None, told: list[Row]) -> None:
        self.need(row, "I5", "an order was deleted")
        before, after = self.noun(Order, before_row) if before_row else None, self.noun(Order, row)
        self._moved(before, after)
        self._priced(before, after)
        self._told(before, after, told)
        self._goods_for_money(after)
        for order, sign in ((before, -1), (after, 1)):
            for store_id, held in (order.reserved() if order else {}).items():
                for sku, units in held.items():
                    self.reserved[store_id, sku] += sign * units
        self.orders[after.order_id] = after

    def _moved(self, before: Order | None, after: Order) -> None:
        """I5: only allowed moves, each counted; the deadline ends only what is unpaid."""
        self.need(after.version == (before.version if before else 0) + 1, "I5", f"lost update of {after.order_id}")
        was = before.status if before else None
        if before and was == after.status and before.letting_go != after.letting_go:
            self.taken_by[self.world.schedule.current] += 1
        if was and was != after.status:
            self.need(after.status in STATES[was], "I5", f"{was} became {after.status}")
        if before is None or len(after.history) > len(before.history):
            step = after.history[-1]
            self.need(len(after.history) == (len(before.history) if before else 0) + 1, "I5", "two moves at once")
            self.need(step.status == after.status, "I5", step)
            self.steps.append((after.order_id, after.version, step.by, step.status))
            if after.cancel_reason == "not paid in time":
                self.need(not after.has_been("paid"), "I5", f"the deadline ended {after.order_id}, which was paid")

    def _priced(self, before: Order | None, after: Order) -> None:
        """I6: the sum is the sum, of prices that were the catalogue's at that time; and it stays."""
        sums = (after.goods_minor, -after.discount_minor, after.freight_minor, after.tax_minor)
        self.need(sum(sums) == after.total_minor == sum(line.payable_minor for line in after.bought), "I6", after)
        for line in after.lines:
            counts = (line.unshipped, line.shipped - line.refunded, line.dropped, line.substituted)
            self.need(min(counts) >= 0, "I6", line)
        parts = (after.goods_minor, after.discount_minor, after.freight_minor, after.tax_minor, after.total_minor)
        self.need(min(parts) >= 0, "I6", after)
        if before is None and not after.came_from:
            for line in after.lines:
                self.need(line.unit_price_minor in self._offered(after, line.sku), "I6", line)
        elif before:
            self.need(_snapshot(before) == _snapshot(after), "I6", f"what {after.order_id} cost was changed")

    def _regrouped(self, made: Order) -> None:
        """I6: what came of other orders has their goods, and their amounts of every kind; and those have ended."""
        of = [self.orders[link.order_id] for link in made.came_from]
        became = {link.order_id for one in of for link in one.became}
        self.need(all(one.status in REGROUPED for one in of), "I6", f"{made.order_id} came of orders that go on")
        same = not of or _sums(self.orders[order_id] for order_id in became) == _sums(of)
        self.need(same, "I6", f"{made.order_id} and its like are not what they came of")

    def _told(self, before: Order | None, after: Order, told: list[Row]) -> None:
        """I22: a move of an order is told in the transaction that makes it."""
        if before is None or before.history != after.history:
            self.need(any(after.order_id in record.text_of(row) for row in told), "I22", after.status)

    def _goods_for_money(self, order: Order) -> None:
        """I8: nothing leaves, and nothing becomes another order, whose money is only promised."""
        payment = self.payment(order.order_id)
        gone = order.status in REGROUPED or any(line.shipped for line in order.lines)
        self.need(not (gone and payment and payment.status == "authorised"), "I8", order)

    def price(self, sku: str) -> int:
        """The latest."""
        return self._prices[sku][-1][1]

    def _offered(self, order: Order, sku: str) -> set[int]:
        """For which prices it may be had in that order; the same goods in exchange are as dear as they were."""
        if order.sale:
            return {self.sales.all[order.sale.sale_id].price_minor}
        if order.exchange_of:
            (case,) = self.of(keys.CASE, RefundCase, case_id=order.exchange_of)
            if all(line.sku == sku for line in case.lines if line.instead == sku):
                bought = self.orders[case.order_id].lines
                return {line.unit_price_minor for line in bought if line.sku == sku}
        return self._current_prices(sku)

    def _current_prices(self, sku: str) -> set[int]:
        """Those that were in force at some time of the last minute."""
        known = self._prices[sku]
        since = self.world.schedule.now - AGREED_SECONDS
        recent = [price for at, price in known if at > since]
        older = [price for at, price in known if at <= since][-1:]
        return {*recent, *older}

    def _note_price(self, sku: Sku) -> None:
        self._prices[sku.sku].append((self.world.schedule.now, sku.price_minor or 0))

    # -- money
    def _case(self, at: At, before: Row | None, after: Row | None) -> None:
        """What was done stays in its log, and its line among all cases says what it says."""
        case, was = self.noun(RefundCase, after), self.noun(RefundCase, before).history if before else ()
        self.need(case.history[: len(was)] == was, "I33", case)
        line = self.world.table.rows.get(At(at.pk, "RECORD"))
        self.need(line and self.noun(CaseRecord, line) == record_of(case), "I33", case)

    def _dispute(self, dispute: Dispute) -> None:
        """I11: all that the bank has of it is somebody's."""
        self.taken_back[dispute.dispute_id] = dispute.borne()
        self.need(sum(dispute.borne().values()) == dispute.taken_minor >= 0, "I11", dispute)

    def _money(self, order_id: str) -> None:
        """I11: what is left, what was refunded and what banks took back is what was captured, to the cent.

        Less than nothing is left only where a bank took back what was refunded.
        """
        payment = self.payment(order_id)
        self.need(payment, "I11", f"{order_id} has a refund and no payment")
        if payment is None:
            return
        going, charged = Counter[str](), Counter[str]()
        for refund in self.of(keys.REFUND, Refund, order_id=order_id):
            if refund.status != "voided":
                going[refund.intent_id] += refund.amount_minor
                charged[refund.intent_id] += refund.charged.minor if refund.charged else 0
        taken = sum(borne.get(order_id, 0) for borne in self.taken_back.values())
        left = payment.captured_minor - going.total() - taken
        given = payment.amount_minor if payment.top_up and payment.status == "captured" else 0
        kept = payment.refundable_minor + payment.pledged_minor + given
        self.need(kept == left >= -taken, "I11", (payment, going))
        for fund in payment.funds:
            self.need(going[fund.intent_id] <= fund.amount_minor, "I11", (payment, going))
        for fund in payment.sources if payment.charge and payment.status == "captured" else payment.funds:
            back, whole = charged[fund.intent_id], fund.charged.minor if fund.charged else 0
            ends = going[fund.intent_id] == fund.amount_minor
            self.need(back == whole if ends else back <= whole, "I11", (payment, charged))

    def charged(self) -> None:
        """I8, I13: one payment of an order succeeds at most, and takes no more than its total."""
        taken: dict[str, int] = {}
        for one in (one for provider in self.world.providers for one in provider.taken()):
            self.need(one.order_id not in taken, "I13", f"{one.order_id} was paid twice")
            taken[one.order_id] = one.amount_minor
            order = self.orders.get(one.order_id)
            charge = order.charge if order else None
            most_minor = order.total_minor if order else self._top_up_minor(one.order_id)
            self.need(one.amount_minor <= (charge.minor if charge else most_minor), "I8", one)

    def _top_up_minor(self, top_up_id: str) -> int:
        payment = self.payment(top_up_id)
        return payment.amount_minor if payment and payment.top_up else 0

    # -- what the table holds
    def payment(self, order_id: str) -> Payment | None:
        return next(iter(self.of(keys.PAYMENT, Payment, order_id=order_id)), None)

    def was_let_go(self, order: Order) -> bool:
        """Whether its money was promised, and never taken."""
        payment = self.payment(order.order_id)
        return order.has_been("paid") and payment is not None and payment.status == "voided"

    def of(self, entity: Entity, model: type[N], **key: str) -> list[N]:
        """Those in one partition."""
        table, pk = self.world.table, fill(entity.main.pk, key)
        return [self.noun(model, table.rows[at]) for at in table.partition(pk) if table.rows[at]["kind"] == entity.kind]

    def rows(self, entity: Entity, model: type[N]) -> list[N]:
        return [self.noun(model, row) for row in self.world.table.rows.values() if row["kind"] == entity.kind]

    def nouns(self, model: type[N], changed: Changed) -> Iterator[tuple[N | None, N]]:
        """What each of them was, if it is not new, and what it is."""
        for _, before, after in changed:
            yield self.noun(model, before) if before else None, self.noun(model, after)

    def noun(self, model: type[N], row: Row | None) -> N:
        """What the item says; each that was ever there is read once."""
        place = id(row), model
        if place not in self._nouns:
            self._nouns[place] = row, record.to(model, row or {})
        known: N = self._nouns[place][1]
        return known


def _short(told: list[Row]) -> set[tuple[str, str]]:
    """Where it was told, in the same transaction, that goods are promised which are not there."""
    facts = [json.loads(record.text_of(row)) for row in told]
    data = [one["detail"]["data"] for one in facts if one["detail_type"] == "StockShort"]
    return {(one["store_id"], sku) for one in data for sku in one["short"]}


def _sums(orders: Iterable[Order]) -> Counter[tuple[str, str]]:
    """Units and amounts of every kind, by SKU."""
    sums: Counter[tuple[str, str]] = Counter()
    for line in (line for order in orders for line in order.lines):
        sums[line.sku, "units"] += line.quantity
        for amount in line.amounts:
            sums[line.sku, amount.kind] += amount.minor
    return Counter({place: sum for place, sum in sums.items() if sum})


def _snapshot(order: Order) -> tuple[object, ...]:
    lines = [(line.sku, line.quantity, line.unit_price_minor, line.amounts) for line in order.bought]
    return (order.total_minor, order.currency, lines)
