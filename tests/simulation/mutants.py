"""Bugs to plant: what others have shipped, each a small patch of the production code."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from souk.domains.inventory.actions import ledger, stock, stocktakes
from souk.domains.messaging import actions as messaging
from souk.domains.messaging import store as messages
from souk.domains.orders.model import quote as quoting
from souk.domains.orders.model.goods import OrderLine
from souk.domains.orders.model.order import Order
from souk.domains.payments.actions import attempts, refunds
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.domains.promotions import actions as promotions
from souk.domains.promotions.model.flash_sale import SaleSoldOut
from souk.edge import task
from souk.flows import cancel_order, checkout, drop_units, sale_checkout
from souk.gateways import aws, bus
from souk.gateways import stripe as gateway
from souk.kernel import ids
from souk.table import conditions, current, keys
from souk.table.unit import Unit

Patch = Callable[[], AbstractContextManager[Any]]


def read_then_write_stock() -> AbstractContextManager[Any]:
    """Whoever finds enough takes it, whatever others took meanwhile."""

    def reserve(unit: Unit, store_id: str, units: Mapping[str, int]) -> None:
        for sku, wanted in units.items():
            add = {"reserved": wanted, "available": -wanted}
            unit.change(keys.STOCK, sku=sku, store_id=store_id, add=add, only_if=(conditions.Present(),))

    return patch.object(stock, "reserve", reserve)


def stock_is_not_given_back() -> AbstractContextManager[Any]:
    return patch.object(stock, "release", lambda unit, store_id, units: None)


@contextmanager
def lost_updates() -> Iterator[None]:
    """Nobody looks whether what was read is still so."""

    def version(number: int) -> conditions.Condition:
        return conditions.Present() if number else conditions.Absent()

    with patch.object(conditions, "version", version):
        yield


def a_retry_has_another_token() -> AbstractContextManager[Any]:
    """A write whose answer was lost meets itself, and takes itself for somebody else."""

    class Forgetful:
        def write(self, actions: Any, token: str) -> None:
            current.table().write(actions, ids.secret())

    return patch("souk.table.unit.table", Forgetful)


def a_fact_is_not_told() -> AbstractContextManager[Any]:
    tell = Unit.tell
    return patch.object(Unit, "tell", lambda self, fact: fact.name() == "OrderPaid" or tell(self, fact))


def the_bus_is_believed() -> AbstractContextManager[Any]:
    """What the bus refused counts as told."""
    real = aws.client

    class Deaf:
        def put_events(self, **asked: Any) -> dict[str, Any]:
            real("events").put_events(**asked)
            return {"FailedEntryCount": 0}

    return patch.object(bus, "client", lambda service: Deaf())


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
        cancel_order.cancel(order_id, reason="not paid in time", by="system:close_unpaid")

    return patch.object(cancel_order, "close_unpaid", close_unpaid)


def the_payment_key_grows() -> AbstractContextManager[Any]:
    """Each try of the same payment has a key of its own."""
    create = gateway._client_with

    def client(api_key: str, api_base: str) -> Any:
        made = create(api_key, api_base)
        intents = made.v1.payment_intents

        class Growing:
            def create(self, params: Any, options: Any) -> Any:
                return intents.create(params, {"idempotency_key": ids.secret()})

            def __getattr__(self, name: str) -> Any:
                return getattr(intents, name)

        class V1:
            payment_intents, refunds = Growing(), made.v1.refunds

        class Client:
            v1 = V1()

        return Client()

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


def every_click_is_an_order() -> AbstractContextManager[Any]:
    return patch.object(checkout, "order_id_of", lambda key, by: ids.new("ord"))


def every_click_is_a_parcel() -> AbstractContextManager[Any]:
    return patch("souk.flows.ship_order.ids", SimpleNamespace(derived=lambda prefix, *parts: ids.new(prefix)))


def refunds_have_no_budget() -> AbstractContextManager[Any]:
    return patch.object(refunds, "_set_aside", lambda *given: None)


def what_is_split_keeps_its_money() -> AbstractContextManager[Any]:
    """The parts have the money, and the order that was split has it too."""
    return patch.object(Payment, "emptied", lambda self: self.but(status="moved"))


def a_refund_is_sent_under_a_new_name() -> AbstractContextManager[Any]:
    """A refund whose answer was lost is asked for anew."""
    refund = gateway.refund

    def anew(*, order_id: str, refund_id: str, intent_id: str, amount_minor: int) -> Any:
        return refund(order_id=order_id, refund_id=ids.new("rfd"), intent_id=intent_id, amount_minor=amount_minor)

    return patch.object(gateway, "refund", anew)


def the_webhook_is_believed() -> AbstractContextManager[Any]:
    """A refund counts as sent whatever becomes of it."""
    return patch.object(Refund, "judge", lambda self, answer: Outcome.NOTHING_NEW)


def prices_are_the_buyers() -> AbstractContextManager[Any]:
    """The quote that was agreed to is not computed again."""
    return patch.object(quoting, "need_same", lambda today, agreed_id: None)


def sold_out_at_the_first_shard() -> AbstractContextManager[Any]:
    """Nobody looks at the other shards of a sale."""

    def look(wish: Any) -> Any:
        raise SaleSoldOut()

    return patch.object(sale_checkout, "_look", look)


def a_sale_gets_nothing_back() -> AbstractContextManager[Any]:
    return patch.object(promotions, "give_back", lambda *_, **__: None)


def whoever_is_first_has_all() -> AbstractContextManager[Any]:
    """What one buyer may have of a sale is not counted."""
    return patch.object(promotions, "AtMost", lambda name, most: conditions.AtMost(name, most + 99))


def moves_are_not_checked() -> AbstractContextManager[Any]:
    return patch.object(Order, "moved", _moved_anywhere)


def _moved_anywhere(self: Any, to: str, at: Any, by: str) -> Any:
    step = type(self.history[0])(status=to, at=at, by=by)
    return self.but(status=to, history=(*self.history, step))


def goods_on_their_way_are_nobodys() -> AbstractContextManager[Any]:
    return patch.object(ledger, "expect", lambda *given, **more: None)


def missing_goods_are_not_told() -> AbstractContextManager[Any]:
    tell = Unit.tell
    return patch.object(Unit, "tell", lambda self, fact: fact.name() == "StockShort" or tell(self, fact))


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


def missing_units_are_paid_back_at_their_price() -> AbstractContextManager[Any]:
    """Without the freight and the tax that were paid with them."""
    return patch.object(OrderLine, "worth", OrderLine.goods_worth)


def missing_units_stay_reserved() -> AbstractContextManager[Any]:
    return patch.object(drop_units, "let_go", lambda *given: None)


MUTANTS: tuple[Patch, ...] = (
    read_then_write_stock,
    stock_is_not_given_back,
    lost_updates,
    a_retry_has_another_token,
    a_fact_is_not_told,
    the_bus_is_believed,
    consumers_forget,
    the_deadline_asks_nobody,
    the_payment_key_grows,
    money_for_cancelled_orders_is_kept,
    every_click_is_an_order,
    every_click_is_a_parcel,
    refunds_have_no_budget,
    what_is_split_keeps_its_money,
    a_refund_is_sent_under_a_new_name,
    the_webhook_is_believed,
    sold_out_at_the_first_shard,
    a_sale_gets_nothing_back,
    whoever_is_first_has_all,
    moves_are_not_checked,
    goods_on_their_way_are_nobodys,
    missing_goods_are_not_told,
    who_posts_a_count_forgets_how_far_he_was,
    texts_are_sent_unmarked,
    missing_units_are_paid_back_at_their_price,
    missing_units_stay_reserved,
)
