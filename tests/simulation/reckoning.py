"""What must hold of money once everything has come to rest; the provider's own books are the truth about it."""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.inventory.model.stock import StockEntry
from souk.domains.ledger.model.balance import AccountBalance, DayBalance
from souk.domains.ledger.model.profit import CampaignProfit, ProductProfit
from souk.domains.ledger.model.voucher import Voucher
from souk.domains.orders.model.lifecycle import LAPSED, REGROUPED
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import DISCOUNTS, FREIGHT, GOODS, TAX
from souk.domains.payments.model.bank_transfer import BankTransfer
from souk.domains.payments.model.dispute import Dispute
from souk.domains.payments.model.fund import Fund
from souk.domains.payments.model.money import MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.domains.reconciliation.model.bill import Bill
from souk.domains.settlement.model.settlement import PAYABLE
from souk.kernel import ids, money
from souk.kernel.journal import kind_of
from souk.kernel.owner import owner_of
from souk.table import keys
from tests.simulation.provider import Taken
from tests.simulation.world import COSTS
from tests.support import books

if TYPE_CHECKING:
    from tests.simulation.world import World

# Why goods leave for good, and come back to be sold again; what is scrapped has come back and leaves as it came.
SOLD = {"shipment", "pickup", "sale", "return", "scrap"}


def money_is_where_it_belongs(world: "World") -> None:
    """I8, I9, I10, I13: one payment took the total of an order that was paid; any other money has gone back.

    Of an order that ended while its money was only promised, nothing was taken.

    Of an order that was split or merged the money is where its goods are, and no more of each payment than it took.
    """
    payments = {one.order_id: one for one in world.checker.rows(keys.PAYMENT, Payment)}
    funds = [fund for one in payments.values() if one.captured_minor for fund in _funds(one)]
    refunds = world.checker.rows(keys.REFUND, Refund)
    gone_on = exchanged(world)
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
    for order in world.checker.orders.values():
        paid = payments.get(order.order_id)  # none where goods are no dearer than those that never came back for them
        captured = paid.captured_minor if paid else 0
        if order.status == "cancelled" and captured:
            back = {one.order_id for one in refunds}.union(*world.checker.taken_back.values())
            world.checker.need(order.order_id in back, "I9", f"{order} kept money")
        if world.checker.was_let_go(order):
            kept = captured or taken[order.order_id] or order.status != "cancelled"
            world.checker.need(not kept, "I8", f"{order.order_id} ended unpaid")
        elif order.has_been("paid"):
            world.checker.need(paid is None or paid.status != "authorised", "I8", f"{order.order_id} is not paid")
            source = taken[order.order_id] or order.came_from or order.exchange_of
            # What is beyond has gone back.
            given = transferred[order.order_id] + (paid.from_balance_minor if paid else 0)
            world.checker.need(source or given >= order.total_minor, "I8", f"{order.order_id} was never paid")
            owned = 0 if order.status in REGROUPED else order.total_minor - gone_on[order.order_id]
            # What came beyond what was due, or when it was paid, has gone back whole.
            gone = [one for one in refunds if one.order_id == order.order_id and one.status != "voided"]
            sold = {fund.intent_id for fund in _paid(paid)} if paid else set[str]()
            beyond = sum(one.amount_minor for one in gone if one.intent_id not in sold)
            world.checker.need(captured - beyond == owned, "I8", (order.order_id, captured, beyond))


def who_cancels_is_said(world: "World") -> None:
    """I8: an order ends for a bank that let go of its money only where the bank did so by itself."""
    let_go = {
        one["metadata"]["order_id"]
        for one in world.provider.objects("payment_intent")
        if one["cancellation_reason"] == "automatic"
    }
    for order in world.checker.orders.values():
        world.checker.need(order.cancel_reason != LAPSED or order.order_id in let_go, "I8", f"{order} did not lapse")


def _funds(payment: Payment) -> list[Fund]:
    """What paid for the order, if anything did, and what came too late and went back."""
    late = [payment.fund_of(one.intent_id) for one in payment.attempts if one.intent_id and one.status == "returned"]
    return [*_paid(payment), *late]


def _paid(payment: Payment) -> tuple[Fund, ...]:
    paid = payment.funds or any(one.status == "succeeded" for one in payment.attempts)
    return payment.sources if paid else ()


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
    gone_on, deducted = exchanged(world), Counter[str]()
    for case in cases(world):
        deducted[case.order_id] += sum(case.deducted.values())
    refunds: dict[str, list[Refund]] = defaultdict(list)
    for refund in world.checker.rows(keys.REFUND, Refund):
        refunds[refund.order_id].append(refund)
    by_banks = _given_by_banks(world)
    for order in world.checker.orders.values():
        if world.checker.was_let_go(order):
            world.checker.need(not refunds[order.order_id], "I11", order)
            continue
        again = {ids.derived("rfd", one.refund_id) for one in refunds[order.order_id]}
        first = [one for one in refunds[order.order_id] if one.refund_id not in again and one.sale]
        owed = sum(one.amount_minor for one in first) + by_banks[order.order_id]
        settled = sum(money.share_of_units(one.borne_minor, one.quantity, 0, one.settled) for one in order.lines)
        freight = sum(one.refunded_minor for one in order.corrections)
        moved = sum(one.payable_minor for one in order.lines if one.replaces)
        kept = gone_on[order.order_id] + deducted[order.order_id]
        world.checker.need(owed == settled - moved + freight - kept, "I11", (order, owed))


def _given_by_banks(world: "World") -> Counter[str]:
    """By order, what was disputed and so was not refunded; not what a refund that failed had left."""
    made_up = {one.refund_id for one in world.checker.rows(keys.REFUND, Refund) if one.made_up_minor}
    sums: Counter[str] = Counter()
    for event in world.checker.rows(keys.MONEY_EVENT, MoneyEvent):
        if event.kind in ("dispute_used", "loss_used") and event.subject not in made_up:
            sums[event.order_id] += event.amount_minor
    return sums


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
    for order in world.checker.orders.values():
        sold = (order.has_been("paid") or order.sold_at_till) and not world.checker.was_let_go(order)
        if sold and order.status not in REGROUPED:
            expected.update(_earned(order))
    vouchers = [one for one in world.checker.rows(keys.VOUCHER, Voucher) if one.status == "posted"]
    expected["other_expense"] = -sum(one.moves["other_expense"] for one in vouchers)
    for case in cases(world):
        merchant_id = owner_of(case.store_id)
        kept_by = f"{PAYABLE}:{merchant_id}" if merchant_id else "other_income"
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
            sums[f"{PAYABLE}:{line.merchant_id}"] += net - goods_back + freight - commission
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


def merchants_are_owed_what_was_booked(world: "World") -> None:
    """I37: all that was booked for a merchant was entered."""
    checker = world.checker
    booked = {name: -minor for name, minor in checker.books.accounts.items() if name.startswith(PAYABLE)}
    entered: Counter[str] = Counter()
    for (merchant_id, _), minor in checker.settlements.owed.items():
        entered[f"{PAYABLE}:{merchant_id}"] += minor
    checker.need(Counter(booked) == entered, "I37", (booked, entered))


def exchanged(world: "World") -> Counter[str]:
    """By order, what was paid for goods that came back and has paid for others."""
    sums: Counter[str] = Counter()
    for case in cases(world):
        if case.kind == "exchange" and case.kept:
            sums[case.order_id] += case.amount_minor + min(0, case.difference_minor)
    return sums


def cases(world: "World") -> list[RefundCase]:
    return world.checker.rows(keys.CASE, RefundCase)
