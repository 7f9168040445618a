"""Address books, as they are asked for."""

from souk.domains.members.model.addresses import AddressBook
from souk.table import ask, keys
from souk.table.ask import Rows
from souk.table.port import At


def book_of(member_id: str) -> AddressBook:
    """An empty one where nothing was kept yet."""
    return in_rows(ask.many([book_key(member_id)]), member_id)


def book_key(member_id: str) -> At:
    """For a batch read that `in_rows` looks at."""
    return ask.key(keys.ADDRESS_BOOK, member_id=member_id)


def in_rows(rows: Rows, member_id: str) -> AddressBook:
    return rows.one(keys.ADDRESS_BOOK, AddressBook) or AddressBook(member_id=member_id)
