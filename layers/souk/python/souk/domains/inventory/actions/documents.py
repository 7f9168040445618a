"""What is done with documents of stock: each is booked once for each reference of its store, and may be voided."""

from collections.abc import Mapping

from souk.domains.inventory.actions import ledger
from souk.domains.inventory.actions.ledger import Move
from souk.domains.inventory.model.documents import (
    STATES,
    AdjustmentDraft,
    StockDocument,
    StockDocumentDraft,
    reversed_deltas,
)
from souk.domains.inventory.store import documents as store
from souk.kernel import clock, ids, states
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def post_document(
    unit: Unit,
    draft: StockDocumentDraft | AdjustmentDraft,
    products: Mapping[str, str],
    by: Caller,
    forced: bool = False,
) -> StockDocument:
    """`products` tells which product a SKU is of. Only what is `forced` takes away goods that are promised."""
    document_id = ids.derived("sdo", draft.store_id, draft.reference)
    document = draft.document(document_id, clock.now(), by.id)
    found = store.find_document(document_id)
    if found:
        found.need_same(document)
        return found
    posted = unit.save(keys.STOCK_DOCUMENT, document, otherwise=ChangedMeanwhile())
    move = Move(document.kind, document_id, by.id, document.at)
    ledger.book(unit, document.store_id, document.deltas, move, products=products, forced=forced)
    return posted


def void_document(document_id: str, by: Caller) -> StockDocument:
    """Reverses the document with entries of its own; refused where the goods are promised or gone already."""

    def void() -> StockDocument:
        found = store.document_for(document_id, by)
        now = clock.now()
        status = states.move(STATES, found.status, "voided", f"Document {found.reference}")
        with Unit() as unit:
            ledger.book(unit, found.store_id, reversed_deltas(found.deltas), Move("void", document_id, by.id, now))
            return unit.save(keys.STOCK_DOCUMENT, found.but(status=status, voided_at=now, voided_by=by.id))

    return again(void)
