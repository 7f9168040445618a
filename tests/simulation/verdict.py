"""What must hold once everything has come to rest: of orders, goods and what was told; of money, in `reckoning`."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from souk.domains.carts.model import Cart
from souk.domains.catalog.model.imports import Import, ImportCount, ImportedRows, progress
from souk.domains.catalog.model.product import Product
from souk.domains.inventory.model.purchases import PurchaseOrder
from souk.domains.inventory.model.stock import StockEntry
from souk.domains.inventory.model.stocktakes import Stocktake
from souk.domains.inventory.model.transfers import Transfer
from souk.domains.merchants.model.merchant import Merchant
from souk.domains.messaging.model import Delivery, Message
from souk.domains.orders.model.lifecycle import GONE, REGROUPED, Life
from souk.domains.payments.model.refund import Refund
from souk.domains.reports.model import DaySales
from souk.domains.shipping.model import Shipment
from souk.kernel.audit import AuditEntry
from souk.table import keys
from tests.simulation import reckoning
from tests.simulation.buyers import Buyer
from tests.simulation.delivery import consumers

if TYPE_CHECKING:
    from tests.simulation.world import World

Check = Callable[["World"], None]
ONCE_AN_ORDER = {
    "order_paid",
    "order_held",
    "order_ready",
    "pickup_reminder",
    "order_split",
    "order_merged",
    "order_received",
    "order_cancelled",
    "paid_order_cancelled",
}


def judge(world: "World") -> None:
    for check in CHECKS:
        check(world)


def nothing_is_held(world: "World") -> None:
    """I3: every order is at its end, so nothing is reserved any more. I4: no more was sold than there was."""
    open_orders = {order.order_id: order.status for order in world.checker.orders.values() if order.status not in END}
    world.checker.need(not open_orders, "I3", open_orders)
    for place, units in world.checker.reserved.items():
        world.checker.need(units == 0, "I3", (place, units))
    for place, units in world.checker.on_hand.items():
        world.checker.need(units >= 0, "I4", (place, units))


def nothing_is_on_the_way(world: "World") -> None:
    """I2: what was sent or ordered is settled to the last unit, and every stocktake is at its end."""
    checker = world.checker
    going = [*checker.rows(keys.TRANSFER, Transfer), *checker.rows(keys.PURCHASE_ORDER, PurchaseOrder)]
    checker.need(all(one.status in ("posted", "voided") for one in going), "I2", going)
    checker.need(not any(checker.incoming.values()), "I2", checker.incoming)
    open_ones = [one for one in checker.rows(keys.STOCKTAKE, Stocktake) if one.status not in ("posted", "cancelled")]
    checker.need(not open_ones, "I25", open_ones)


def one_order_for_one_key(world: "World") -> None:
    """I7: however often it was sent, a checkout is one order, and its answer names the same one."""
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for buyer, key, answer in world.placed:
        if answer.status == 201:
            named[buyer, key].add(answer["order"]["order_id"])
    for at, order_ids in named.items():
        world.checker.need(len(order_ids) == 1 and order_ids <= {*world.checker.orders}, "I7", (at, order_ids))
    keys_used = {(buyer, key) for buyer, key, _ in world.placed}
    placed = [order for order in world.checker.orders.values() if not (order.came_from or order.exchange_of)]
    world.checker.need(len(placed) <= len(keys_used), "I7", "more orders than checkouts")


def a_parcel_is_recorded_once(world: "World") -> None:
    """I7 of parcels: so many units left as lines say, each parcel once by its tracking number."""
    sent: Counter[tuple[str, str]] = Counter()
    for parcel in world.checker.rows(keys.SHIPMENT, Shipment):
        sent[parcel.order_id, parcel.tracking_number] += 1
    world.checker.need(all(number == 1 for number in sent.values()), "I7", sent)


def goods_went_over_the_counter_once(world: "World") -> None:
    """I2: what was sold there, fetched and brought back stands in its store's ledger, unit for unit."""
    entered: Counter[tuple[str, ...]] = Counter()
    for entry in world.checker.rows(keys.STOCK_ENTRY, StockEntry):
        if entry.cause in ("sale", "pickup", "return", "scrap"):
            entered[entry.cause, entry.reference, entry.store_id, entry.sku] += entry.delta
    expected: Counter[tuple[str, ...]] = Counter()
    for order in world.checker.orders.values():
        if order.sold_at_till or (order.pickup_store_id and order.has_been("received")):
            cause = "sale" if order.sold_at_till else "pickup"
            expected.update({(cause, order.order_id, order.store_id, one.sku): -one.shipped for one in order.lines})
    for case in reckoning.cases(world):
        back: list[tuple[str, int, str | None]] = []
        if case.condition:
            back += [(sku, units, case.condition) for sku, units in case.units.items()]
        back += [(one.sku, one.quantity, one.condition) for one in case.inspection if one.sku in case.kept]
        for sku, units, condition in back:
            expected["return", case.case_id, str(case.returned_to), sku] += units
            expected["scrap", case.case_id, str(case.returned_to), sku] -= units if condition == "scrap" else 0
    world.checker.need(entered == expected, "I2", (entered, expected))


