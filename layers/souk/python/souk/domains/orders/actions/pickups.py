"""Goods wait in a store for their buyer: laid out, reminded of, and handed out for a code."""

from datetime import timedelta

from souk.domains.orders.actions.saving import about, save_move
from souk.domains.orders.events import moving as events
from souk.domains.orders.model.delivery import PickupSlip
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.pickup import CODE_LETTERS, Pickup, PickupLocked
from souk.gateways import keyed
from souk.kernel import clock, ids
from souk.table import keys
from souk.table.conditions import at_least
from souk.table.unit import Unit


def lay_out(unit: Unit, order: Order, *, by: str, pickup_time: timedelta) -> Order:
    """The goods wait in their store for the buyer, and for so long they are kept."""
    now = clock.now()
    ready = save_move(unit, order.laid_out(now, by))
    pickup = Pickup(order_id=order.order_id, store_id=order.store_id, ready_at=now, until=now + pickup_time)
    unit.save(keys.PICKUP, pickup)
    unit.tell(
        events.OrderReady(**about(order), store_name=order.address.name, remind_at=pickup.remind_at, until=pickup.until)
    )
    return ready


def remind(unit: Unit, order: Order, pickup: Pickup) -> None:
    unit.save(keys.PICKUP, pickup.but(reminded_at=clock.now()))
    unit.tell(events.PickupReminded(**about(order), store_name=order.address.name, until=pickup.until))


def slip(pickup: Pickup) -> PickupSlip:
    """The code is kept nowhere: it is made of what it is bound to, and of how many there have been."""
    made = keyed.digest("pickup", pickup.order_id, pickup.store_id, str(pickup.issue))
    return PickupSlip(code=ids.letters(made, CODE_LETTERS), until=pickup.until)


def count_try(order_id: str) -> None:
    """Before anything is compared, so that of many tries at once none is free."""
    with Unit() as unit:
        unit.change(
            keys.PICKUP,
            order_id=order_id,
            add={"tries_left": -1},
            only_if=(at_least("tries_left", 1),),
            otherwise=PickupLocked(),
        )


def issue_code(pickup: Pickup) -> Pickup:
    with Unit() as unit:
        return unit.save(keys.PICKUP, pickup.issued_anew())
