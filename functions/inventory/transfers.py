"""Goods on the way between stores: sent, awaited with their day of arrival, received, and what became of the rest."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.inventory.actions import transfers
from souk.domains.inventory.model.consignments import Arrival, Status
from souk.domains.inventory.model.transfers import Direction, Transfer, TransferDraft, WriteOff
from souk.domains.inventory.store import transfers as store
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import post_stock
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.post("/staff/transfers", may="stock.write", status=HTTPStatus.CREATED)
def ship(draft: TransferDraft) -> Transfer:
    """The goods leave now. The same reference sent again is the same transfer."""
    return post_stock.ship_transfer(draft, by=caller())


@app.get("/staff/transfers", may="stock.read")
def list_of_store(
    store_id: Annotated[Id, Query()],
    direction: Direction = "in",
    status: Status = "pending",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Transfer]:
    """To or from a store, the first due first; `partial` are those of which something is missing."""
    caller().need_store(store_id)
    return paged(
        lambda position: store.transfers(store_id, direction, status, limit, position),
        cursor,
        of=f"transfers {direction} of {store_id}, {status}",
    )


@app.get("/staff/transfers/{transfer_id}", may="stock.read")
def read(transfer_id: str) -> Transfer:
    return store.transfer_for(transfer_id, by=caller())


@app.post("/staff/transfers/{transfer_id}/receive", may="stock.write")
def receive(transfer_id: str, arrival: Arrival) -> Transfer:
    """What has arrived; what has not stays outstanding until it is found, returned or written off."""
    return transfers.settle_transfer(transfer_id, "received", arrival, by=caller())


@app.post("/staff/transfers/{transfer_id}/return", may="stock.write")
def take_back(transfer_id: str, arrival: Arrival) -> Transfer:
    """What has come back to the store that sent it."""
    return transfers.settle_transfer(transfer_id, "returned", arrival, by=caller())


@app.post("/staff/transfers/{transfer_id}/write-off", may="stock.write")
def write_off(transfer_id: str, loss: WriteOff) -> Transfer:
    """What will not be found any more, said by the store that sent it."""
    return transfers.settle_transfer(transfer_id, "lost", loss, by=caller())
