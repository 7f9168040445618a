"""Whose goods, stores and orders are: a merchant's, or the retailer's own."""

from souk.kernel import ids
from souk.kernel.errors import Conflict

_PREFIX = "mer"


class AnothersStore(Conflict):
    title = "Goods lie in stores of who sells them, and nowhere else"


def merchant_id_of(member_id: str) -> str:
    """A member runs one merchant's business at most, so an application that is sent twice is one."""
    return ids.derived(_PREFIX, member_id)


def new_store_id(merchant_id: str | None) -> str:
    """A merchant's store says in its id whose it is: so does every key, order and figure that names a store."""
    made = ids.new("sto")
    return f"{merchant_id}-{made[-8:]}" if merchant_id else made


def owner_of(store_id: str | None) -> str | None:
    """The merchant whose store it is; None for the retailer's own, its head office and what is no store's."""
    owner = (store_id or "").partition("-")[0]
    return owner if owner.startswith(f"{_PREFIX}_") else None


def place_of(store_id: str, merchant_id: str | None) -> str:
    """Where figures count what the merchant sells: in its store, or as the merchant's while no store has it."""
    return f"{merchant_id}-{store_id}" if merchant_id and owner_of(store_id) is None else store_id


def need_own_store(store_id: str, merchant_id: str | None) -> None:
    """That goods of this owner may lie there."""
    if owner_of(store_id) != merchant_id:
        raise AnothersStore(store_id=store_id)
