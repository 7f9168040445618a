"""What must hold once everything has come to rest; the provider's own books are the truth about money."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.carts.model import Cart
from souk.domains.catalog.model.imports import Import, ImportCount, ImportedRows, progress
from souk.domains.catalog.model.product import Product
from souk.domains.inventory.model.purchases import PurchaseOrder
from souk.domains.inventory.model.stock import StockEntry
from souk.domains.inventory.model.stocktakes import Stocktake
from souk.domains.inventory.model.transfers import Transfer
from souk.domains.ledger.model.balance import AccountBalance, DayBalance
from souk.domains.ledger.model.profit import CampaignProfit, ProductProfit
from souk.domains.ledger.model.voucher import Voucher
from souk.domains.merchants.model import Merchant
from souk.domains.messaging.model import Delivery, Message
from souk.domains.orders.model.lifecycle import GONE, REGROUPED, Life
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import DISCOUNTS, FREIGHT, GOODS, TAX
from souk.domains.payments.model.bank_transfer import BankTransfer
from souk.domains.payments.model.dispute import Dispute
from souk.domains.payments.model.money import MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.domains.reconciliation.model.bill import Bill
from souk.domains.reports.model import DaySales
from souk.domains.shipping.model import Shipment
from souk.kernel import ids, money
from souk.kernel.audit import AuditEntry
from souk.kernel.journal import kind_of
from souk.kernel.owner import owner_of
from souk.table import keys
from tests.simulation.buyers import Buyer
from tests.simulation.delivery import consumers
from tests.simulation.provider import Taken
from tests.simulation.world import COSTS
from tests.support import books

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
    open_orders = {order.order_id: order.status for order in _orders(world) if order.status not in END}
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
    placed = [order for order in _orders(world) if not (order.came_from or order.exchange_of)]
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
    for order in _orders(world):
        if order.sold_at_till or (order.pickup_store_id and order.has_been("received")):
            cause = "sale" if order.sold_at_till else "pickup"
            expected.update({(cause, order.order_id, order.store_id, one.sku): -one.shipped for one in order.lines})
    for case in world.checker.rows(keys.CASE, RefundCase):
        if case.condition:
            expected.update({("return", case.case_id, str(case.returned_to), sku): n for sku, n in case.units.items()})
        if case.condition == "scrap":
            expected.update({("scrap", case.case_id, str(case.returned_to), sku): -n for sku, n in case.units.items()})
        for seen in case.inspection:
            if seen.sku in case.kept:
                expected["return", case.case_id, str(case.returned_to), seen.sku] += seen.quantity
            if seen.sku in case.kept and seen.condition == "scrap":
                expected["scrap", case.case_id, str(case.returned_to), seen.sku] -= seen.quantity
    world.checker.need(entered == expected, "I2", (entered, expected))


def money_is_where_it_belongs(world: "World") -> None:
    """I8, I9, I10, I13: one payment took the total of an order that was paid; any other money has gone back.

    Of an order that was split or merged the money is where its goods are, and no more of each payment than it took.
    """
    payments = {one.order_id: one for one in world.checker.rows(keys.PAYMENT, Payment)}
    funds = [fund for one in payments.values() if one.captured_minor for fund in one.sources]
    refunds = world.checker.rows(keys.REFUND, Refund)
    exchanged = _exchanged(world)
    transferred: Counter[str] = Counter()
    for one in world.checker.rows(keys.BANK_TRANSFER, BankTransfer):
        transferred[one.order_id or ""] += one.amount_minor
    taken: dict[str, list[Taken]] = defaultdict(list)
    for provider in world.providers:
        for intent in provider.taken():
            taken[intent.order_id].append(intent)
    asked = (one["metadata"] for one in world.provider.objects("payment_intent"))
    made = Counter((said["order_id"], said["attempt"]) for said in asked)
    world.checker.need(all(number == 1 for number in made.values()), "I13", made)
    for order_id, intents in taken.items():
        begun = payments.get(order_id)
        order = world.checker.orders.get(order_id)
        known = begun and (begun.top_up or order)
        world.checker.need(known and len(intents) == 1, "I13", (order_id, len(intents)))
        (intent,) = intents
        told = (intent.amount_minor, intent.currency, intent.live)
        charge = order.charge if order else None
        due = (charge.minor, charge.currency) if charge else begun and (begun.due_minor, begun.currency)
        world.checker.need(due and told == (*due, False), "I10", told)
        its = [one for one in funds if one.intent_id == intent.intent_id]
        held = sum(one.charged.minor if one.charged else one.amount_minor for one in its)
        world.checker.need(held == intent.amount_minor, "I9", (intent, held))
    for payment in payments.values():
        world.checker.need(payment.pledged_minor == 0, "I11", f"{payment.order_id} waits for an exchange that is over")
    for order in _orders(world):
        captured = payments[order.order_id].captured_minor
        if order.status == "cancelled" and captured:
            back = {one.order_id for one in refunds}.union(*world.checker.taken_back.values())
            world.checker.need(order.order_id in back, "I9", f"{order} kept money")
        if order.has_been("paid"):
            source = taken[order.order_id] or order.came_from or order.exchange_of
            otherwise = (payments[order.order_id].from_balance_minor, transferred[order.order_id])
            world.checker.need(source or order.total_minor in otherwise, "I8", f"{order.order_id} was never paid")
            owned = 0 if order.status in REGROUPED else order.total_minor - exchanged[order.order_id]
            world.checker.need(captured == owned, "I8", (order.order_id, captured))


def what_is_on_suspense_is_unmatched(world: "World") -> None:
    """I18: nothing is held for an order any more, so it is what came by transfer and is for none."""
    transfers = world.checker.rows(keys.BANK_TRANSFER, BankTransfer)
    unmatched_minor = sum(one.amount_minor for one in transfers if one.status == "unmatched")
    held_minor = -world.checker.books.accounts["suspense"]
    world.checker.need(held_minor == unmatched_minor, "I18", (held_minor, unmatched_minor))


def nobody_waits_for_a_balance(world: "World") -> None:
    """I20: every payment is at its end, so nothing is held any more; what was paid as a top-up is the buyer's."""
    checker = world.checker
    checker.need(not any(checker.balances.held.values()), "I20", checker.balances.held)
    for payment in checker.rows(keys.PAYMENT, Payment):
        if payment.top_up:
            checker.need(payment.status in ("captured", "voided"), "I20", payment)


