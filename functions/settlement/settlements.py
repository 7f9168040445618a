"""Settlements of merchants: what their sales of a month come to, adjustments, and that it was paid out."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.settlement.actions import settlements
from souk.domains.settlement.model.settlement import (
    AdjustmentDraft,
    MerchantMovement,
    MovementLine,
    PayoutDraft,
    Settlement,
    SettlementDue,
)
from souk.edge.caller import caller
from souk.edge.http import Path, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import settlement
from souk.kernel.page import Page
from souk.kernel.shapes import Currency, Month
from souk.kernel.sheet import Sheet

app, handler = http_api()

InMonth = Annotated[Month, Path(description="As 2026-11, UTC")]


@app.get("/staff/settlements", may="ledger.read")
def due(limit: Limit = 20, cursor: Cursor = None) -> Page[SettlementDue]:
    """What is to be paid out, of all merchants; oldest first."""
    caller().need_store(None)
    return paged(lambda position: settlement.due(limit, position), cursor, of="settlements due")


@app.get("/staff/settlements/{merchant_id}", may="ledger.read")
def of_merchant(merchant_id: str, limit: Limit = 20, cursor: Cursor = None) -> Page[Settlement]:
    """Newest first; an open one counts some seconds after what it counts was booked."""
    return paged(
        lambda position: settlement.of_merchant(merchant_id, caller(), limit, position),
        cursor,
        of=f"settlements of {merchant_id}",
    )


@app.post("/staff/settlements/{merchant_id}/adjustments", may="ledger.write", status=HTTPStatus.CREATED)
def adjust(merchant_id: str, draft: AdjustmentDraft) -> MerchantMovement:
    """The same reference sent again is the same adjustment; another takes it back."""
    return settlement.adjust(merchant_id, draft, by=caller())


@app.get("/staff/settlements/{merchant_id}/{month}/{currency}", may="ledger.read")
def read(merchant_id: str, month: InMonth, currency: Currency) -> Settlement:
    return settlement.read(merchant_id, month, currency, by=caller())


@app.get("/staff/settlements/{merchant_id}/{month}/{currency}/movements", may="ledger.read")
def movements(
    merchant_id: str, month: InMonth, currency: Currency, limit: Limit = 20, cursor: Cursor = None
) -> Page[MovementLine]:
    """What it is made of, in order: each with the number of its order and the shop's fee, or why it was adjusted."""
    of = settlement.read(merchant_id, month, currency, by=caller())
    return paged(
        lambda position: settlement.movements(of, caller(), limit, position),
        cursor,
        of=f"settlement {merchant_id} {month} {currency}",
    )


@app.get("/staff/settlements/{merchant_id}/{month}/{currency}/export", may="ledger.read")
def export(merchant_id: str, month: InMonth, currency: Currency) -> Sheet:
    """The statement with all that it is made of, for a spreadsheet; of one that is open, as it stands."""
    return settlement.export(merchant_id, month, currency, by=caller())


@app.post("/staff/settlements/{merchant_id}/{month}/{currency}/close", may="ledger.write")
def close(merchant_id: str, month: InMonth, currency: Currency) -> Settlement:
    """For good, some days after its end: what comes later falls into the next. It also happens by itself."""
    return settlements.close(merchant_id, month, currency, by=caller())


@app.post("/staff/settlements/{merchant_id}/{month}/{currency}/payout", may="ledger.write")
def pay_out(merchant_id: str, month: InMonth, currency: Currency, said: PayoutDraft) -> Settlement:
    """That it has been paid, once; told again it is the same."""
    return settlements.pay_out(merchant_id, month, currency, said, by=caller())
