"""Money that came when its order was over: the order is served after all where it can be, or all of it goes back."""

from collections.abc import Iterator, Sequence

from souk.domains.inventory.actions import reservations as inventory
from souk.domains.inventory.model import InsufficientStock
from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Holding
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import charges
from souk.domains.payments.model.wallet import BalanceTooLow
from souk.domains.payments.store import payments as payment_store
from souk.domains.stores.model.allocation import Candidates, Lot, NoPickupThere
from souk.domains.stores.store.settings import at_hand
from souk.flows.goods import selling
from souk.flows.serving import candidates_for, pickup_from, shared_out
from souk.flows.sweep import sweep
from souk.kernel import clock
from souk.kernel.caller import system
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def decide(order_id: str, intent_id: str) -> None:
    """Once, whatever is told twice: what is decided is held no more."""
    again(lambda: _decide(order_id, intent_id))


def decide_held(most: int) -> Iterator[str | None]:
    """Whatever is held still, where nobody was told of it or the telling was lost."""
    return sweep(payment_store.held(most), _decide_all)


def _decide_all(order_id: str) -> None:
    for intent_id in payment_store.of_order(order_id).late_intents:
        decide(order_id, intent_id)


def _decide(order_id: str, intent_id: str) -> None:
    rows = store.whole(order_id)
    order, payment = store.in_rows(rows), payment_store.in_rows(rows)
    late = payment.late_attempt(intent_id)
    if late is None:
        return
    holders = _who_serves(order) if order.may_revive else ()
    try:
        with Unit() as unit:
            if holders:
                revived = moves.revive(unit, order, holders, method=late.method, by=system("late_payment").id)
                inventory.move_reservation(unit, {}, revived.reserved())
                charges.revive(unit, payment, intent_id, revived.store_id)
            else:
                charges.return_late(unit, payment, intent_id, at=clock.now())
    except InsufficientStock:  # somebody else was quicker there: the next look will see it
        raise ChangedMeanwhile() from None
    except BalanceTooLow:  # what it was to pay of it was the buyer's again, and has been spent
        with Unit() as unit:
            charges.return_late(unit, payment, intent_id, at=clock.now())


def _who_serves(order: Order) -> Sequence[Holding]:
    """As checkout chooses, but its own store before all others.

    Nobody where the shop pays such money back, or where one of its sellers may sell no more.
    """
    settings, wanted = at_hand().settings, order.unshipped_by_owner()
    if not settings.revives(order.timed_out) or not wanted.keys() <= selling(wanted):
        return ()
    try:
        lots = [Lot(units, _candidates(order, owner)) for owner, units in wanted.items()]
    except NoPickupThere:
        return ()
    return shared_out(lots, settings.most_parts)


def _candidates(order: Order, owner: str | None) -> Candidates:
    """What is to be fetched waits where it was promised."""
    if order.pickup_store_id:
        return pickup_from(order.pickup_store_id)
    found = candidates_for(order.address.country, order.address.point, merchant_id=owner)
    return found._replace(asked=sorted(found.asked, key=lambda one: one.store_id != order.store_id))
