"""The bank desk: transfers that came are entered and matched to orders, refunds by transfer are ticked off."""

from http import HTTPStatus

from souk.domains.payments.actions import bank_transfers as desk
from souk.domains.payments.actions import refunds
from souk.domains.payments.model.bank_transfer import (
    BankTransfer,
    EnteredLine,
    Match,
    SentBack,
    Statement,
    TransferDraft,
    TransferStatus,
)
from souk.domains.payments.model.refund import Refund
from souk.domains.payments.store import bank_transfers as store
from souk.domains.payments.store import refunds as refund_store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import bank_transfers
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/staff/bank-transfers", may="ledger.write", status=HTTPStatus.CREATED)
def enter(draft: TransferDraft) -> BankTransfer:
    """It pays the order whose reference it bears; what bears none waits, unmatched, for somebody to decide."""
    return bank_transfers.enter(draft, by=caller())


@app.post("/staff/bank-transfers/statement", may="ledger.write", status=HTTPStatus.CREATED)
def enter_all(statement: Statement) -> Page[EnteredLine]:
    """What came in by a statement of the bank, line by line; what it has in common with the last one counts once."""
    return Page(items=bank_transfers.enter_all(statement, by=caller()))


@app.get("/staff/bank-transfers", may="ledger.read")
def by_status(status: TransferStatus = "unmatched", limit: Limit = 20, cursor: Cursor = None) -> Page[BankTransfer]:
    """The newest first."""
    caller().need_store(None)
    return paged(lambda position: store.transfers(status, limit, position), cursor, of=f"bank transfers {status}")


@app.get("/staff/bank-transfers/refunds", may="ledger.read")
def to_send(limit: Limit = 20, cursor: Cursor = None) -> Page[Refund]:
    """What staff are to transfer, the oldest first."""
    caller().need_store(None)
    return paged(lambda position: refund_store.refunds_by_hand(limit, position), cursor, of="refunds by hand")


@app.post("/staff/bank-transfers/refunds/{order_id}/{refund_id}/sent", may="ledger.write")
def sent(order_id: str, refund_id: str, said: SentBack) -> Refund:
    caller().need_store(None)
    return refunds.sent_by_hand(order_id, refund_id, said.bank_reference)


@app.get("/staff/bank-transfers/{transfer_id}", may="ledger.read")
def read(transfer_id: str) -> BankTransfer:
    return store.transfer_for(transfer_id, caller())


@app.post("/staff/bank-transfers/{transfer_id}/match", may="ledger.write")
def match(transfer_id: str, said: Match) -> BankTransfer:
    """To an order of whatever state: what is not due there goes back."""
    return bank_transfers.match_by_hand(transfer_id, said.number, by=caller())


@app.post("/staff/bank-transfers/{transfer_id}/send-back", may="ledger.write")
def send_back(transfer_id: str, said: SentBack) -> BankTransfer:
    """Staff have sent it to whoever it came from."""
    return desk.send_back(transfer_id, said, by=caller())
