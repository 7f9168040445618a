"""What a member does with the own address book."""

from collections.abc import Callable

from souk.domains.members.model.addresses import AddressBook, AddressDraft, SavedAddress
from souk.domains.members.store import addresses as store
from souk.kernel import ids
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def add(draft: AddressDraft, by: Caller) -> SavedAddress:
    """An address that the book has already is that one."""
    new_id = ids.new("adr")
    book = _write(by, lambda book: book.having(book.id_for(draft.address, new_id), draft))
    return book.get(book.id_for(draft.address, new_id))


def change(address_id: str, draft: AddressDraft, by: Caller) -> SavedAddress:
    return _write(by, lambda book: book.having(book.get(address_id).address_id, draft)).get(address_id)


def remove(address_id: str, by: Caller) -> None:
    _write(by, lambda book: book.without(address_id))


def _write(by: Caller, decide: Callable[[AddressBook], AddressBook]) -> AddressBook:
    def write() -> AddressBook:
        book = store.book_of(by.id)
        changed = decide(book)
        if changed == book:
            return book
        with Unit() as unit:
            return unit.save(keys.ADDRESS_BOOK, changed, otherwise=ChangedMeanwhile())

    return again(write)
