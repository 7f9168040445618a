"""Whose goods, stores and orders are: a merchant's, or the retailer's own."""

from souk.kernel import ids

_PREFIX = "mer"


def new_merchant_id() -> str:
    return ids.new(_PREFIX)


def new_store_id(merchant_id: str | None) -> str:
    """A merchant's store says in its id whose it is: so does every key, order and figure that names a store."""
    made = ids.new("sto")
    return f"{merchant_id}-{made[-8:]}" if merchant_id else made


def owner_of(store_id: str | None) -> str | None:
    """The merchant whose store it is; None for the retailer's own, its head office and what is no store's."""
    owner = (store_id or "").partition("-")[0]
    return owner if owner.startswith(f"{_PREFIX}_") else None
