"""Bugs to plant: what others have shipped, each a small patch of the production code."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from souk.domains.aftersales.actions import cases
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.inspection import Inspected
from souk.domains.aftersales.model.record import record_of
from souk.domains.carts import store as carts
from souk.domains.carts.model import Cart
from souk.domains.catalog.model.product import Product
from souk.domains.catalog.store import imports
from souk.domains.inventory.actions import ledger, reservations, stocktakes
from souk.domains.ledger import actions as counting
from souk.domains.ledger import store as books
from souk.domains.ledger.model.profit import profits
from souk.domains.messaging import actions as messaging
from souk.domains.messaging import store as messages
from souk.domains.orders.model.goods import OrderLine
from souk.domains.orders.model.order import CLOCK, Order
from souk.domains.payments.actions import attempts, charges, disputes, mandates, refunds, wallets
from souk.domains.payments.model import regrouping
from souk.domains.payments.model.claim import Claim, claimed
from souk.domains.payments.model.dispute import Dispute
from souk.domains.payments.model.money import MoneyEvent
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.domains.promotions import actions as promotions
from souk.domains.promotions.model.flash_sale import SaleSoldOut
from souk.domains.reconciliation.model.bill import DaySum
from souk.domains.settlement.actions import settlements
from souk.edge import task
from souk.flows import cancel_order, checkout, cost_of_goods, drop_units, sale_checkout
from souk.gateways import aws, bus, wechat_pay
from souk.gateways import stripe as gateway
from souk.kernel import ids
from souk.kernel.journal import JournalEntry
from souk.table import ask, audit, conditions, current, keys
from souk.table.unit import ChangedMeanwhile, Unit

Patch = Callable[[], AbstractContextManager[Any]]


def read_then_write_stock() -> AbstractContextManager[Any]:
    """Whoever finds enough takes it, whatever others took meanwhile."""

    def reserve(unit: Unit, store_id: str, units: Mapping[str, int]) -> None:
        for sku, wanted in units.items():
            add = {"reserved": wanted, "available": -wanted}
            unit.change(keys.STOCK, sku=sku, store_id=store_id, add=add, only_if=(conditions.Present(),))

    return patch.object(reservations, "reserve", reserve)


def lost_updates() -> AbstractContextManager[Any]:
    """Nobody looks whether what was read is still so."""
    there = (conditions.Absent(), conditions.Present())
    return patch.object(conditions, "version", lambda number: there[bool(number)])


def a_retry_has_another_token() -> AbstractContextManager[Any]:
    """A write whose answer was lost meets itself, and takes itself for somebody else."""
    forgetful = SimpleNamespace(write=lambda actions, token: current.table().write(actions, ids.secret()))
    return patch("souk.table.unit.table", lambda: forgetful)


def never_told(fact_name: str) -> AbstractContextManager[Any]:
    tell = Unit.tell
    return patch.object(Unit, "tell", lambda self, fact: fact.name() == fact_name or tell(self, fact))


def the_bus_is_believed() -> AbstractContextManager[Any]:
    """What the bus refused counts as told."""

    def put_events(**asked: Any) -> dict[str, Any]:
        return {**aws.client("events").put_events(**asked), "FailedEntryCount": 0}

    return patch.object(bus, "client", lambda service: SimpleNamespace(put_events=put_events))


def consumers_forget() -> AbstractContextManager[Any]:
    """What a consumer has done it does not remember."""

    def act(action: Callable[..., None], fact: Any, fact_id: str) -> None:
        if "unit" not in action.__annotations__:
            action(fact)
            return
        with Unit() as unit:
            action(fact, unit)

    return patch.object(task, "_act", act)


def the_deadline_asks_nobody() -> AbstractContextManager[Any]:
    """The timer of an unpaid order ends it, paid or not."""

    def close_unpaid(order_id: str) -> None:
        cancel_order.cancel(order_id, cancel_order.Ending("not paid in time", CLOCK))

    return patch.object(cancel_order, "close_unpaid", close_unpaid)


def prices_are_made_up() -> AbstractContextManager[Any]:
    line = checkout.quote_line
    return patch.object(checkout, "quote_line", lambda *given: line(*given).but(unit_price_minor=1))


def the_payment_key_grows() -> AbstractContextManager[Any]:
    """Each try of the same payment has a key of its own."""
    create = gateway._client_with

    def client(api_key: str, api_base: str) -> Any:
        v1: Any = create(api_key, api_base).v1
        ask = v1.payment_intents.create
        v1.payment_intents.create = lambda params, options: ask(params, {"idempotency_key": ids.secret()})
        return SimpleNamespace(v1=v1)

    client.cache_clear = create.cache_clear  # type: ignore[attr-defined]
    return patch.object(gateway, "_client_with", client)


@contextmanager
def money_for_cancelled_orders_is_kept() -> Iterator[None]:
    """The provider is not asked to stop, and what it takes after that is passed over."""
    judge = Payment.judge

    def deaf(self: Payment, answer: Any, **asked: bool) -> Outcome:
        outcome = judge(self, answer, **asked)
        return Outcome.NOTHING_NEW if outcome is Outcome.LATE else outcome

    with patch.object(Payment, "judge", deaf), patch.object(attempts, "stop", lambda payment: None):
        yield


def asked_besides(minor: int) -> AbstractContextManager[Any]:
    """So much more than the order costs."""
    create = gateway.create_intent
    asked = lambda *, amount_minor, **more: create(amount_minor=amount_minor + minor, **more)  # noqa: E731
    return patch.object(gateway, "create_intent", asked)


def what_a_bank_took_can_be_paid_back_again() -> AbstractContextManager[Any]:
    def claim(payment: Payment, *given: int) -> Claim:
        found = claimed(payment, *given)
        return found._replace(payment=found.payment.but(refundable_minor=payment.refundable_minor))

    return patch.object(disputes, "claimed", claim)


def a_refund_is_sent_under_a_new_name() -> AbstractContextManager[Any]:
    """A refund whose answer was lost is asked for anew."""
    refund = gateway.refund
    return patch.object(gateway, "refund", lambda **asked: refund(**asked | {"refund_id": ids.new("rfd")}))


def what_is_scrapped_is_sold_again() -> AbstractContextManager[Any]:
    book = ledger.book
    return patch.object(ledger, "book", lambda *given, scrapped=None, **more: book(*given, **more))


def sold_out_at_the_first_shard() -> AbstractContextManager[Any]:
    """Nobody looks at the other shards of a sale."""

    def look(wish: Any) -> Any:
        raise SaleSoldOut()

    return patch.object(sale_checkout, "_look", look)


def moves_are_not_checked() -> AbstractContextManager[Any]:
    def moved(self: Order, to: Any, at: Any, by: str) -> Order:
        step = type(self.history[0])(status=to, at=at, by=by)
        return self.but(status=to, history=(*self.history, step))

    return patch.object(Order, "moved", moved)


def who_posts_a_count_forgets_how_far_he_was() -> AbstractContextManager[Any]:
    """The lines are booked, and then the stocktake moves on."""
    book = stocktakes._book

    def before(unit: Unit, *given: Any) -> None:
        with Unit() as own:
            book(own, *given)

    return patch.object(stocktakes, "_book", before)


def texts_are_sent_unmarked() -> AbstractContextManager[Any]:
    """Nobody writes down that a message is going out, until it has."""

    def begin(due: Any) -> Any:
        found = messages.delivery(due.subject, due.message_id, due.channel)
        return found.but(status="sending") if found.status == "pending" else None

    return patch.object(messaging, "begin_sending", begin)


@contextmanager
def rows_are_imported_as_often_as_they_come() -> Iterator[None]:
    """Nobody looks whether a message of a queue has been worked off before."""
    add = Unit.add

    def forgetful(self: Unit, entity: Any, noun: Any, otherwise: Any = None) -> None:
        if entity is keys.IMPORTED_ROWS:
            self.put(entity, noun)
        else:
            add(self, entity, noun, otherwise)

    with patch.object(Unit, "add", forgetful), patch.object(imports, "has_imported", lambda *asked: False):
        yield


def what_was_heard_before_is_an_error() -> AbstractContextManager[Any]:
    act = task._act

    def once(*given: Any) -> None:
        try:
            act(*given)
        except task.SeenBefore as seen:
            raise ValueError("heard before") from seen

    return patch.object(task, "_act", once)


def a_balance_is_spent_unasked() -> AbstractContextManager[Any]:
    return patch.object(wallets, "at_least", lambda *_: conditions.Present())


def a_charge_is_not_booked() -> AbstractContextManager[Any]:
    book = Unit.book
    return patch.object(Unit, "book", lambda self, entry: entry.cause.startswith("charge") or book(self, entry))


def a_refund_is_booked_on_the_wrong_side() -> AbstractContextManager[Any]:
    """It balances, all the same."""
    moves = MoneyEvent.moves

    def mirrored(self: MoneyEvent, had_gone: bool, merchant_id: str | None = None) -> dict[str, int]:
        sign = -1 if self.kind == "refund_posted" else 1
        return {account: sign * minor for account, minor in moves(self, had_gone, merchant_id).items()}

    return patch.object(MoneyEvent, "moves", mirrored)


def one_side_is_booked() -> AbstractContextManager[Any]:
    """As if nothing looked whether an entry balances."""

    def book(self: Unit, entry: JournalEntry) -> None:
        if entry.postings:
            self.add(keys.JOURNAL_ENTRY, entry.but(postings=entry.postings[:1]))

    return patch.object(Unit, "book", book)


def booked_in_a_transaction_of_its_own() -> AbstractContextManager[Any]:
    """Before what it tells of."""
    book = Unit.book

    def before(self: Unit, entry: JournalEntry) -> None:
        with suppress(ChangedMeanwhile), Unit() as own:
            book(own, entry)

    return patch.object(Unit, "book", before)


@contextmanager
def entries_are_counted_as_often_as_they_come() -> Iterator[None]:
    with patch.object(books, "not_counted", list), patch.object(counting, "AtMost", lambda *_: conditions.Present()):
        yield


def half_the_profit_is_shared() -> AbstractContextManager[Any]:
    shares = profits
    return patch.object(counting, "profits", lambda entries, of: shares(entries[: len(entries) // 2 or 1], of))


def a_cart_lasts_for_ever() -> AbstractContextManager[Any]:
    new = carts.of_owner

    def of_owner(owner_id: str) -> Cart:
        return ask.find(keys.CART, Cart, owner_id=owner_id) or new(owner_id)

    return patch.object(carts, "of_owner", of_owner)


def nothing(*given: Any, **more: Any) -> None:
    """What is done instead of what should be."""


def a_mandate_has_no_limit() -> AbstractContextManager[Any]:
    """Of a day, whatever was charged on it already."""
    generous = SimpleNamespace(
        version=conditions.version, AtMost=lambda name, most: conditions.AtMost(name, most + 10**6)
    )
    return patch.object(mandates, "conditions", generous)


def a_charge_that_came_to_nothing_counts() -> AbstractContextManager[Any]:
    """Its part of the day is not given back."""

    def give_up(unit: Unit, payment: Payment) -> Payment:
        return payment.but(kept=payment.kept_charge.but(given_up=True)) if payment.kept_charge else payment

    return patch.object(mandates, "give_up", give_up)


MUTANTS: Mapping[str, Patch] = {
    "stock is read, then written": read_then_write_stock,
    "stock is not given back": lambda: patch.object(reservations, "release", nothing),
    "goods on their way are nobody's": lambda: patch.object(ledger, "expect", nothing),
    "missing goods are not told": lambda: never_told("StockShort"),
    "missing units stay reserved": lambda: patch.object(drop_units, "let_go", nothing),
    "who posts a count forgets how far he was": who_posts_a_count_forgets_how_far_he_was,
    "updates are lost": lost_updates,
    "a retry has another token": a_retry_has_another_token,
    "a fact is not told": lambda: never_told("OrderPaid"),
    "the bus is believed": the_bus_is_believed,
    "consumers forget": consumers_forget,
    "what was heard before is an error": what_was_heard_before_is_an_error,
    "the deadline asks nobody": the_deadline_asks_nobody,
    "nobody closes unpaid orders": lambda: patch.object(cancel_order, "close_unpaid", nothing),
    "moves are not checked": moves_are_not_checked,
    "every click is an order": lambda: patch.object(checkout, "order_id_of", lambda key, by: ids.new("ord")),
    "every click is a parcel": lambda: patch(
        "souk.flows.ship_order.ids", SimpleNamespace(derived=lambda prefix, *parts: ids.new(prefix))
    ),
    "prices are made up": prices_are_made_up,
    "the payment's key grows": the_payment_key_grows,
    "a code that was given up is still good": lambda: patch.object(attempts, "stop", nothing),
    "money for cancelled orders is kept": money_for_cancelled_orders_is_kept,
    "a cent more is asked for": lambda: asked_besides(1),
    "a cent less is asked for": lambda: asked_besides(-1),
    "a locked rate is forgotten": lambda: patch.object(Payment, "charged_by", nothing),
    "what is split keeps its money": lambda: patch.object(
        regrouping, "emptied", lambda payment: payment.but(status="moved")
    ),
    "refunds have no budget": lambda: patch.object(refunds, "_set_aside", nothing),
    "what a bank took can be paid back again": what_a_bank_took_can_be_paid_back_again,
    "disputes are never over": lambda: patch.object(Dispute, "heard", lambda self, *given: self),
    "a refund is sent under a new name": a_refund_is_sent_under_a_new_name,
    "a refund on its way counts as failed": lambda: patch.dict(wechat_pay.REFUND_STATUSES, PROCESSING="failed"),
    "a refund counts as sent": lambda: patch.object(Refund, "judge", lambda self, answer: Outcome.NOTHING_NEW),
    "what the provider keeps is not booked": lambda: patch.object(DaySum, "moves", lambda self, provider: {}),
    "missing units are paid back bare": lambda: patch.object(OrderLine, "worth", OrderLine.goods_worth),
    "what is deducted is paid back": lambda: patch.object(
        Inspected, "refund_minor", property(lambda self: self.worth_minor)
    ),
    "what was kept for an exchange stays kept": lambda: patch.object(charges, "release", nothing),
    "what is scrapped is sold again": what_is_scrapped_is_sold_again,
    "sold out at the first shard": sold_out_at_the_first_shard,
    "a sale gets nothing back": lambda: patch.object(promotions, "give_back", nothing),
    "whoever is first has all": lambda: patch.object(
        promotions, "AtMost", lambda name, most: conditions.AtMost(name, most + 99)
    ),
    "texts are sent unmarked": texts_are_sent_unmarked,
    "rows are imported as often as they come": rows_are_imported_as_often_as_they_come,
    "staff leave no name": lambda: patch.object(audit, "entries", lambda *given: []),
    "a balance is spent unasked": a_balance_is_spent_unasked,
    "a mandate has no limit": a_mandate_has_no_limit,
    "a charge that came to nothing counts": a_charge_that_came_to_nothing_counts,
    "a charge is not booked": a_charge_is_not_booked,
    "a refund is booked on the wrong side": a_refund_is_booked_on_the_wrong_side,
    "one side is booked": one_side_is_booked,
    "booked in a transaction of its own": booked_in_a_transaction_of_its_own,
    "entries are counted as often as they come": entries_are_counted_as_often_as_they_come,
    "nobody counts": lambda: patch.object(counting, "_count", nothing),
    "credits are not counted": lambda: patch.object(counting, "_add", lambda sides: {"debit_minor": sides[0]}),
    "tax that goes back is called freight": lambda: patch.object(OrderLine, "tax_worth", lambda self, units: 0),
    "a month is closed with vouchers uncounted": lambda: patch.object(
        counting, "_count_rest", lambda period: period.by_hand
    ),
    "goods leave for nothing": lambda: patch.object(cost_of_goods, "book_out", nothing),
    "of many entries half the profit is shared": half_the_profit_is_shared,
    "nobody settles with merchants": lambda: patch.object(settlements, "_enter_unknown", nothing),
    "the commission stays when goods go back": lambda: patch.object(
        OrderLine, "commission_worth", lambda self, units: 0
    ),
    "a cart lasts for ever": a_cart_lasts_for_ever,
    "a suspension takes nothing off": lambda: patch.object(Product, "by_merchant", lambda self, *given: self),
    "a case remembers its last step only": lambda: patch.object(
        RefundCase, "_with", lambda self, step: self.but(history=(step,))
    ),
    "the list of cases stays behind": lambda: patch.object(
        cases, "record_of", lambda case: record_of(case.but(status="requested"))
    ),
}
