"""Our own rules of infra/firewall.yaml, applied as AWS WAF's developer guide says; AWS's rule groups are unknown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Any
from urllib.parse import unquote

from tests.support import template

RULE_GROUPS = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
}
_RATE, _EXACT, _REGEX, _TRANSFORMATION = 2, 2, 3, 10


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    address: str = "192.0.2.1"
    at: int = 0  # seconds


@dataclass
class Firewall:
    """One that has just started: what it has counted is forgotten with it."""

    limits: Mapping[str, int]  # by the parameter that holds each
    _seen: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def take(self, request: Request) -> str | None:
        """The rule that turns the request away."""
        for rule in rules():
            rate = rule["Statement"].get("RateBasedStatement")
            if rate and matches(rate["ScopeDownStatement"], request):
                seen = self._seen.setdefault((rule["Name"], request.address), [])
                seen.append(request.at)
                recent = [at for at in seen if at > request.at - rate["EvaluationWindowSec"]]
                if len(recent) > self.limits[rate["Limit"]["Ref"]]:
                    return str(rule["Name"])
        return None


def rules() -> list[dict[str, Any]]:
    """In the order in which they are asked."""
    acl = template.read("infra/firewall.yaml")["Resources"]["Acl"]["Properties"]
    return sorted(acl["Rules"], key=lambda rule: rule["Priority"])


def counted_by(request: Request) -> set[str]:
    """The rules that count the request."""
    rates = {rule["Name"]: rule["Statement"].get("RateBasedStatement") for rule in rules()}
    return {name for name, rate in rates.items() if rate and matches(rate["ScopeDownStatement"], request)}


def matches(statement: Mapping[str, Any], request: Request) -> bool:
    ((kind, of),) = statement.items()
    match kind:
        case "NotStatement":
            return not matches(of["Statement"], request)
        case "AndStatement":
            return all(matches(one, request) for one in of["Statements"])
        case "ByteMatchStatement" if of["PositionalConstraint"] == "EXACTLY":
            return _read(of, request) == str(of["SearchString"])
        case "RegexMatchStatement":
            return re.search(of["RegexString"], _read(of, request)) is not None
    raise ValueError(f"{kind} is not known here")


def capacity(node: Any) -> int:
    """Web ACL capacity units, by the tables of the developer guide."""
    if isinstance(node, list):
        return sum(map(capacity, node))
    if not isinstance(node, Mapping):
        return 0
    own = {"RateBasedStatement": _RATE, "ByteMatchStatement": _EXACT, "RegexMatchStatement": _REGEX}
    units = sum(own.get(kind, 0) for kind in node)
    units += sum(_TRANSFORMATION for one in node.get("TextTransformations", []) if one["Type"] != "NONE")
    if "ManagedRuleGroupStatement" in node:
        return units + RULE_GROUPS[node["ManagedRuleGroupStatement"]["Name"]]
    return units + sum(map(capacity, node.values()))


def _read(of: Mapping[str, Any], request: Request) -> str:
    (what,) = of["FieldToMatch"]
    text = {"Method": request.method, "UriPath": request.path}[what]
    for one in sorted(of["TextTransformations"], key=lambda one: one["Priority"]):
        text = _TRANSFORM[one["Type"]](text)
    return text


_TRANSFORM: dict[str, Callable[[str], str]] = {
    "NONE": str,
    "URL_DECODE": unquote,
    "NORMALIZE_PATH": lambda path: re.sub("/+", "/", normpath(path)) + ("/" if path.endswith("/") else ""),
}
