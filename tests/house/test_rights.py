"""The least of rights: what is wide on purpose, what SAM attaches, and that a right too many would be seen."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from souk.gateways import aws
from tests.house import rights, transformed
from tests.house.code import apis
from tests.support import template, usage
from tests.support.shop import Shop
from tests.support.usage import Call, Read

# Where a right is on all that lies below a name, and why. No action is ever granted by a pattern.
BELOW = {
    "s3": "a file is named when it comes",
    "scheduler": "a timer is named by what it times",
}
# Policies on a thing itself that let in more than one named service.
OPEN_TO_MANY = {
    ("infra/data.yaml", "Key"): "whoever may use the table, a queue or a bucket uses the key through it, and only so",
}
# What SAM attaches to the role of every function or workflow, or of those with such an event.
MANAGED = {
    "AWSXrayWriteOnlyAccess": "traces belong to no resource",
    "AWSLambdaBasicExecutionRole": "the function's own log group is made beforehand; this one policy fits all",
    "AWSLambdaDynamoDBExecutionRole": "the stream of the table",
    "AWSLambdaSQSQueueExecutionRole": "the queue that calls the function",
}
BY_EVENT = {"AWSLambdaDynamoDBExecutionRole": "DynamoDB", "AWSLambdaSQSQueueExecutionRole": "SQS"}


def stacks() -> Iterator[tuple[str, dict[str, Any]]]:
    yield template.MAIN, transformed.whole()
    yield from ((file, template.read(file)) for file in template.ground())


def test_nobody_may_do_or_touch_what_is_not_named() -> None:
    granted = {call for _, whole in stacks() for call in rights.granted(whole)}
    assert len(granted) > len(template.functions())
    wide = [call for call in granted if "*" in call.action or "*" in _named_part(call)]
    assert not wide, "\n".join(map(" | ".join, wide))


def _named_part(call: Call) -> str:
    return call.resource.removesuffix("/*") if call.action.split(":")[0] in BELOW else call.resource


def test_what_is_stored_lets_in_nobody_but_the_services_that_are_named() -> None:
    found = [
        (file, name)
        for file, whole in stacks()
        for name, resource in whole["Resources"].items()
        for statement in _on_itself(resource.get("Properties", {}))
        if statement["Effect"] == "Allow" and "Service" not in statement["Principal"]
    ]
    assert set(found) == OPEN_TO_MANY.keys()


def _on_itself(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements of a resource policy: unlike a role's they say who."""
    documents = (properties.get(name) for name in ("PolicyDocument", "KeyPolicy", "AccessPolicy", "ResourcePolicy"))
    statements = [statement for one in documents if one for statement in rights.several(one["Statement"])]
    return [one["Fn::If"][1] if "Fn::If" in one else one for one in statements]


def test_rights_on_data_are_rights_on_the_one_table() -> None:
    for call in rights.granted(transformed.whole()):
        if call.action.startswith("dynamodb:"):
            assert call.resource in {"Table", *(f"Table/index/gsi{n}" for n in (1, 2, 3))}, call


def test_sam_attaches_no_more_than_is_known() -> None:
    functions = {one.logical_id: one for one in template.functions()}
    for owner, role in rights.roles(transformed.whole()).items():
        managed = {str(policy).rsplit("/", 1)[-1] for policy in role.get("ManagedPolicyArns", [])}
        assert managed <= MANAGED.keys(), owner
        for policy in managed & BY_EVENT.keys():
            assert any(functions[owner].events(BY_EVENT[policy])), (owner, policy)


def test_every_door_and_nobody_else_knows_who_may_call_from_a_browser() -> None:
    knows = {read.by for read in rights.told() if read.setting == "ALLOWED_ORIGINS"}
    assert knows == {function.logical_id for function, _ in apis()}


def test_a_right_too_many_and_one_too_few_are_told() -> None:
    whole = transformed.whole()
    planted = copy.deepcopy(whole)
    rights.roles(planted)["Browse"]["Policies"][0]["PolicyDocument"]["Statement"].append(
        {"Effect": "Allow", "Action": "dynamodb:DeleteItem", "Resource": {"Fn::GetAtt": ["Data", "Outputs.TableArn"]}}
    )
    before, after = rights.granted(whole), rights.granted(planted)
    assert rights.differences(after, before) == "Browse | dynamodb:DeleteItem | Table | given, never used"
    assert rights.differences(before, after) == "Browse | dynamodb:DeleteItem | Table | used, not given"


def test_what_a_function_uses_is_written_down_and_what_a_test_does_is_not(shop: Shop) -> None:
    aws.client("events").put_events(Entries=[{"EventBusName": "souk-test-bus", "Source": "a", "DetailType": "b"}])
    with usage.running("Probe"):
        shop.rows("Product")
        aws.client("secretsmanager").get_secret_value(SecretId="souk/test/cursor")
    assert {call for call in usage.calls if call.by == "Probe"} == {
        Call("Probe", "secretsmanager:GetSecretValue", "CURSOR_SECRET")
    }
    usage.calls.discard(Call("Probe", "secretsmanager:GetSecretValue", "CURSOR_SECRET"))
    usage.reads.discard(Read("Probe", "CURSOR_SECRET"))


def test_a_call_needs_a_right_for_everything_in_it() -> None:
    table = {"TableName": "t"}
    items = [{"Put": table}, {"Update": table}, {"Delete": table}, {"ConditionCheck": table}]
    assert [action for action, _ in usage.rights("dynamodb", "TransactWriteItems", {"TransactItems": items})] == [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    ]
    on_index = usage.rights("dynamodb", "Query", {"TableName": "t", "IndexName": "gsi1"})
    assert list(on_index) == [("dynamodb:Query", "t/index/gsi1")]
    timer = {"GroupName": "timers", "Target": {"RoleArn": "role"}}
    assert list(usage.rights("scheduler", "CreateSchedule", timer)) == [
        ("scheduler:CreateSchedule", "timers/*"),
        ("iam:PassRole", "role"),
    ]
