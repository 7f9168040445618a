"""Other goods for those that come back: reserved when it is approved, sent as an order of their own when all passes."""

from souk.domains.aftersales.actions import returns as aftersales
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.exchange import need_exchangeable
from souk.domains.inventory.actions import reservations as inventory
from souk.domains.orders.actions import moves, placing
from souk.domains.orders.model import quote as quoting
from souk.domains.orders.model.lifecycle import EXCHANGE
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Quote
from souk.domains.orders.model.refusals import AlreadyPaid
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import awaiting, charges, refunds
from souk.domains.payments.actions.refunds import Due
from souk.domains.payments.model.fund import Share
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.store import payments as payment_store
from souk.domains.payments.store import refunds as refund_store
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.flows import commission, refund, settle_payment
from souk.flows.checkout import basket_of, on_sale, payment_for
from souk.flows.goods import goods_keys
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.table import ask
from souk.table.ask import Rows
from souk.table.unit import ChangedMeanwhile, Unit


def approve(unit: Unit, case: RefundCase, by: Caller) -> RefundCase:
    """The other goods are reserved, and what was paid for those that come back is kept for them.

    What they cost more is paid before anything is sent back; what they cost less goes back when all has passed.
    """
    rows = store.whole(case.order_id)
    order, payment = store.in_rows(rows), payment_store.in_rows(rows)
    bought = refund.bought(order)
    need_exchangeable(case.units, bought, at_till=payment.at_till)
    case = case.priced(bought)
    wanted = _order_for(order, case, by)
    wanted.need_something_to_pay()
    difference = wanted.total_minor - case.amount_minor
    case = case.but(replacement_id=wanted.order_id, difference_minor=difference)
    method = (
        settings_store.at_hand().settings.first_method(difference, order.currency) if difference > 0 else payment.method
    )
    wanted = wanted.but(payment_method=method)
    charges.pledge(unit, payment, case.amount_minor)
    inventory.reserve(unit, wanted.store_id, wanted.unshipped())
    address = stores.get(case.store_id).address
    placing.place(unit, wanted, otherwise=ChangedMeanwhile())
    if difference > 0:
        awaiting.await_payment(unit, payment_for(wanted).wanted(method).but(credit_minor=case.amount_minor))
        return aftersales.await_payment(unit, case, address, by.id)
    return aftersales.await_return(unit, case, address, by.id)


def settle(unit: Unit, rows: Rows, order: Order, case: RefundCase, by: Caller) -> None:
    """After the inspection: the money goes on to the other goods, which leave now, or all of it is undone."""
    if not case.kept:
        undo(unit, case, by)
        return
    theirs = store.whole(case.replacement_id or "")
    wanted, payment = store.in_rows(theirs), payment_store.in_rows(rows)
    begun = payment_store.in_rows(theirs) if case.difference_minor > 0 else None
    less = max(0, -case.difference_minor)
    made, sale = refund_store.refunds_in(rows), refund.sale_of(rows, order, case.kept)
    share = Share(
        order_id=wanted.order_id,
        store_id=wanted.store_id,
        merchant_id=wanted.merchant_id,
        amount_minor=case.amount_minor - less,
    )
    moves.note_refunded(unit, order, case.kept)
    after = charges.hand_on(
        unit,
        payment,
        share,
        begun,
        pledged_minor=case.amount_minor,
        sale=sale,
        made=made,
    )
    if less:
        refund_id, told = ids.derived("rfd", case.case_id), sale.but(first=False, lines=())
        due = Due(refund_id, less, "exchanged for less", told, to=case.refund_to)
        refunds.pay_out(unit, after, due, made=made)
    moves.mark_paid(unit, wanted, method=(begun or payment).method, at=clock.now(), by=by.id)


def undo(unit: Unit, case: RefundCase, by: Caller) -> None:
    """Nothing is exchanged: the other goods are free again, and so is the money; what was paid for them goes back."""
    rows = store.whole(case.replacement_id or "")
    wanted = store.in_rows(rows)
    moves.cancel(unit, wanted, reason="not exchanged", by=by.id)
    inventory.release(unit, wanted.store_id, wanted.unshipped())
    charges.release(unit, case.order_id, case.amount_minor)
    if case.difference_minor > 0:
        _give_back(unit, payment_store.in_rows(rows), by)


def _give_back(unit: Unit, payment: Payment, by: Caller) -> None:
    """What the goods cost more, if it was paid: after this the provider takes nothing, or has taken it.

    AlreadyPaid where that happens at this very moment: there is one more step to undo then.
    """
    if payment.status == "captured":
        refunds.owe(unit, payment, Due(ids.derived("rfd", payment.order_id), payment.own_minor, "not exchanged"))
        return
    if not settle_payment.stopped(payment, by):
        raise AlreadyPaid()
    charges.void(unit, payment)


def _order_for(order: Order, case: RefundCase, by: Caller) -> Order:
    """Of the store that sold the goods, to where they went, without freight."""
    made = placing.new_order(
        _quote(order, case),
        order_id=ids.derived("ord", case.case_id),
        buyer_id=order.buyer_id,
        address=order.address,
        contact=order.contact,
        payment_time=EXCHANGE,
        policy_version=settings_store.at_hand().settings.version,
        fingerprint=case.case_id,
        by=by,
        by_staff=True,
    )
    return commission.charged(made).begun_at("awaiting_return").but(exchange_of=case.case_id)


def _quote(order: Order, case: RefundCase) -> Quote:
    """At today's prices; the same goods again cost what was paid for them."""
    settings, home = settings_store.at_hand().settings, stores.get(order.store_id)
    others = {line.instead: line.quantity for line in case.lines if line.instead and line.instead != line.sku}
    goods = on_sale(ask.many(goods_keys(others)), others, order.currency)
    quoting.need_sold_by(order.merchant_id, goods)
    basket = basket_of(goods, settings, [home], order.address.country).but(freights=())
    same = (order.line_of(line.sku).again(line.quantity) for line in case.lines if line.instead == line.sku)
    return quoting.totalled(basket.but(lines=(*quoting.quote(basket).lines, *same)))
