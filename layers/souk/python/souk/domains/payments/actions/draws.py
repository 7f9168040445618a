"""What is drawn of balances without a proof is counted by the day."""

from datetime import timedelta

from souk.domains.payments.model.draw import Draw, needed
from souk.table import limits
from souk.table.limits import Limit
from souk.table.unit import Unit


def count_unproved(unit: Unit, member_id: str, draw: Draw) -> None:
    """What is drawn without a proof counts into the day's share, so that many small sums are no way round."""
    _, amount_minor, currency = draw.subject
    if amount_minor and draw.unproved_day_minor is not None:
        share = Limit("unproved_draws", most=draw.unproved_day_minor, window=timedelta(days=1))
        limits.use(unit, share, f"{member_id} {currency}", amount_minor, otherwise=needed(draw.subject))
