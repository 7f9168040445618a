"""Who is calling: the plain value that the door hands to every command."""

from typing import NamedTuple

from souk.kernel.errors import Forbidden, Missing
from souk.kernel.owner import owner_of

HEAD_OFFICE = "head-office"  # stands where a store would, for what no store has
_WALK_IN = "walk-in"
GUEST_PREFIX = "gst_"


class Caller(NamedTuple):
    """`kind` is guest, member, staff or system. `stores` empty means every store.

    Who works for a merchant has the merchant's stores and goods before them, and nobody else's: of these the `stores`,
    or all where there are none. Who is bound to neither is head office.
    """

    id: str
    kind: str
    may: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    merchant_id: str | None = None
    ip: str = ""

    def need(self, permission: str) -> None:
        if permission not in self.may:
            raise Forbidden(f"This needs the permission {permission}", permission=permission)

    @property
    def is_bound(self) -> bool:
        """To stores or to a merchant: what is said to all or of all is not for them."""
        return bool(self.stores or self.merchant_id)

    def in_scope(self, store_id: str | None) -> bool:
        if self.merchant_id and owner_of(store_id) != self.merchant_id:
            return False
        return not self.stores or store_id in self.stores

    def sees_goods_of(self, merchant_id: str | None) -> bool:
        """The retailer's staff see everybody's, for they may lie beside each other on a shelf."""
        return self.merchant_id in (None, merchant_id)

    def need_office(self) -> None:
        """Head office says what the retailer sells, and a merchant's own office what that merchant does; no store."""
        if self.stores:
            raise Missing()

    def need_store(self, store_id: str | None) -> None:
        """Another store's things are missing, not forbidden: nobody learns that they exist."""
        if not self.in_scope(store_id):
            raise Missing()


def walk_in(store_id: str) -> str:
    """Stands where a buyer's id would, for whoever buys at a store's till and is not known."""
    return f"{_WALK_IN}-{store_id}"


def is_walk_in(buyer_id: str) -> bool:
    return buyer_id.startswith(f"{_WALK_IN}-")


def is_guest(buyer_id: str) -> bool:
    return buyer_id.startswith(GUEST_PREFIX)


def system(name: str) -> Caller:
    """The shop itself, acting by a timer, a workflow or a fact."""
    return Caller(id=f"system:{name}", kind="system")
