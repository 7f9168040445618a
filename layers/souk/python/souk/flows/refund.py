"""Money back: a case asked for and approved, goods that are brought back, and units that never leave."""

from collections.abc import Mapping

from souk.domains.aftersales import store as cases
from souk.domains.aftersales.actions import cases as aftersales
from souk.domains.aftersales.actions import photos
from souk.domains.aftersales.model.case import RefundCase, Step, need_none_open
from souk.domains.aftersales.model.pricing import Bought, priced_lines
from souk.domains.aftersales.model.returns import StoreReturn
from souk.domains.aftersales.model.wish import CaseDraft, RefundWish, need_refundable
from souk.domains.inventory.actions import stock as inventory
from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import refunds
from souk.domains.payments.actions.refunds import Due
from souk.domains.payments.events import ReturnedLine, SaleContext
from souk.domains.payments.model import budget
from souk.domains.payments.model.refund import Goodwill, Refund
from souk.domains.payments.store import payments as payment_store
from souk.domains.payments.store import refunds as refund_store
from souk.domains.stores.store import stores
from souk.flows import cost_of_goods, return_window, settle_payment
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.paying import RefundTo
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import Unit


def ask_refund(wish: RefundWish, by: Caller) -> RefundCase:
    """Opens a case; one SKU of an order is in one open case at most."""
    rows = store.whole(wish.order_id)
    order = store.in_rows(rows)
    order.need_buyer(by)
    case = _new_case(ids.new("cas"), wish, rows, order, by)
    case = case.showing(photos.laid(order.order_id, wish.images, by))
    with Unit() as unit:
        return aftersales.open_case(unit, case)


def ask_for_buyer(draft: CaseDraft, by: Caller) -> RefundCase:
    """The same, asked by staff in the buyer's name: on the telephone, or at a counter."""
    rows = store.whole(draft.order_id)
    order = store.in_rows(rows)
    order.need_scope(by)
    case = _new_case(ids.new("cas"), draft, rows, order, by).but(assisted_by=by.id)
    with Unit() as unit:
        return aftersales.open_case(unit, case)


def take_back(brought: StoreReturn, by: Caller) -> RefundCase:
    """Goods come back over the counter: case, order, money and stock in one transaction.

    Any store takes back what any other of its owner sold: whose order it is need not be in the caller's scope, where
    they lie must.
    """
    by.need_store(brought.store_id)
    stores.get(brought.store_id)
    return again(lambda: _take_back(brought, by))


def _take_back(brought: StoreReturn, by: Caller) -> RefundCase:
    if found := cases.find(brought.case_id):
        found.need_same(brought)
        return found
    rows = store.whole(brought.order_id or order_lists.id_of_number(str(brought.number)))
    order = store.in_rows(rows)
    order.need_taken_back_at(brought.store_id, by)
    case = due_now(rows, _new_case(brought.case_id, brought, rows, order, by))
    with Unit() as unit:
        taken = aftersales.take_back(unit, case, brought, by)
        moves.note_refunded(unit, order, taken.units)
        owe_case(unit, rows, order, taken, cause=f"brought back: {taken.reason}")
        scrapped = taken.units if brought.condition == "scrap" else {}
        put_back(unit, order, brought.store_id, taken.units, scrapped, case_id=taken.case_id, by=by.id)
        return taken


def put_back(
    unit: Unit,
    order: Order,
    store_id: str,
    units: Mapping[str, int],
    scrapped: Mapping[str, int],
    *,
    case_id: str,
    by: str,
) -> None:
    """The units are in the store again; those that were scrapped are in its ledger alone."""
    products = {line.sku: line.product_id for line in order.lines}
    inventory.take_back(unit, store_id, units, products, case_id=case_id, by=by, scrapped=scrapped)
    if restocked := {sku: count - scrapped.get(sku, 0) for sku, count in units.items() if count > scrapped.get(sku, 0)}:
        cost_of_goods.book_in(unit, order, restocked, case_id)


def _new_case(case_id: str, wish: CaseDraft | StoreReturn, rows: Rows, order: Order, by: Caller) -> RefundCase:
    need_refundable(order.status)
    payment_store.in_rows(rows).need_way_back(wish.refund_to)
    units = wish.units()
    return_window.need_open(order, units)
    need_none_open(units, cases.open_in(rows))
    instead = wish.instead()
    lines = tuple(line.but(instead=instead.get(line.sku)) for line in priced_lines(units, bought(order)))
    at = clock.now()
    return RefundCase(
        case_id=case_id,
        order_id=order.order_id,
        order_number=order.number,
        store_id=order.store_id,
        buyer_id=order.buyer_id,
        currency=order.currency,
        kind=wish.kind,
        reason=wish.reason,
        lines=lines,
        amount_minor=sum(line.amount_minor for line in lines),
        refund_to=wish.refund_to,
        opened_at=at,
        history=(Step(status="requested", at=at, by=by.id, text=wish.text),),
    )


