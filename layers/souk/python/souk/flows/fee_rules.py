"""Head office makes rules of what the shop keeps of merchants' goods."""

from souk.domains.catalog.store import categories as catalog
from souk.domains.merchants.store import merchants
from souk.domains.settlement.actions import fees
from souk.domains.settlement.model.fees import FeeRule, FeeRuleDraft
from souk.kernel.caller import Caller


def make_rule(draft: FeeRuleDraft, by: Caller) -> FeeRule:
    """Of a merchant and a category that there are."""
    by.need_store(None)
    if draft.merchant_id:
        merchants.get(draft.merchant_id)
    if draft.category_id:
        catalog.tree().get(draft.category_id)
    return fees.make_rule(draft, by)