def goods_stand_as_their_merchant(world: "World") -> None:
    """I36: on the shelf only what may be sold, and off it for its merchant only where that one may not sell."""
    selling = {one.merchant_id: one.sells for one in world.checker.rows(keys.MERCHANT, Merchant)}
    for one in world.checker.rows(keys.PRODUCT, Product):
        if one.merchant_id:
            wrong = one.off_for_merchant if selling[one.merchant_id] else one.status == "listed"
            world.checker.need(not wrong, "I36", (one.code, one.status, one.off_for_merchant))


def every_fact_was_heard(world: "World") -> None:
    """I22: each was told, and handled by everyone whose rules name it."""
    for row in world.checker.facts:
        world.checker.need(row in world.delivery.told, "I22", f"{row} was never told")
    for fact_id, told in world.delivery.told.items():
        for function in consumers(told["source"], told["detail-type"]):
            done = (function, fact_id) in world.delivery.handled
            world.checker.need(done, "I22", f"{function} never handled {told['detail-type']}")


def reports_count_each_order_once(world: "World") -> None:
    """I22: what consumers have counted is what happened."""
    days = world.checker.rows(keys.DAY_SALES, DaySales)
    paid = [
        order
        for order in world.checker.orders.values()
        if (order.has_been("paid") or order.sold_at_till) and order.status not in REGROUPED
    ]
    refunds = [one for one in world.checker.rows(keys.REFUND, Refund) if one.sale and one.status == "posted"]
    let_go = sum(order.total_minor for order in paid if world.checker.was_let_go(order))
    expected = {
        "orders": len(paid),
        "total_minor": sum(order.total_minor for order in paid),
        "completed": sum(order.status == "completed" for order in paid),
        "cancelled": sum(order.status == "cancelled" for order in paid),
        "refunded_minor": sum(one.amount_minor for one in refunds) + reckoning.exchanged(world).total() + let_go,
    }
    counted = {name: sum(getattr(day, name) for day in days) for name in expected}
    world.checker.need(counted == expected, "I22", (counted, expected))


def files_are_imported(world: "World") -> None:
    """I7: each row of a file that came has one outcome, counted once, and of two files one has made each product."""
    made: Counter[str | None] = Counter()
    for job in world.checker.rows(keys.IMPORT, Import):
        parts = [one for one in world.checker.rows(keys.IMPORTED_ROWS, ImportedRows) if one.import_id == job.import_id]
        outcomes = [row for part in parts for row in (*part.rows, *part.failures)]
        counts = [one for one in world.checker.rows(keys.IMPORT_COUNT, ImportCount) if one.import_id == job.import_id]
        done = progress(job, counts)
        made.update(row.sku for row in outcomes if row.outcome == "created")
        if job.key in world.files:
            numbered = sorted(row.row for row in outcomes) == list(range(2, 2 + (job.rows or 0)))
            world.checker.need(done.status == "done" and numbered, "I7", (done, outcomes))
    world.checker.need(all(times == 1 for times in made.values()), "I7", made)


