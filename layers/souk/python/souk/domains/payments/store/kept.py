"""Kept methods of payment and what may be charged to them, as they are asked for."""

from souk.domains.payments.model.kept import MethodBook
from souk.table import ask, keys
from souk.table.ask import Rows
from souk.table.port import At


def methods_of(member_id: str) -> MethodBook:
    """An empty book where nothing was kept yet."""
    return methods_in(ask.many([methods_key(member_id)]), member_id)


def methods_key(member_id: str) -> At:
    """For a batch read that `methods_in` looks at."""
    return ask.key(keys.METHOD_BOOK, member_id=member_id)


def methods_in(rows: Rows, member_id: str) -> MethodBook:
    return rows.one(keys.METHOD_BOOK, MethodBook) or MethodBook(member_id=member_id)