def what_goes_back_is_its_share(world: "World") -> None:
    """I11: the part of the units that were given back or never left, less what went on to the goods in their place, and
    what the buyer's bank had given back before.

    What was paid back of the freight before is that much less for the units.
    """
    exchanged, deducted = _exchanged(world), Counter[str]()
    for case in _cases(world):
        deducted[case.order_id] += sum(case.deducted.values())
    refunds: dict[str, list[Refund]] = defaultdict(list)
    for refund in world.checker.rows(keys.REFUND, Refund):
        refunds[refund.order_id].append(refund)
    by_banks = _given_by_banks(world)
    for order in _orders(world):
        again = {ids.derived("rfd", one.refund_id) for one in refunds[order.order_id]}
        first = [one for one in refunds[order.order_id] if one.refund_id not in again and one.sale]
        owed = sum(one.amount_minor for one in first) + by_banks[order.order_id]
        settled = sum(money.share_of_units(one.borne_minor, one.quantity, 0, one.settled) for one in order.lines)
        freight = sum(one.refunded_minor for one in order.corrections)
        moved = sum(one.payable_minor for one in order.lines if one.replaces)
        kept = exchanged[order.order_id] + deducted[order.order_id]
        world.checker.need(owed == settled - moved + freight - kept, "I11", (order, owed))


def _given_by_banks(world: "World") -> Counter[str]:
    """By order, what was disputed and so was not refunded; not what a refund that failed had left."""
    made_up = {one.refund_id for one in world.checker.rows(keys.REFUND, Refund) if one.made_up_minor}
    sums: Counter[str] = Counter()
    for event in world.checker.rows(keys.MONEY_EVENT, MoneyEvent):
        if event.kind in ("dispute_used", "loss_used") and event.subject not in made_up:
            sums[event.order_id] += event.amount_minor
    return sums


def _exchanged(world: "World") -> Counter[str]:
    """By order, what was paid for goods that came back and has paid for others."""
    sums: Counter[str] = Counter()
    for case in _cases(world):
        if case.kind == "exchange" and case.kept:
            sums[case.order_id] += case.amount_minor + min(0, case.difference_minor)
    return sums


def _cases(world: "World") -> list[RefundCase]:
    return world.checker.rows(keys.CASE, RefundCase)


def refunds_are_the_providers(world: "World") -> None:
    """I12: by id, amount and status; what failed is told, and is to be had again."""
    theirs = {one.refund_id: one for provider in world.providers for one in provider.refunds()}
    sent = [one for one in world.checker.rows(keys.REFUND, Refund) if one.method in ("card", *world.telephones)]
    ours = {one.refund_id: one for one in sent}
    world.checker.need(theirs.keys() <= ours.keys(), "I12", theirs.keys() - ours.keys())
    for refund in ours.values():
        their = theirs.get(refund.refund_id)
        status = {"posted": "succeeded", "voided": "failed"}.get(refund.status)
        same = their and (their.status, their.amount_minor) == (status, refund.asked.minor)
        same = same or (their is None and refund.failure_reason == "charge_disputed")
        world.checker.need(same, "I12", (refund, their))