def nobody_is_told_twice(world: "World") -> None:
    """I34: each is told once of what happens once to an order."""
    told = Counter(
        (one.owner_id, one.topic, one.about)
        for one in world.checker.rows(keys.MESSAGE, Message)
        if one.topic in ONCE_AN_ORDER
    )
    world.checker.need(all(number == 1 for number in told.values()), "I34", told)
    log = world.checker.rows(keys.DELIVERY, Delivery)
    for channel, sent in world.sent.items():
        world.checker.need(len(sent) == len(set(sent)), "I34", Counter(sent))
        noted = sum(one.status == "sent" for one in log if one.channel == channel)
        world.checker.need(noted <= len(sent), "I34", (noted, sent))
    world.checker.need(all(one.status != "pending" for one in log), "I34", log)
    for order in world.checker.orders.values():
        for status, topic in (("paid", "order_paid"), ("received", "order_received")):
            if order.has_been(status) and not order.sold_at_till and not (status == "paid" and order.came_from):
                world.checker.need(told[order.buyer_id, topic, order.order_id], "I34", (order.order_id, topic))


def nothing_is_stuck(world: "World") -> None:
    """I23, I25: no letter is dead, no order parked, no workflow runs on, every case is decided."""
    world.checker.need(not world.delivery.dead, "I23", world.delivery.dead)
    parked = [life.order_id for life in world.checker.rows(keys.LIFE, Life) if life.parked]
    world.checker.need(not parked, "I25", parked)
    running = [name for name, state in world.workflows.executions.items() if state == "RUNNING"]
    world.checker.need(not running, "I25", running)
    cases = {case.case_id: case.status for case in reckoning.cases(world)}
    undecided = {case_id: status for case_id, status in cases.items() if status not in DECIDED}
    world.checker.need(not undecided, "I25", undecided)


def staff_left_their_name(world: "World") -> None:
    """I33: each move of an order that staff made has exactly one line in the audit trail: that of having asked for it,
    where they have asked to let go of money and somebody else has heard that it was.
    """
    lines: Counter[tuple[str, int]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for entry in world.checker.rows(keys.AUDIT_ENTRY, AuditEntry):
        for change in entry.changes:
            if change.kind == keys.ORDER.kind and entry.by_kind == "staff":
                lines[change.key["order_id"], (change.after or {}).get("version", 0)] += 1
                asked[change.key["order_id"], entry.by] += "letting_go" in (change.after or {})
    for order_id, version, by, status in world.checker.steps:
        if not by.startswith(("mem_", "system:")):
            ended = status == "cancelled" and asked[order_id, by] > 0
            its = lines[order_id, version] or ended
            world.checker.need(its == 1, "I33", (order_id, version, by))


def what_is_over_is_over(world: "World") -> None:
    """I32: a cart past its time is empty, whether or not the table has deleted it."""
    for cart in sorted(world.checker.rows(keys.CART, Cart), key=lambda cart: cart.expires_at):
        world.schedule.now += max(0.0, world.seconds_until(cart.expires_at)) + 1.0
        seen = Buyer(world, cart.owner_id.removeprefix("mem_")).ask("GET", "/me/cart")
        world.checker.need(seen.status == 200 and not seen["lines"], "I32", seen.body)


END = {"completed", *GONE}
DECIDED = {"rejected", "refunded", "sent_back", "replaced", "lapsed"}
CHECKS: tuple[Check, ...] = (
    reckoning.money_is_where_it_belongs,
    nothing_is_held,
    nothing_is_on_the_way,
    one_order_for_one_key,
    a_parcel_is_recorded_once,
    goods_went_over_the_counter_once,
    reckoning.who_cancels_is_said,
    reckoning.what_goes_back_is_its_share,
    reckoning.what_is_on_suspense_is_unmatched,
    reckoning.nobody_waits_for_a_balance,
    reckoning.refunds_are_the_providers,
    reckoning.disputes_are_the_providers,
    reckoning.balances_are_what_was_booked,
    reckoning.books_are_the_providers,
    reckoning.books_are_the_orders,
    goods_stand_as_their_merchant,
    reckoning.merchants_are_owed_what_was_booked,
    every_fact_was_heard,
    reports_count_each_order_once,
    files_are_imported,
    nobody_is_told_twice,
    nothing_is_stuck,
    staff_left_their_name,
    what_is_over_is_over,
)
