"""What is done with transfers: goods leave one store, and arrive at the other, come back or are lost."""

from souk.domains.inventory.actions import ledger
from souk.domains.inventory.actions.ledger import Move
from souk.domains.inventory.model.consignments import Arrival, Settled, Settlement, arrived
from souk.domains.inventory.model.documents import reversed_deltas
from souk.domains.inventory.model.stock import Cause
from souk.domains.inventory.model.transfers import Transfer, TransferDraft
from souk.domains.inventory.store import stock as store
from souk.domains.inventory.store import transfers as transfer_store
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def ship_transfer(unit: Unit, draft: TransferDraft, by: Caller) -> Transfer:
    """The goods leave the one store and are awaited at the other; once for each reference."""
    transfer_id = ids.derived("trf", draft.from_store_id, draft.reference)
    transfer = Transfer(transfer_id=transfer_id, at=clock.now(), by=by.id, **draft.said())
    found = transfer_store.find_transfer(transfer_id)
    if found:
        found.need_same(transfer)
        return found
    products = {sku: stock.product_id for sku, stock in store.at_store(draft.from_store_id, transfer.units).items()}
    shipped = unit.save(keys.TRANSFER, transfer, otherwise=ChangedMeanwhile())
    move = Move("transfer_out", transfer_id, by.id, transfer.at)
    ledger.book(unit, transfer.from_store_id, reversed_deltas(transfer.units), move)
    ledger.expect(unit, transfer.store_id, transfer.units, products)
    return shipped


def settle_transfer(transfer_id: str, kind: Settled, arrival: Arrival, by: Caller) -> Transfer:
    """What has become of so many units: `received` at the one store, `returned` to the other, or `lost` on the way.

    Each store says what it knows: the one what has arrived, the other what has not. What was lost has left the one and
    never come to the other, so it changes neither.
    """

    def settle() -> Transfer:
        transfer = transfer_store.transfer_for(transfer_id, by)
        by.need_store(transfer.store_id if kind == "received" else transfer.from_store_id)
        settlement = arrived(arrival, kind, clock.now(), by.id)
        if transfer.has(settlement):
            return transfer
        with Unit() as unit:
            saved = unit.save(keys.TRANSFER, transfer.settled(settlement))
            _book(unit, transfer, settlement)
            return saved

    return again(settle)


def _book(unit: Unit, transfer: Transfer, settled: Settlement) -> None:
    def move(cause: Cause) -> Move:
        return Move(cause, transfer.transfer_id, settled.by, settled.at)

    if settled.kind == "received":
        ledger.book(unit, transfer.store_id, settled.units, move("transfer_in"), awaited=True)
        return
    ledger.expect_no_more(unit, transfer.store_id, settled.units)
    if settled.kind == "returned":
        ledger.book(unit, transfer.from_store_id, settled.units, move("transfer_back"))