def approve(unit: Unit, case: RefundCase, by: Caller) -> RefundCase:
    """Case, order and budget move together: either the money is set aside or nothing was approved."""
    rows = store.whole(case.order_id)
    order = store.in_rows(rows)
    approved = aftersales.approve(unit, due_now(rows, case.priced(bought(order))), by)
    moves.note_refunded(unit, order, case.units)
    owe_case(unit, rows, order, approved, cause=f"case: {case.reason}")
    return approved


def give(order_id: str, wanted: Goodwill, by: Caller) -> Refund:
    """Beyond what came back, out of what is left; the same reference is the same refund."""
    refund_id = ids.derived("rfd", order_id, "goodwill", wanted.reference)

    def once() -> Refund:
        rows = store.whole(order_id)
        payment = payment_store.in_rows(rows)
        payment.need_scope(by)
        payment.need_way_back(wanted.refund_to)
        payment.need_worth_taking(wanted.amount_minor)
        rows = settle_payment.taken(rows, by.id)
        payment = payment_store.in_rows(rows)
        made = refund_store.refunds_in(rows)
        if parts := refunds.parts_of(payment, refund_id, made):
            parts[0].need_same(wanted, sum(part.amount_minor for part in parts))
            return parts[0]
        sale = sale_of(rows, store.in_rows(rows), {})
        with Unit() as unit:
            unit.because(wanted.reason)
            due = Due(refund_id, wanted.amount_minor, wanted.reason, sale, goodwill=True, to=wanted.refund_to)
            return refunds.owe(unit, payment, due, made=made)

    return again(once)


def retry(order_id: str, refund_id: str, to: RefundTo, by: Caller) -> Refund:
    """Of what could not be sent whence it came, the balance is the other way back."""
    payment = payment_store.for_staff(order_id, by)
    payment.need_way_back(to)
    return refunds.retry(payment, refund_id, to)


def follow(unit: Unit, order_id: str, case_id: str) -> None:
    """What became of the money of a case brings the case to where it is."""
    # The case first: who has seen older refunds has then seen an older case too, and is refused.
    case = cases.get(case_id)
    found = refund_store.refunds_of_case(order_id, case_id)
    if aftersales.follow_refunds(unit, case, [(one.arrived_as, one.amount_minor) for one in found]):
        refunds.hold(unit, found)


def owe_units(
    unit: Unit,
    rows: Rows,
    order: Order,
    units: Mapping[str, int],
    *,
    refund_id: str,
    cause: str,
    to: RefundTo = "source",
) -> None:
    """What was paid for units that will not leave; nothing where they cost nothing."""
    payment_store.in_rows(rows).need_way_back(to)
    amount_minor = sum(line.worth(units.get(line.sku, 0)) for line in order.lines)
    if amount_minor:
        _owe(unit, rows, Due(refund_id, amount_minor, cause, sale_of(rows, order, units), to=to))


def owe_freight(unit: Unit, rows: Rows, order: Order) -> None:
    """What the last correction of the order pays back, if anything."""
    amount_minor = order.corrections[-1].refunded_minor
    if amount_minor:
        refund_id = ids.derived("rfd", order.order_id, f"correction {len(order.corrections)}")
        _owe(unit, rows, Due(refund_id, amount_minor, "lower freight", sale_of(rows, order, {})))


def due_now(rows: Rows, case: RefundCase) -> RefundCase:
    ahead = budget.ahead(payment_store.in_rows(rows), case.amount_minor)
    return case.but(ahead_minor=sum(ahead.values()))


def owe_case(
    unit: Unit, rows: Rows, order: Order, case: RefundCase, cause: str, units: Mapping[str, int] | None = None
) -> None:
    """For its units, or for those alone that the shop keeps; `order` as it was before they came back."""
    refund_id, sale = ids.derived("rfd", case.case_id), sale_of(rows, order, units or case.units)
    _owe(unit, rows, Due(refund_id, case.amount_minor, cause, sale, case.case_id, to=case.refund_to))


def _owe(unit: Unit, rows: Rows, due: Due) -> None:
    refunds.owe_rest(unit, payment_store.in_rows(rows), due, made=refund_store.refunds_in(rows))


def bought(order: Order) -> list[Bought]:
    return [
        Bought(
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            shipped=line.shipped,
            refunded=line.refunded,
            left_out=line.left_out,
            paid_minor=line.borne_minor,
        )
        for line in order.lines
    ]


def sale_of(rows: Rows, order: Order, units: Mapping[str, int]) -> SaleContext:
    """Goods that stood in for others were sold as those."""
    payment = payment_store.in_rows(rows)
    returned: dict[str, ReturnedLine] = {}
    for line in order.lines:
        if count := units.get(line.sku):
            sku, goods_minor = line.replaces or line.sku, line.goods_worth(count)
            known = returned.get(sku, ReturnedLine(sku=sku, units=0, goods_minor=0))
            returned[sku] = known.but(units=known.units + count, goods_minor=known.goods_minor + goods_minor)
    return SaleContext(
        store_id=order.store_id,
        merchant_id=order.merchant_id,
        placed_at=order.placed_at,
        country=order.counted_in.country,
        region=order.counted_in.region,
        first=payment.intact and not any(line.refunded for line in order.lines),
        lines=tuple(returned.values()),
    )
