"""docs/alarms.md: what raises each alarm, what that means for the shop, and what to do first."""

from datetime import timedelta

from tests.house.pages.markdown import PRINTED, table
from tests.support.cloudwatch import Alarm, alarms

INTRODUCTION = f"""# Alarms

{PRINTED}

`infra/alarms.yaml` raises them and draws the dashboard `souk-<stage>`; those of copies are raised by
`infra/backup.yaml`, which `KeepData` switches on. All are sent to the topic `souk-<stage>-alarms`, by mail with the
parameter `AlarmEmail`. CloudWatch takes 0.10 USD a month for each metric that an alarm reads: {{metrics}} here. Where
nothing is measured an alarm is over, except {{loud}}: these are raised.
"""


_SIGNS = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}


def page() -> str:
    every = alarms()
    metrics = sum(len(alarm.queries) for alarm in every.values())
    loud = [name for name, alarm in every.items() if alarm.defined["TreatMissingData"] == "breaching"]
    rows = [[name, _raised_when(alarm), *_runbook(alarm)] for name, alarm in every.items()]
    head = ["Alarm", "Raised when", "What it means", "What to do first"]
    return INTRODUCTION.format(metrics=metrics, loud=", ".join(loud)) + "\n" + table(head, rows)


def _runbook(alarm: Alarm) -> tuple[str, str]:
    meaning, first = alarm.defined["AlarmDescription"].split("First: ")
    return meaning, first[0].upper() + first[1:]


def _raised_when(alarm: Alarm) -> str:
    span = timedelta(seconds=alarm.period * int(alarm.defined["EvaluationPeriods"]))
    long = f"{span.days} days" if span.days else f"{span.seconds // 60} min"
    return f"{_watched(alarm)} {_SIGNS[alarm.defined['ComparisonOperator']]} {_threshold(alarm)} for {long}"


def _watched(alarm: Alarm) -> str:
    """Its label, or the one metric with its statistic."""
    named = [one["Label"] for one in alarm.defined.get("Metrics", []) if "Label" in one]
    (only,) = named or [f"{query['Metric']['MetricName']} ({query['Stat']})" for query in alarm.queries.values()]
    return str(only)


def _threshold(alarm: Alarm) -> str:
    """With the name of the parameter where it is one."""
    written = alarm.written["Threshold"]
    name = f" (`{written['Ref']}`)" if isinstance(written, dict) else ""
    return f"{alarm.defined['Threshold']}{name}"
