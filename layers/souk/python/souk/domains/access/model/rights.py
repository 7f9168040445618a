"""Roles and their permissions: what those who call may do."""

from collections.abc import Iterable
from typing import Literal

from souk.kernel.caller import Caller
from souk.kernel.errors import Forbidden

SHOP = "shop"  # what a buyer may do: keep a cart, order, pay, ask for a refund, read the own messages
PROFILE = "profile"  # what only a member may do: keep a profile, addresses, a balance, ways to pay; apply as a merchant
SIGN_OUT = "sign_out"  # what everyone may do who has signed in with a password

PERMISSIONS = (
    "audit.read",
    "catalog.cost",
    "catalog.import",
    "catalog.read",
    "catalog.write",
    "ledger.read",
    "ledger.write",
    "listing.write",
    "members.contact",
    "members.tier",
    "merchants.read",
    "merchants.write",
    "messages.read",
    "messages.send",
    "orders.assign",
    "orders.assist",
    "orders.cancel",
    "orders.complete",
    "orders.confirm",
    "orders.override",
    "orders.pick",
    "orders.read",
    "orders.redrive",
    "orders.review",
    "orders.ship",
    "payments.read",
    "promotions.read",
    "promotions.write",
    "refunds.read",
    "refunds.review",
    "reports.read",
    "returns.write",
    "sales.write",
    "settings.read",
    "settings.write",
    "staff.read",
    "staff.write",
    "stock.force",
    "stock.purchase",
    "stock.read",
    "stock.write",
    "stores.read",
    "stores.write",
)

_SERVICE = frozenset(
    {
        "catalog.read",
        "members.contact",
        "messages.read",
        "messages.send",
        "orders.assist",
        "orders.cancel",
        "orders.confirm",
        "orders.read",
        "orders.review",
        "payments.read",
        "promotions.read",
        "refunds.read",
        "refunds.review",
        "returns.write",
        "sales.write",
        "stock.read",
        "stores.read",
    }
)
_WAREHOUSE = frozenset(
    {
        "catalog.read",
        "messages.read",
        "orders.pick",
        "orders.read",
        "orders.ship",
        "stock.read",
        "stock.write",
        "stores.read",
    }
)
# The preset roles. Where staff are bound to stores or to a merchant, every permission reaches these only.
ROLES = {
    "owner": frozenset(PERMISSIONS),
    "store_manager": _SERVICE
    | _WAREHOUSE
    | {"orders.complete", "reports.read", "stock.force", "stock.purchase", "stores.write"},
    "merchant": _SERVICE
    | _WAREHOUSE
    | {
        "catalog.cost",
        "catalog.write",
        "ledger.read",
        "listing.write",
        "merchants.read",
        "orders.complete",
        "promotions.write",
        "reports.read",
        "stock.force",
        "stock.purchase",
        "stores.write",
    },
    "service": _SERVICE,
    "warehouse": _WAREHOUSE,
    "accounts": frozenset(
        {"ledger.read", "ledger.write", "orders.read", "payments.read", "refunds.read", "reports.read", "stores.read"}
    ),
}
Role = Literal["owner", "store_manager", "merchant", "service", "warehouse", "accounts"]


class BeyondOwnRights(Forbidden):
    title = "Nobody grants or takes permissions that they lack"


def permissions(roles: Iterable[str]) -> frozenset[str]:
    """A role that this release does not know grants nothing."""
    return frozenset().union(*(ROLES.get(role, ()) for role in roles))


def need_rights(by: Caller, roles: Iterable[str]) -> None:
    if lacking := permissions(roles) - by.may:
        raise BeyondOwnRights(permissions=sorted(lacking))
