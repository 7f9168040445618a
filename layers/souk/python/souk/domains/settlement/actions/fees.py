"""Fee rules are made; one that exists is never changed, a newer one takes its place from its day on."""

from souk.domains.settlement.model.fees import EVERY_MERCHANT, MOST_RULES, FeeRule, FeeRuleDraft, TooManyFeeRules
from souk.domains.settlement.store import fees as store
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def make_rule(draft: FeeRuleDraft, by: Caller) -> FeeRule:
    """Head office's; the same reference is the same rule. It holds within twenty seconds, for what is sold then."""
    by.need_store(None)
    merchant_id = draft.merchant_id or EVERY_MERCHANT
    rule_id = ids.derived("fee", merchant_id, draft.reference)

    def make() -> FeeRule:
        known = store.every_rule(merchant_id)
        if found := next((one for one in known if one.rule_id == rule_id), None):
            found.need_same(draft)
            return found
        now = clock.now()
        draft.need_ahead(now.date())
        if len(known) >= MOST_RULES:
            raise TooManyFeeRules(most=MOST_RULES)
        said = dict(draft) | {"merchant_id": merchant_id}
        made = FeeRule(rule_id=rule_id, made_at=now, made_by=by.id, **said)
        with Unit() as unit:
            unit.add(keys.FEE_RULE, made, otherwise=ChangedMeanwhile())
            return made

    return again(make)
