"""Sales at a store's till: order, payment and stock in one transaction, told at once or after the till was offline."""

from souk.domains.inventory.actions import stock as inventory
from souk.domains.members.actions import profile
from souk.domains.orders.actions import selling as placing
from souk.domains.orders.model import quote as quoting
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.sale import OfflineBatch, OfflineSale, SaleOutcome, SaleOutcomes, TillSale
from souk.domains.payments.actions import charges
from souk.domains.stores.model.settings import ShopSettings
from souk.domains.stores.model.store import Store
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.flows import commission, cost_of_goods
from souk.flows.checkout import on_sale, payment_for
from souk.flows.goods import goods_keys
from souk.kernel.address import Contact
from souk.kernel.caller import Caller, walk_in
from souk.kernel.errors import Refusal
from souk.table import ask, keys
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import Unit


def sell(sale: TillSale, by: Caller) -> Order:
    """The order that the sale is, entered once however often it is sent."""
    sale.need_permission(by)
    store = stores.get(sale.store_id)
    return again(lambda: _sell(sale, store, by))


def enter_batch(batch: OfflineBatch, by: Caller) -> SaleOutcomes:
    """Every sale for itself: one that is refused does not stop the rest, and the whole may be sent again."""
    outcomes = [_enter(sale, by) for sale in batch.sales]
    entered = sum(outcome.order_id is not None for outcome in outcomes)
    return SaleOutcomes(entered=entered, refused=len(outcomes) - entered, sales=outcomes)


def _enter(sale: OfflineSale, by: Caller) -> SaleOutcome:
    named = {"store_id": sale.store_id, "sale_id": sale.sale_id}
    try:
        order = sell(sale, by)
    except Refusal as refusal:
        return SaleOutcome(**named, code=refusal.code(), detail=refusal.detail)
    return SaleOutcome(**named, order_id=order.order_id, number=order.number)


def _sell(sale: TillSale, store: Store, by: Caller) -> Order:
    settings, wanted = settings_store.at_hand().settings, quoting.summed(sale.lines)
    rows = ask.many([ask.key(keys.ORDER, order_id=sale.order_id), *goods_keys(wanted)])
    if placed := rows.one(keys.ORDER, Order):
        placed.need_same_request(sale.fingerprint)
        return placed
    sold = _order(sale, store, settings, rows, by)
    with Unit() as unit:
        entered = placing.sell(unit, sold, completion_time=settings.completion_time)
        charges.take(unit, payment_for(sold), method=sale.paid_by, reference=sale.reference, at=sold.placed_at)
        inventory.sell(
            unit,
            sold.store_id,
            wanted,
            {line.sku: line.product_id for line in sold.lines},
            order_id=sold.order_id,
            by=by.id,
            at=sold.placed_at,
            are_gone=sale.goods_are_gone,
        )
        cost_of_goods.book_out(unit, sold, wanted, "till")
        if sale.overrides:
            unit.because(sale.reason, **sale.overrides)
        return entered


def _order(sale: TillSale, store: Store, settings: ShopSettings, rows: Rows, by: Caller) -> Order:
    """At today's prices or those set by hand, for the member whose telephone it is, if it is one's."""
    sold_at = sale.moment(by)
    lines = on_sale(rows, quoting.summed(sale.lines), settings.currency, even_if_delisted=sale.goods_are_gone)
    quoting.need_sold_by(store.merchant_id, lines)
    basket = quoting.Basket(
        currency=settings.currency,
        country=store.address.country,
        store_id=store.store_id,
        delivery_method="till",
        lines=lines,
        tax_basis_points=settings.tax_basis_points,
    )
    agreed = quoting.quote(quoting.by_hand(basket, sale.lines, freight_minor=None))
    sale.need_total(agreed.total_minor)
    member_id = profile.recognise(sale.phone) if sale.phone else None
    sold = placing.new_sale(
        sale,
        agreed,
        buyer_id=member_id or walk_in(store.store_id),
        address=store.address,
        contact=Contact(name=store.name, phone=sale.phone or store.phone),
        policy_version=settings.version,
        sold_at=sold_at,
        by=by,
    )
    return commission.charged(sold)
