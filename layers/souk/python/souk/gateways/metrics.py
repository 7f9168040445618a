"""CloudWatch metrics, written as lines of the log (the embedded metric format) when a call ends."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

metrics = Metrics()


def count(name: str, number: int = 1) -> None:
    """To be read by an alarm or the dashboard: a line of the log and a metric a month are paid for it."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)


def flush() -> None:
    """Writes what was counted since the last time, if anything was."""
    if metrics.metric_set:
        metrics.flush_metrics()
