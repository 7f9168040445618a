"""Which paid orders are held for review before they are confirmed: one question a rule."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from souk.domains.orders.model.order import Order
from souk.kernel.address import Address
from souk.kernel.errors import Conflict

MOST_EARLIER = 50  # of a buyer's latest orders are looked through for where one was delivered


class ReviewPending(Conflict):
    title = "The order is to be reviewed before it is confirmed"


class ReviewRules(NamedTuple):
    """What the shop has set."""

    above_minor: int | None
    new_address: bool


def costs_much(order: Order, rules: ReviewRules, _: Sequence[Address]) -> bool:
    return rules.above_minor is not None and order.total_minor > rules.above_minor


def goes_somewhere_new(order: Order, rules: ReviewRules, delivered_to: Sequence[Address]) -> bool:
    return rules.new_address and _place(order.address) not in map(_place, delivered_to)


RULES: Mapping[str, Callable[[Order, ReviewRules, Sequence[Address]], bool]] = {
    "high_total": costs_much,
    "new_address": goes_somewhere_new,
}


def reasons(order: Order, rules: ReviewRules, delivered_to: Sequence[Address]) -> tuple[str, ...]:
    """For which it is to be held. `delivered_to` is where this buyer has had an order delivered."""
    return tuple(name for name, applies in RULES.items() if applies(order, rules, delivered_to))


def is_over(order: Order) -> bool:
    """An order is reviewed once, and not any more when a store has confirmed it.

    What was asked of the whole is not asked of its parts; what several were merged into costs what nobody has seen.
    """
    return order.is_part or order.has_been("held") or order.has_been("confirmed")


def _place(address: Address) -> tuple[str, ...]:
    """Where it is, however it is written: who lives there does not count."""
    parts = (address.street, address.city, address.region or "", address.postal_code, address.country)
    return tuple("".join(filter(str.isalnum, part.casefold())) for part in parts)
