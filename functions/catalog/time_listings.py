"""A planned listing sets its timer, another plan moves it, a cancelled one drops it."""

from souk.domains.catalog import store
from souk.domains.catalog.events import ListingTimed
from souk.edge.task import on
from souk.gateways import scheduler
from souk.kernel import clock
from souk.table.unit import Unit


def time_listing(fact: ListingTimed, unit: Unit) -> None:
    """The plan as it stands now decides, so facts may come twice and in any order."""
    name, list_at = f"list-{fact.product_id}", store.get(fact.product_id).list_at
    if list_at is None:
        scheduler.drop_timer(name)
    else:
        scheduler.set_timer(name, max(list_at, clock.now()), "apply_listing", {"product_id": fact.product_id})


handler = on((ListingTimed, time_listing))
