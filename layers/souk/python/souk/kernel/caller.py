"""Who is calling: the plain value that the door hands to every command."""

from dataclasses import dataclass, field

from souk.kernel.errors import Forbidden, Missing

HEAD_OFFICE = "head-office"  # stands where a store would, for what no store has
_WALK_IN = "walk-in"
GUEST_PREFIX = "gst_"


@dataclass(frozen=True)
class Caller:
    """`kind` is guest, member, staff or system. `stores` empty means every store (head office)."""

    id: str
    kind: str
    may: frozenset[str] = field(default_factory=frozenset)
    stores: frozenset[str] = field(default_factory=frozenset)
    ip: str = ""

    def need(self, permission: str) -> None:
        if permission not in self.may:
            raise Forbidden(f"This needs the permission {permission}", permission=permission)

    def in_scope(self, store_id: str | None) -> bool:
        return not self.stores or store_id in self.stores

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
