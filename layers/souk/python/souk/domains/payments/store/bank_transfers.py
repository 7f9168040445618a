"""Transfers into the bank account, as they are asked for."""

from souk.domains.payments.model.bank_transfer import BankTransfer, NoSuchTransfer, TransferStatus
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


def find_transfer(transfer_id: str) -> BankTransfer | None:
    return ask.find(keys.BANK_TRANSFER, BankTransfer, transfer_id=transfer_id)


def transfer_for(transfer_id: str, by: Caller) -> BankTransfer:
    """The bank account is head office's."""
    by.need_store(None)
    return ask.get(keys.BANK_TRANSFER, BankTransfer, NoSuchTransfer, transfer_id=transfer_id)


def transfers(status: TransferStatus, limit: int, position: str | None) -> tuple[list[BankTransfer], str | None]:
    """The newest first."""
    rows = ask.ask(patterns.BANK_TRANSFERS, limit=limit, position=position, status=status).whole()
    return rows.all(keys.BANK_TRANSFER, BankTransfer), rows.position
