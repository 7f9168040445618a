"""What is done with purchase orders: one is approved, its goods arrive, and what is left is not waited for."""

from collections.abc import Mapping

from souk.domains.inventory.actions import ledger
from souk.domains.inventory.actions.ledger import Move
from souk.domains.inventory.events import PurchaseApproved
from souk.domains.inventory.model.consignments import Arrival, Settlement, arrived
from souk.domains.inventory.model.purchases import PurchaseDraft, PurchaseOrder
from souk.domains.inventory.store import purchases as store
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit

CANCELLATION = "cancellation"  # stands where an arrival has its reference: what is left is cancelled once


def approve_purchase(unit: Unit, draft: PurchaseDraft, products: Mapping[str, str], by: Caller) -> PurchaseOrder:
    """Ordered once for each reference of the store; `products` tells which product a SKU is of."""
    purchase_id = ids.derived("pur", draft.store_id, draft.reference)
    purchase = PurchaseOrder(purchase_id=purchase_id, at=clock.now(), by=by.id, **draft.said())
    found = store.find_purchase(purchase_id)
    if found:
        found.need_same(purchase)
        return found
    approved = unit.save(keys.PURCHASE_ORDER, purchase, otherwise=ChangedMeanwhile())
    ledger.expect(unit, purchase.store_id, purchase.units, products)
    unit.tell(
        PurchaseApproved(
            purchase_id=purchase_id,
            store_id=purchase.store_id,
            reference=purchase.reference,
            supplier=purchase.supplier,
            due=purchase.due,
            units=purchase.units,
        )
    )
    return approved


def receive_purchase(purchase_id: str, arrival: Arrival, by: Caller) -> PurchaseOrder:
    """What has arrived of it raises the stock; never more than was ordered."""

    def receive() -> PurchaseOrder:
        purchase = store.purchase_for(purchase_id, by)
        settlement = arrived(arrival, "received", clock.now(), by.id)
        if purchase.has(settlement):
            return purchase
        with Unit() as unit:
            saved = unit.save(keys.PURCHASE_ORDER, purchase.settled(settlement))
            move = Move("purchase", purchase_id, by.id, settlement.at)
            ledger.book(unit, purchase.store_id, settlement.units, move, awaited=True)
            return saved

    return again(receive)


def cancel_purchase(purchase_id: str, by: Caller) -> PurchaseOrder:
    """Nobody waits for the rest any more."""

    def cancel() -> PurchaseOrder:
        purchase = store.purchase_for(purchase_id, by)
        left = purchase.outstanding
        settlement = Settlement(kind="cancelled", reference=CANCELLATION, units=left, at=clock.now(), by=by.id)
        cancelled = purchase.settled(settlement)
        with Unit() as unit:
            ledger.expect_no_more(unit, purchase.store_id, left)
            return unit.save(keys.PURCHASE_ORDER, cancelled)

    return again(cancel)
