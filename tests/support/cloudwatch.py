"""CloudWatch as far as the shop's alarms need it: metrics read from the log, and the templates' alarms evaluated.

What AWS publishes of its own services is recorded by hand. Evaluated are whole periods up to a moment, by the rules of
the user guide ("Configuring how CloudWatch alarms treat missing data", "Using math expressions with CloudWatch
metrics"); what an alarm does not use (anomaly bands, SEARCH) raises here.
"""

import ast
import json
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.support import template

FILE = "infra/alarms.yaml"
FILES = (FILE, "infra/backup.yaml")
ACCOUNT = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}
Value = float | None  # None: no data point in that period


def _p99(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


_STATISTICS: Mapping[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max, "p99": _p99}
_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
}


@dataclass(frozen=True)
class Metric:
    """A time series by its whole name: two with other dimensions are two."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Metric":
        dimensions = frozenset((one["Name"], one["Value"]) for one in said.get("Dimensions", []))
        return cls(said["Namespace"], said["MetricName"], dimensions)


class Alarm:
    """An alarm as it is `written` in the template, and as it is `defined` with its parameters filled in."""

    def __init__(self, name: str, written: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> None:
        self.name, self.written, self.defined = name, written, _filled(written, values or {})

    @property
    def queries(self) -> dict[str, dict[str, Any]]:
        """Its metrics by their ids; an alarm over one metric has the id `only`."""
        alone = {"Metric": self.defined, "Period": self.defined.get("Period"), "Stat": self.defined.get("Statistic")}
        return {
            query["Id"]: query["MetricStat"]
            for query in self.defined.get("Metrics", [{"Id": "only", "MetricStat": alone}])
            if "MetricStat" in query
        }

    @property
    def metrics(self) -> set[Metric]:
        return {Metric.of(query["Metric"]) for query in self.queries.values()}

    @property
    def expression(self) -> str:
        found = [query["Expression"] for query in self.defined.get("Metrics", []) if "Expression" in query]
        return str(found[0]) if found else "only"

    @property
    def period(self) -> int:
        (period,) = {int(query["Period"]) for query in self.queries.values()}
        return period


def alarms(*files: str, stage: str = "test") -> dict[str, Alarm]:
    """Every alarm of the templates; a parameter without a default, such as a queue's name, is its own name."""
    return {name: alarm for file in files or FILES for name, alarm in _alarms_of(file, stage)}


def _alarms_of(file: str, stage: str) -> Iterator[tuple[str, Alarm]]:
    whole = template.read(file)
    defaults = {name: one["Default"] for name, one in whole["Parameters"].items() if "Default" in one}
    values = {**{name: name for name in whole["Parameters"]}, **ACCOUNT, **defaults, "Stage": stage}
    for name, one in whole["Resources"].items():
        if one["Type"] == "AWS::CloudWatch::Alarm":
            yield name, Alarm(name, one["Properties"], values)


def _filled(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, Mapping):
        if set(node) == {"Ref"}:
            return values.get(node["Ref"], node["Ref"])
        if set(node) == {"Fn::GetAtt"}:
            return node["Fn::GetAtt"][0]
        if set(node) == {"Fn::Sub"}:
            text = str(node["Fn::Sub"])
            for name, value in values.items():
                text = text.replace(f"${{{name}}}", str(value))
            return text
        return {key: _filled(below, values) for key, below in node.items()}
    return [_filled(below, values) for below in node] if isinstance(node, list) else node


@dataclass
class CloudWatch:
    """What has been measured so far."""

    points: dict[Metric, list[tuple[datetime, float]]] = field(default_factory=dict)

    def record(self, metric: Metric, value: float, at: datetime) -> None:
        self.points.setdefault(metric, []).append((at, value))

    def read(self, log: Iterable[str], at: datetime) -> None:
        """Metrics from the lines that functions printed (the embedded metric format), as measured at that time."""
        for line in log:
            said = _json(line)
            for directive in said.get("_aws", {}).get("CloudWatchMetrics", []):
                for names in directive["Dimensions"]:
                    dimensions = frozenset((name, str(said[name])) for name in names)
                    for one in directive["Metrics"]:
                        values = said[one["Name"]]
                        for value in values if isinstance(values, list) else [values]:
                            self.record(Metric(directive["Namespace"], one["Name"], dimensions), value, at)

    def state(self, alarm: Alarm, at: datetime) -> str:
        """ALARM or OK of the whole periods that end at that moment."""
        wanted = int(alarm.defined["EvaluationPeriods"])
        needed = int(alarm.defined.get("DatapointsToAlarm", wanted))
        breaches = _BREACHES[alarm.defined["ComparisonOperator"]]
        missing = {"breaching": True, "notBreaching": False}[alarm.defined["TreatMissingData"]]
        end, breaching = at.timestamp(), 0
        for number in range(wanted):
            value = self._value(alarm, end - number * alarm.period)
            breaching += missing if value is None else breaches(value, float(alarm.defined["Threshold"]))
        return "ALARM" if breaching >= needed else "OK"

    def _value(self, alarm: Alarm, end: float) -> Value:
        values = {name: self._statistic(query, end) for name, query in alarm.queries.items()}
        return _Expression(values).value(ast.parse(alarm.expression, mode="eval").body)

    def _statistic(self, query: Mapping[str, Any], end: float) -> Value:
        points = self.points.get(Metric.of(query["Metric"]), [])
        within = [value for at, value in points if end - int(query["Period"]) < at.timestamp() <= end]
        return _STATISTICS[query["Stat"]](within) if within else None


class _Expression:
    """Metric math over one period: a value that is missing makes what is computed from it missing."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def value(self, node: ast.AST) -> Any:
        match node:
            case ast.Constant(value=number):
                return number
            case ast.Name(id=name):
                return self._values[name]
            case ast.List(elts=parts):
                return [self.value(part) for part in parts]
            case ast.BinOp(left, kind, right) | ast.Compare(left, [kind], [right]):
                pair = self.value(left), self.value(right)
                return None if None in pair else _OPERATORS[type(kind)](*pair)
            case ast.Call(ast.Name("METRICS"), []):
                return list(self._values.values())
            case ast.Call(ast.Name("FILL"), [of, filler]):
                filled, instead = self.value(of), self.value(filler)
                several = filled if isinstance(filled, list) else [filled]
                full = [instead if one is None else one for one in several]
                return full if isinstance(filled, list) else full[0]
            case ast.Call(ast.Name("SUM" | "MAX" as function), [of]):
                there = [one for one in self.value(of) if one is not None]
                return (sum if function == "SUM" else max)(there) if there else None
            case ast.Call(ast.Name("IF"), [condition, then, otherwise]):
                holds = self.value(condition)
                return None if holds is None else self.value(then if holds else otherwise)
        raise NotImplementedError(ast.unparse(node))


def _json(line: str) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