def disputes_are_the_providers(world: "World") -> None:
    """I12: by id, status and what the bank has of each."""
    theirs = {one["id"]: one for one in world.provider.objects("dispute")}
    ours = {one.dispute_id: one for one in world.checker.rows(keys.DISPUTE, Dispute)}
    world.checker.need(theirs.keys() == ours.keys(), "I12", (theirs, ours))
    for dispute_id, their in theirs.items():
        taken = -sum(one["amount"] for one in their["balance_transactions"])
        status = {"needs_response": "open"}.get(their["status"], their["status"])
        our = ours[dispute_id]
        held = our.withdrawn_minor - our.reinstated_minor
        world.checker.need((our.status, held) == (status, taken), "I12", (our, their))


def balances_are_what_was_booked(world: "World") -> None:
    """I16: each entry is counted once, by month and by day; and what it earns, by product and by campaign."""
    checker, journal = world.checker, world.checker.books.journal.values()
    by_month = books.balances(checker.rows(keys.ACCOUNT_BALANCE, AccountBalance))
    by_day = books.balances(checker.rows(keys.DAY_BALANCE, DayBalance))
    checker.need(by_month == books.replay(journal, "month"), "I16", by_month)
    checker.need(by_day == books.replay(journal, "day"), "I16", by_day)
    earned = -sum(minor for account, minor in checker.books.accounts.items() if _is_earned(account))
    for entity, model in ((keys.PRODUCT_PROFIT, ProductProfit), (keys.CAMPAIGN_PROFIT, CampaignProfit)):
        shared = sum(one.profit_minor for one in checker.rows(entity, model))
        checker.need(shared == earned, "I16", (model.__name__, shared, earned))


def _is_earned(account: str) -> bool:
    return kind_of(account).type in ("income", "expense")


def books_are_the_providers(world: "World") -> None:
    """I17: but for what bills have told besides, what is at each provider is what it took, less what it gave back.

    The provider counts what buyers were charged, the books what it was charged for.
    """
    moved = [one for one in world.checker.rows(keys.MONEY_EVENT, MoneyEvent) if one.cleared_by and one.charged]
    told = [moves for bill in world.checker.rows(keys.BILL, Bill) for moves in bill.booked.values()]
    for provider in world.providers:
        account = f"clearing:{provider.name}"
        ours = world.checker.books.accounts[account] - sum(moves.get(account, 0) for moves in told)
        ours += sum(_presented(one) - one.cleared_minor for one in moved if one.cleared_by == provider.name)
        world.checker.need(ours == provider.held_minor(), "I17", (account, ours, provider.held_minor()))


def _presented(moved: MoneyEvent) -> int:
    charged = moved.charged.minor if moved.charged else 0
    return charged if moved.cleared_minor > 0 else -charged


def books_are_the_orders(world: "World") -> None:
    """I18: what was earned and credited, as the orders tell it that were not split or merged; what goods cost, as the
    ledger of stock does.
    """
    expected: Counter[str] = Counter()
    for order in _orders(world):
        if (order.has_been("paid") or order.sold_at_till) and order.status not in REGROUPED:
            expected.update(_earned(order))
    vouchers = [one for one in world.checker.rows(keys.VOUCHER, Voucher) if one.status == "posted"]
    expected["other_expense"] = -sum(one.moves["other_expense"] for one in vouchers)
    for case in _cases(world):
        merchant_id = owner_of(case.store_id)
        kept_by = f"merchants_payable:{merchant_id}" if merchant_id else "other_income"
        expected[kept_by] += sum(case.deducted.values())
    expected.update(world.checker.settlements.beside_orders())
    left = [one for one in world.checker.rows(keys.STOCK_ENTRY, StockEntry) if one.cause in SOLD]
    expected["cost_of_goods"] = sum(one.delta * COSTS.get(one.sku, 0) for one in left)
    booked = Counter({account: -world.checker.books.accounts[account] for account in (*expected, "refunds_payable")})
    world.checker.need(booked == expected, "I18", (booked, expected))


