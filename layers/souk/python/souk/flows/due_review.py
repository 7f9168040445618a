"""Whether a paid order is to be reviewed before anything is done with it, by what the shop has set."""

from souk.domains.orders.model import review
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.review import ReviewPending, ReviewRules
from souk.domains.orders.store import lists as store
from souk.domains.stores.store.settings import at_hand


def reasons(order: Order) -> tuple[str, ...]:
    if review.is_over(order) or not order.waits_to_leave:
        return ()
    settings = at_hand().settings
    rules = ReviewRules(above_minor=settings.review_above_minor, new_address=settings.review_new_address)
    return review.reasons(order, rules, store.delivered_to(order.buyer_id) if rules.new_address else ())


def need_none(order: Order) -> None:
    """Nobody gets round a review by being quicker than the workflow that asks for it."""
    if found := reasons(order):
        raise ReviewPending(reasons=list(found))
