"""Purchase orders, as they are asked for."""

from souk.domains.inventory.model.purchases import PurchaseOrder
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


def find_purchase(purchase_id: str) -> PurchaseOrder | None:
    return ask.find(keys.PURCHASE_ORDER, PurchaseOrder, purchase_id=purchase_id)


def purchase_for(purchase_id: str, by: Caller) -> PurchaseOrder:
    """The purchase order, if it is for one of the caller's stores."""
    found = ask.get(keys.PURCHASE_ORDER, PurchaseOrder, purchase_id=purchase_id)
    by.need_store(found.store_id)
    return found


def purchases(store_id: str, status: str, limit: int, position: str | None) -> tuple[list[PurchaseOrder], str | None]:
    """The first to be there first."""
    rows = ask.ask(patterns.PURCHASES, limit=limit, position=position, store_id=store_id, status=status).whole()
    return rows.all(keys.PURCHASE_ORDER, PurchaseOrder), rows.position
