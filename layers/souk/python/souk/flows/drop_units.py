"""Units of a paid order that will not leave: order, reservation, pick task and money change in one transaction."""

from collections import Counter
from collections.abc import Mapping

from souk.domains.inventory.actions import reservations as inventory
from souk.domains.orders.actions import moves
from souk.domains.orders.model.goods import SaleShare
from souk.domains.orders.model.order import Order
from souk.domains.promotions import actions as promotions
from souk.domains.shipping import actions as shipping
from souk.domains.shipping import store as parcels
from souk.flows import refund, replacement
from souk.kernel.paying import RefundTo
from souk.table.ask import Rows
from souk.table.unit import Unit


def drop(
    unit: Unit,
    rows: Rows,
    order: Order,
    units: Mapping[str, int],
    *,
    refund_id: str,
    cause: str,
    reason: str,
    by: str,
    share: SaleShare | None = None,
    refund_to: RefundTo = "source",
) -> Order:
    """`rows` are the order's own, read with it. What was paid for the units is owed back, to the cent."""
    after = moves.drop(unit, order, units, reason=reason, by=by)
    replacement.follow(unit, after, by)
    let_go(unit, order, after, share)
    refund.owe_units(unit, rows, order, units, refund_id=refund_id, cause=cause, to=refund_to)
    pick = parcels.pick_in_rows(rows)
    if pick and after.unshipped():
        shipping.change_pick(unit, pick, out=units, into={})
    elif pick:
        shipping.drop_pick(unit, order.order_id)
    return after


def let_go(unit: Unit, order: Order, after: Order, share: SaleShare | None) -> None:
    """What the order holds no longer goes back to its stores, but for its `share` of a sale, which holds that again."""
    left = after.reserved()
    if share:
        promotions.give_back(unit, share.sale_id, order.buyer_id, share.units, shard=share.shard, tier=share.tier)
        left[share.store_id] = Counter(left.get(share.store_id, {})) + Counter({share.sku: share.units})
    inventory.move_reservation(unit, order.reserved(), left)
