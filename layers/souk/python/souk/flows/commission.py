"""What the shop keeps of a merchant's goods: worked out when they are agreed to, and kept with the order."""

from souk.domains.orders.model.order import Order
from souk.kernel import clock


def charged(order: Order) -> Order:
    """With the commission on each merchant's line that has none yet; one with the retailer's goods alone asks nobody.

    It stays when rules, categories or prices change: what is refunded of it is a share of what was kept.
    """
    lines = [line for line in order.lines if line.merchant_id and line.commission_minor is None]
    if not lines:
        return order
    from souk.domains.catalog.store import categories as catalog
    from souk.domains.settlement.model.fees import rule_for
    from souk.domains.settlement.store import fees as settlement

    paths, today, kept = catalog.paths_of(line.product_id for line in lines), clock.now().date(), dict[str, int]()
    for line in lines:
        rules = settlement.rules_at_hand(str(line.merchant_id))
        rule = rule_for(rules, paths.get(line.product_id, ()), order.currency, today)
        kept[line.sku] = rule.fee_minor(line.net_minor, line.quantity) if rule else 0
    return order.with_commission(kept)
