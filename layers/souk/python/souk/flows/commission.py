"""What the shop keeps of a merchant's goods: worked out when they are agreed to, and kept with the order."""

from souk.domains.catalog import store as catalog
from souk.domains.merchants import store as merchants
from souk.domains.orders.model.order import Order
from souk.domains.settlement import store as settlement
from souk.domains.settlement.actions import fees
from souk.domains.settlement.model.fees import FeeRule, FeeRuleDraft, rule_for
from souk.kernel import clock
from souk.kernel.caller import Caller


def charged(order: Order) -> Order:
    """With the commission on each merchant's line that has none yet; one with the retailer's goods alone asks nobody.

    It stays when rules, categories or prices change: what is refunded of it is a share of what was kept.
    """
    lines = [line for line in order.lines if line.merchant_id and line.commission_minor is None]
    if not lines:
        return order
    paths, today, kept = catalog.paths_of(line.product_id for line in lines), clock.now().date(), dict[str, int]()
    for line in lines:
        rules = settlement.rules_at_hand(str(line.merchant_id))
        rule = rule_for(rules, paths.get(line.product_id, ()), order.currency, today)
        kept[line.sku] = rule.fee_minor(line.net_minor, line.quantity) if rule else 0
    return order.with_commission(kept)


def make_rule(draft: FeeRuleDraft, by: Caller) -> FeeRule:
    """Of a merchant and a category that there are."""
    by.need_store(None)
    if draft.merchant_id:
        merchants.get(draft.merchant_id)
    if draft.category_id:
        catalog.tree().get(draft.category_id)
    return fees.make_rule(draft, by)
