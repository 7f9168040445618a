"""The firewall: what it counts, when it turns away, and that no buyer who behaves ever meets it."""

import json
from typing import Any

import pytest

from tests.house import transformed
from tests.support import template
from tests.support.firewall import Firewall, Request, capacity, counted_by, rules

PAYING = ("/me/checkout", "/me/one-click-orders", "/me/payments", "/me/payment-methods")
MINUTES = 60


@pytest.fixture
def limits() -> dict[str, int]:
    parameters = template.read("infra/firewall.yaml")["Parameters"]
    return {name: one["Default"] for name, one in parameters.items() if name.endswith("PerAddress")}


def paths() -> set[str]:
    """Every path of the gateway, with the stage before it as clients send it."""
    return {f"/v1{way.path.replace('{proxy+}', 'x')}" for way in template.ways()}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_path_is_counted_for_what_it_is(method: str) -> None:
    for path in paths():
        wanted = set() if path.startswith("/v1/hooks/") else {"TooMany"}
        if path.startswith("/v1/access/"):
            wanted |= {"AccessTooOften"}
        if path.startswith(tuple(f"/v1{one}" for one in PAYING)) and method == "POST":
            wanted |= {"PayTooOften"}
        assert counted_by(Request(method, path)) == wanted, path
        assert counted_by(Request(method, path.removeprefix("/v1"))) == wanted, "at a domain of one's own"
    assert all(any(path.startswith(f"/v1{one}") for path in paths()) for one in (*PAYING, "/access/", "/hooks/"))


@pytest.mark.parametrize(
    "path", ["/v1/%61ccess/sign-in", "/v1//access/sign-in", "/v1/shop/../access/sign-in", "/v1/shop/%2e%2e/access/x"]
)
def test_another_spelling_of_a_path_is_counted_all_the_same(path: str) -> None:
    assert "AccessTooOften" in counted_by(Request("POST", path))


def test_what_only_looks_like_a_path_is_not(limits: dict[str, int]) -> None:
    assert counted_by(Request("POST", "/v1/shop/access/")) == {"TooMany"}
    assert counted_by(Request("POST", "/v1/me/checkouts")) == {"TooMany"}
    assert counted_by(Request("POST", "/v1/shop/hooks/")) == {"TooMany"}


def test_guessing_ends_for_one_address_until_it_has_been_quiet(limits: dict[str, int]) -> None:
    firewall, most = Firewall(limits), limits["AccessPerAddress"]
    guesses = [Request("POST", "/v1/access/sign-in", at=second) for second in range(most + 1)]
    assert [firewall.take(one) for one in guesses] == [None] * most + ["AccessTooOften"]
    assert firewall.take(Request("POST", "/v1/access/sign-in", "192.0.2.2", at=most)) is None
    assert firewall.take(Request("GET", "/v1/shop/products/p", at=most)) is None
    assert firewall.take(Request("POST", "/v1/access/sign-in", at=most + 5 * MINUTES)) is None


def test_a_flood_is_turned_away_and_the_provider_never(limits: dict[str, int]) -> None:
    firewall, most = Firewall(limits), limits["RequestsPerAddress"]
    assert {firewall.take(Request("GET", "/v1/shop/categories")) for _ in range(most)} == {None}
    assert firewall.take(Request("GET", "/v1/shop/categories")) == "TooMany"
    assert {firewall.take(Request("POST", "/v1/hooks/stripe")) for _ in range(2 * most)} == {None}


def test_the_narrower_the_path_the_fewer_and_no_family_is_shut_out(limits: dict[str, int]) -> None:
    assert 60 <= limits["PaymentsPerAddress"] < limits["AccessPerAddress"] < limits["RequestsPerAddress"]


def test_rules_are_asked_in_their_order_within_the_price(limits: dict[str, int]) -> None:
    names = [rule["Name"] for rule in rules()]
    assert names == ["KnownAttackers", "AccessTooOften", "PayTooOften", "TooMany", "KnownBadInputs", "CommonAttacks"]
    assert len({rule["Priority"] for rule in rules()}) == len(rules())
    assert capacity(rules()) == 1002 <= 1500
    rates = [rule["Statement"]["RateBasedStatement"] for rule in rules() if "Action" in rule]
    assert {(rate["AggregateKeyType"], rate["EvaluationWindowSec"]) for rate in rates} == {("IP", 5 * MINUTES)}


def test_known_attacks_are_refused_but_for_the_size_of_a_body() -> None:
    groups = [rule for rule in rules() if "ManagedRuleGroupStatement" in rule["Statement"]]
    assert all(rule["OverrideAction"] == {"None": {}} for rule in groups)
    excepted = [
        (rule["Name"], one["Name"], *one["ActionToUse"])
        for rule in groups
        for one in rule["Statement"]["ManagedRuleGroupStatement"].get("RuleActionOverrides", [])
    ]
    assert excepted == [("CommonAttacks", "SizeRestrictions_BODY", "Count")]


def test_who_is_turned_away_reads_a_problem_like_any_other() -> None:
    acl = template.read("infra/firewall.yaml")["Resources"]["Acl"]["Properties"]
    (api,) = transformed.resources("AWS::ApiGateway::RestApi").values()
    answers = api["Body"]["x-amazon-apigateway-gateway-responses"]
    throttled, filtered = (_body(answers[kind]) for kind in ("THROTTLED", "WAF_FILTERED"))
    said = json.loads(acl["CustomResponseBodies"]["TooMany"]["Content"])
    assert said | {"detail": throttled["detail"]} == throttled
    assert (filtered["status"], filtered["code"]) == (403, "forbidden")
    for rule in rules():
        if "Action" in rule:
            answer = rule["Action"]["Block"]["CustomResponse"]
            assert (answer["ResponseCode"], answer["CustomResponseBodyKey"]) == (429, "TooMany")
            assert {"Name": "Retry-After", "Value": "300"} in answer["ResponseHeaders"]


def _body(answer: Any) -> Any:
    return json.loads(answer["responseTemplates"]["application/json"])


def test_the_firewall_keeps_no_token_and_nothing_of_those_it_lets_through() -> None:
    made = template.read("infra/firewall.yaml")["Resources"]
    samples = [one["VisibilityConfig"]["SampledRequestsEnabled"] for one in (*rules(), made["Acl"]["Properties"])]
    assert not any(samples)
    logging = made["Logging"]["Properties"]
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    assert {"SingleHeader": {"Name": "authorization"}} in logging["RedactedFields"]
    assert made["OfApi"]["Properties"]["ResourceArn"] == {"Ref": "StageArn"}
    stage = template.read()["Resources"]["WebFirewall"]["Properties"]["Parameters"]["StageArn"]
    assert stage == {"Fn::GetAtt": ["Api", "Outputs.StageArn"]}
    meant = template.read(template.API)["Outputs"]["StageArn"]["Value"]
    assert meant["Fn::Sub"].endswith("/restapis/${Api}/stages/${Api.Stage}")
