"""Roles and their permissions, and what is known of everyone who calls."""

SHOP = "shop"  # what a buyer may do: keep a cart, order, pay, ask for a refund, read the own messages

PERMISSIONS = (
    "audit.read", "catalog.read", "catalog.write", "listing.write", "messages.read", "orders.assist", "orders.cancel",
    "orders.complete", "orders.confirm", "orders.override", "orders.pick", "orders.read", "orders.redrive",
    "orders.ship", "payments.read", "refunds.read", "refunds.review", "reports.read", "settings.read",
    "settings.write", "staff.read", "staff.write", "stock.read", "stock.write", "stores.read", "stores.write",
)  # fmt: skip

# The preset roles. Where staff are bound to stores, every permission reaches those stores only.
ROLES = {
    "owner": frozenset(PERMISSIONS),
    "service": frozenset({
        "catalog.read", "messages.read", "orders.assist", "orders.cancel", "orders.confirm", "orders.read",
        "payments.read", "refunds.read", "refunds.review", "stock.read", "stores.read",
    }),
    "warehouse": frozenset({
        "catalog.read", "messages.read", "orders.pick", "orders.read", "orders.ship", "stock.read", "stock.write",
        "stores.read",
    }),
}  # fmt: skip
