"""The audit trail as it is searched: what was written into it, and the orders that buyers placed.

Such an order is its own entry: the busiest command of the shop pays for no second item that tells of it.
"""

from datetime import datetime

from souk.domains.access import store as access
from souk.domains.access.model.callers import AuditSearch
from souk.domains.orders.model.order import Order, Origin
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders
from souk.kernel import clock
from souk.kernel.audit import AuditChange, AuditEntry
from souk.kernel.caller import is_guest

PLACED = "POST /me/checkout"


def search(wanted: AuditSearch, limit: int, position: str | None) -> tuple[list[AuditEntry], str | None]:
    """Newest first."""
    written, end = access.audit(wanted, limit, position)
    placed, placed_end = _placed(wanted, limit, position)
    # Where one of the two goes on further back, the other's older ones belong to a later page.
    horizon = max(end or "", placed_end or "")
    found = sorted((one for one in (*written, *placed) if _place(one) >= horizon), key=_place, reverse=True)
    page = found[:limit]
    return page, _place(page[-1]) if len(found) > limit else horizon or None


def _placed(wanted: AuditSearch, limit: int, position: str | None) -> tuple[list[AuditEntry], str | None]:
    until, more = min(wanted.until, position or wanted.until), False
    if wanted.actor:
        # One more than asked: what stood last on the page before stands here once again.
        found, more = order_lists.placed_by(wanted.actor, limit + 1, wanted.since, until)
    else:
        found = [order] if (order := orders.find(str(wanted.subject))) else []
    entries = [_entry(order, order.origin) for order in found if order.origin]
    asked = [one for one in entries if wanted.since <= _place(one) <= until and _place(one) != position]
    return asked, _position(found[-1].placed_at, found[-1].order_id) if more else None


def _place(entry: AuditEntry) -> str:
    return _position(entry.at, entry.entry_id)


def _position(at: datetime, entry_id: str) -> str:
    """Where an entry stands in the trail, as the trail's own keys tell it."""
    return f"{clock.text(at)}#{entry_id}"


def _entry(order: Order, origin: Origin) -> AuditEntry:
    first = order.history[0]
    made = {"number": order.number, "status": first.status, "total_minor": order.total_minor}
    return AuditEntry(
        subject=order.order_id,
        entry_id=order.order_id,
        at=order.placed_at,
        action=PLACED,
        by=first.by,
        by_kind="guest" if is_guest(first.by) else "member",
        ip=origin.ip,
        request_id=origin.request_id,
        changes=(AuditChange(kind="Order", key={"order_id": order.order_id}, after=made),),
    )
