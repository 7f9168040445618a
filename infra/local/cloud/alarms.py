"""CloudWatch: alarms over several metrics are kept, so that a stack with them is deployed. They are not evaluated."""

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

from infra.local.cloud.correct import correct


@correct(provisioners, "_cw_metric_alarm_record")
def keep_metric_math(plain: Callable, name: str, properties: dict) -> dict[str, Any]:
    """Plain ministack refuses the whole stack for such an alarm; without a metric's name it passes over it."""
    metrics = properties.get("Metrics")
    if not metrics:
        return plain(name, properties)
    unnamed = {"MetricName": "none", "Namespace": "none", "Metrics": None}
    return {**plain(name, {**properties, **unnamed}), "MetricName": None, "Namespace": None, "Metrics": metrics}
