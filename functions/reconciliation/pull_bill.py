"""Fetches the provider's bill of the day before."""

from datetime import datetime, timedelta

from souk.domains.reconciliation.actions.bills import pull
from souk.edge.task import task


def pull_bill(scheduled_at: str) -> None:
    """Of the day before its schedule's time, whenever it runs: one that failed may be sent anew days later."""
    pull(datetime.fromisoformat(scheduled_at).date() - timedelta(days=1))


handler = task(pull_bill)