def _earned(order: Order) -> Counter[str]:
    """Credits less debits; what went on from one line to another is sold once, and paid back of the other."""
    sums: Counter[str] = Counter()
    for line in order.lines:
        net, tax = line.of(GOODS, *DISCOUNTS), line.of(TAX)
        goods_back = money.share_of_units(net, line.quantity, 0, line.settled)
        tax_back = money.share_of_units(tax - line.tax_back_minor, line.quantity, 0, line.settled)
        all_back = money.share_of_units(line.borne_minor, line.quantity, 0, line.settled)
        freight = line.of(FREIGHT) - line.freight_back_minor + line.tax_back_minor
        freight -= all_back - goods_back - tax_back
        sums["tax"] += tax - line.tax_back_minor - tax_back
        if line.merchant_id:
            commission = (line.commission_minor or 0) - money.share_of_units(
                line.commission_minor or 0, line.quantity, 0, line.settled
            )
            sums[f"merchants_payable:{line.merchant_id}"] += net - goods_back + freight - commission
            sums[f"commission:{line.merchant_id}"] += commission
            continue
        if line.replaces:
            sums["refunds:own"] += net
        else:
            sums["revenue:own"] += line.of(GOODS)
            sums.update({f"discounts:{kind}": line.of(kind) for kind in DISCOUNTS})
        sums["refunds:own"] -= goods_back
        sums["freight"] += freight
    return sums


def goods_stand_as_their_merchant(world: "World") -> None:
    """I36: on the shelf only what may be sold, and off it for its merchant only where that one may not sell."""
    selling = {one.merchant_id: one.sells for one in world.checker.rows(keys.MERCHANT, Merchant)}
    for one in world.checker.rows(keys.PRODUCT, Product):
        if one.merchant_id:
            wrong = one.off_for_merchant if selling[one.merchant_id] else one.status == "listed"
            world.checker.need(not wrong, "I36", (one.code, one.status, one.off_for_merchant))


def merchants_are_owed_what_was_booked(world: "World") -> None:
    world.checker.settlements.are_what_was_booked()


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
        for order in _orders(world)
        if (order.has_been("paid") or order.sold_at_till) and order.status not in REGROUPED
    ]
    refunds = [one for one in world.checker.rows(keys.REFUND, Refund) if one.sale and one.status == "posted"]
    expected = {
        "orders": len(paid),
        "total_minor": sum(order.total_minor for order in paid),
        "completed": sum(order.status == "completed" for order in paid),
        "cancelled": sum(order.status == "cancelled" for order in paid),
        "refunded_minor": sum(one.amount_minor for one in refunds) + _exchanged(world).total(),
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
    for order in _orders(world):
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
    cases = {case.case_id: case.status for case in world.checker.rows(keys.CASE, RefundCase)}
    undecided = {case_id: status for case_id, status in cases.items() if status not in DECIDED}
    world.checker.need(not undecided, "I25", undecided)


def staff_left_their_name(world: "World") -> None:
    """I33: each move of an order that staff made has exactly one line in the audit trail."""
    lines: Counter[tuple[str, int]] = Counter()
    for entry in world.checker.rows(keys.AUDIT_ENTRY, AuditEntry):
        for change in entry.changes:
            if change.kind == keys.ORDER.kind and entry.by_kind == "staff":
                lines[change.key["order_id"], (change.after or {}).get("version", 0)] += 1
    for order_id, version, by in world.checker.steps:
        if by in STAFF or by.startswith("clerk"):
            world.checker.need(lines[order_id, version] == 1, "I33", (order_id, version, by))


def what_is_over_is_over(world: "World") -> None:
    """I32: a cart past its time is empty, whether or not the table has deleted it."""
    for cart in sorted(world.checker.rows(keys.CART, Cart), key=lambda cart: cart.expires_at):
        world.schedule.now += max(0.0, world.seconds_until(cart.expires_at)) + 1.0
        seen = Buyer(world, cart.owner_id.removeprefix("mem_")).ask("GET", "/me/cart")
        world.checker.need(seen.status == 200 and not seen["lines"], "I32", seen.body)


def _orders(world: "World") -> list[Order]:
    return list(world.checker.orders.values())


END = {"completed", *GONE}
DECIDED = {"rejected", "refunded", "sent_back", "replaced", "lapsed"}
STAFF = {"head", "trader"}
# Why goods leave for good, and come back to be sold again; what is scrapped has come back and leaves as it came.
SOLD = {"shipment", "pickup", "sale", "return", "scrap"}
CHECKS: tuple[Check, ...] = (
    money_is_where_it_belongs,
    nothing_is_held,
    nothing_is_on_the_way,
    one_order_for_one_key,
    a_parcel_is_recorded_once,
    goods_went_over_the_counter_once,
    what_goes_back_is_its_share,
    what_is_on_suspense_is_unmatched,
    nobody_waits_for_a_balance,
    refunds_are_the_providers,
    disputes_are_the_providers,
    balances_are_what_was_booked,
    books_are_the_providers,
    books_are_the_orders,
    goods_stand_as_their_merchant,
    merchants_are_owed_what_was_booked,
    every_fact_was_heard,
    reports_count_each_order_once,
    files_are_imported,
    nobody_is_told_twice,
    nothing_is_stuck,
    staff_left_their_name,
    what_is_over_is_over,
)
