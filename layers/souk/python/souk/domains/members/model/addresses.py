"""The address book: where a member has parcels sent."""

from souk.kernel.address import Address
from souk.kernel.errors import Conflict, Missing
from souk.kernel.shapes import Flag, Input, Versioned

MOST_ADDRESSES = 20


class NoSuchAddress(Missing):
    title = "No such address"


class AddressBookFull(Conflict):
    title = f"An address book holds {MOST_ADDRESSES} addresses"


class AddressDraft(Input):
    """The first address is the default by itself; from then on one becomes it by saying so, and none ceases to be."""

    address: Address
    default: Flag = False


class SavedAddress(AddressDraft):
    """An address as it stands in the book."""

    address_id: str


class AddressBook(Versioned):
    """All addresses of a member in one item: so there is one default whoever writes at once, and never too many."""

    member_id: str
    default_id: str | None = None
    addresses: dict[str, Address] = {}

    def get(self, address_id: str) -> SavedAddress:
        if address_id not in self.addresses:
            raise NoSuchAddress()
        return SavedAddress(
            address_id=address_id, address=self.addresses[address_id], default=address_id == self.default_id
        )

    def all(self) -> list[SavedAddress]:
        """In the order in which they were added."""
        return [self.get(address_id) for address_id in self.addresses]

    def id_for(self, address: Address, new_id: str) -> str:
        """The id of that very address where the book has it: added twice, it stands there once."""
        return next((known for known, other in self.addresses.items() if other == address), new_id)

    def having(self, address_id: str, draft: AddressDraft) -> "AddressBook":
        """With the address under that id, new or in place of what stood there."""
        addresses = {**self.addresses, address_id: draft.address}
        if len(addresses) > MOST_ADDRESSES:
            raise AddressBookFull(most=MOST_ADDRESSES)
        return self.but(
            addresses=addresses, default_id=address_id if draft.default or not self.default_id else self.default_id
        )

    def without(self, address_id: str) -> "AddressBook":
        """Where it was the default, the oldest of the others becomes it."""
        self.get(address_id)
        left = {known: address for known, address in self.addresses.items() if known != address_id}
        return self.but(
            addresses=left, default_id=self.default_id if self.default_id in left else next(iter(left), None)
        )
