"""Fee rules, as they are asked for."""

from datetime import timedelta

from souk.domains.settlement.model.fees import EVERY_MERCHANT, FeeRule
from souk.kernel.kept import kept
from souk.table import ask, keys, patterns


def rules(merchant_id: str, limit: int, position: str | None) -> tuple[list[FeeRule], str | None]:
    """Of the merchant alone, or of all; the last to begin first."""
    rows = ask.ask(patterns.FEE_RULES_BY_DAY, limit=limit, position=position, merchant_id=merchant_id).whole()
    return rows.all(keys.FEE_RULE, FeeRule), rows.position


def every_rule(merchant_id: str) -> list[FeeRule]:
    return ask.ask(patterns.FEE_RULES, merchant_id=merchant_id).all(keys.FEE_RULE, FeeRule)


@kept(timedelta(seconds=20))
def rules_at_hand(merchant_id: str) -> list[FeeRule]:
    """What may hold for the merchant's goods; at most twenty seconds old."""
    return every_rule(merchant_id) + every_rule(EVERY_MERCHANT)
