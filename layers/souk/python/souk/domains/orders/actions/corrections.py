"""Orders are set right before they go out, and their buyers asked."""

from souk.domains.orders.actions.booking import book
from souk.domains.orders.actions.saving import about
from souk.domains.orders.events import moving as events
from souk.domains.orders.model import books
from souk.domains.orders.model.order import Order
from souk.kernel import clock
from souk.table import keys
from souk.table.unit import Unit


def correct(unit: Unit, order: Order, corrected: Order) -> Order:
    """The order as corrected in the last of its corrections."""
    last = corrected.corrections[-1]
    unit.because(last.reason)
    unit.tell(
        events.OrderCorrected(
            **about(order),
            sequence=len(corrected.corrections),
            difference_minor=last.difference_minor,
            refunded_minor=last.refunded_minor,
            currency=order.currency,
        )
    )
    book(unit, order, f"correction:{len(corrected.corrections)}", books.freight_credit(order, corrected))
    return unit.save(keys.ORDER, corrected)


def ask_buyer(unit: Unit, order: Order, text: str, *, by: str) -> Order:
    asked = order.asked(text, clock.now(), by)
    unit.tell(events.BuyerAsked(**about(order), sequence=len(asked.questions), question=text))
    return unit.save(keys.ORDER, asked)
