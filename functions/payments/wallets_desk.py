"""The balances of members, as head office sees them, their correction and what is paid out of them."""

from http import HTTPStatus

from souk.domains.payments.model.wallet import Payout, Wallet, WalletCorrection, WalletMovement
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import member_balance
from souk.kernel.page import Page
from souk.kernel.shapes import Currency

app, handler = http_api()


@app.get("/staff/wallets/{member_id}", may="payments.read")
def read(member_id: str) -> Page[Wallet]:
    return Page(items=member_balance.read(member_id, caller()))


@app.get("/staff/wallets/{member_id}/{currency}/movements", may="payments.read")
def list_movements(
    member_id: str, currency: Currency, limit: Limit = 20, cursor: Cursor = None
) -> Page[WalletMovement]:
    """Newest first."""
    return paged(
        lambda position: member_balance.movements(member_id, currency, caller(), limit, position),
        cursor,
        of=f"wallet {member_id} {currency}",
    )


@app.post("/staff/wallets/{member_id}/corrections", may="ledger.write", status=HTTPStatus.CREATED)
def correct(member_id: str, draft: WalletCorrection) -> WalletMovement:
    """The same reference sent again is the same correction."""
    return member_balance.enter(member_id, draft, caller())


@app.post("/staff/wallets/{member_id}/payouts", may="ledger.write", status=HTTPStatus.CREATED)
def pay_out(member_id: str, draft: Payout) -> WalletMovement:
    """The same reference of the bank sent again is the same payout."""
    return member_balance.enter(member_id, draft, caller())
