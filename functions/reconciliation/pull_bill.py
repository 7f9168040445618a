"""Fetches the provider's bill of a day, by itself that of yesterday."""

from datetime import date, timedelta

from souk.domains.reconciliation.actions.bills import pull
from souk.edge.task import task
from souk.kernel import clock


def pull_bill(day: str | None = None) -> None:
    pull(date.fromisoformat(day) if day else clock.now().date() - timedelta(days=1))


handler = task(pull_bill)
