"""Transfers between stores, as they are asked for."""

from souk.domains.inventory.model.transfers import Direction, Transfer
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


def find_transfer(transfer_id: str) -> Transfer | None:
    return ask.find(keys.TRANSFER, Transfer, transfer_id=transfer_id)


def transfer_for(transfer_id: str, by: Caller) -> Transfer:
    """The transfer, if it goes from or to one of the caller's stores."""
    found = ask.get(keys.TRANSFER, Transfer, transfer_id=transfer_id)
    if not by.in_scope(found.from_store_id):
        by.need_store(found.store_id)
    return found


def transfers(
    store_id: str, direction: Direction, status: str, limit: int, position: str | None
) -> tuple[list[Transfer], str | None]:
    """The first to be there first."""
    pattern = patterns.TRANSFERS_TO if direction == "in" else patterns.TRANSFERS_FROM
    rows = ask.ask(pattern, limit=limit, position=position, store_id=store_id, status=status).whole()
    return rows.all(keys.TRANSFER, Transfer), rows.position
