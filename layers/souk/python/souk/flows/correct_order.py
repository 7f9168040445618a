"""An order set right before it goes out: where it goes, what that means for the freight, what its buyer is asked."""

from souk.domains.orders.actions import corrections
from souk.domains.orders.model.correction_requests import AddressCorrection
from souk.domains.orders.model.corrections import FreightTerms
from souk.domains.orders.model.order import Order
from souk.domains.orders.store import orders as store
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.flows import refund, settle_payment
from souk.kernel import clock
from souk.kernel.address import Address
from souk.kernel.caller import HEAD_OFFICE, Caller
from souk.kernel.edits import edited
from souk.table.again import again
from souk.table.unit import Unit


def correct(order_id: str, wanted: AddressCorrection, by: Caller) -> Order:
    """Refused where shop or store do not deliver there, and once anything has left; said twice it is done once."""
    return again(lambda: _correct(order_id, wanted, by))


def ask_buyer(order_id: str, text: str, by: Caller) -> Order:
    """The same question is asked once."""

    def ask() -> Order:
        order = store.for_staff(order_id, by)
        if any(question.text == text for question in order.questions):
            return order
        with Unit() as unit:
            return corrections.ask_buyer(unit, order, text, by=by.id)

    return again(ask)


def _correct(order_id: str, wanted: AddressCorrection, by: Caller) -> Order:
    rows = store.whole(order_id)
    order = store.in_rows(rows)
    order.need_scope(by)
    if order.is_as(wanted):
        return order
    seen = edited(order, wanted.version)
    terms = _terms(order, wanted.address) if wanted.address else None
    corrected = seen.corrected(wanted, terms, clock.now(), by.id)
    if corrected.corrections[-1].refunded_minor:
        rows = settle_payment.taken(rows, by.id)
    with Unit() as unit:
        saved = corrections.correct(unit, order, corrected)
        refund.owe_freight(unit, rows, corrected)
        return saved


def _terms(order: Order, address: Address) -> FreightTerms | None:
    """Its store's, if it has one; shop and every store that holds it must deliver there.

    What came of other orders keeps its share of the freight that was agreed for them, and so does what will.
    """
    settings = settings_store.at_hand().settings
    settings.need_delivery(address.country, address.region or "")
    holders = [stores.get(one) for one in (order.store_id, *order.also_at) if one != HEAD_OFFICE]
    for holder in holders:
        holder.need_delivery(address.country, address.point)
    if order.came_from or order.store_id == HEAD_OFFICE:
        return None
    its = holders[0]
    return FreightTerms(its.freight_minor, its.free_freight_from_minor, settings.tax_basis_points)
