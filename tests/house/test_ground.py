"""The ground the shop stands on: encrypted at rest and on the way, kept for a limited time, copied every day."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.house import rights, transformed
from tests.house.pages.cost import EXPORT_DAYS
from tests.support import template
from tests.support.template import ROOT

# What keeps data, and the property that names its key. CloudWatch and Cognito encrypt by themselves; a log holds no
# person's data, and the user pool no more than addresses and what is left of passwords.
ENCRYPTED_BY = {
    "AWS::Backup::BackupVault": "EncryptionKeyArn",
    "AWS::DynamoDB::Table": "SSESpecification",
    "AWS::S3::Bucket": "BucketEncryption",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
BY_ITSELF = {"AWS::Logs::LogGroup", "AWS::Cognito::UserPool"}
KEEPS_NOTHING = (
    "AWS::ApiGateway::",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFront::",
    "AWS::CloudWatch::",
    "AWS::Cognito::UserPoolClient",
    "AWS::Events::",
    "AWS::IAM::",
    "AWS::KMS::Key",
    "AWS::Lambda::",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::",
    "AWS::StepFunctions::",
    "AWS::WAFv2::",
)
KEY = ({"Ref": "KeyArn"}, {"Fn::GetAtt": ["Key", "Arn"]}, {"Fn::GetAtt": ["Data", "Outputs.KeyArn"]})
GROUND = template.ground()


def resources(*kinds: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of every stack: file, logical id, properties."""
    for file in (template.MAIN, *GROUND):
        whole = transformed.whole() if file == template.MAIN else template.read(file)
        for name, one in whole["Resources"].items():
            if not kinds or one["Type"] in kinds:
                yield file, name, one.get("Properties", {})


def values(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, Mapping | list):
        for below in node.values() if isinstance(node, Mapping) else node:
            yield from values(below)


@pytest.mark.capability("SYS-05")
def test_everything_that_keeps_data_is_encrypted_with_the_shops_key() -> None:
    kept = list(resources(*ENCRYPTED_BY))
    assert len(kept) > len(ENCRYPTED_BY)
    kinds = {(file, name): one["Type"] for file in GROUND for name, one in template.read(file)["Resources"].items()}
    kinds |= {(template.MAIN, name): one["Type"] for name, one in transformed.whole()["Resources"].items()}
    for file, name, properties in kept:
        how = properties[ENCRYPTED_BY[kinds[file, name]]]
        assert any(value in KEY for value in values(how)), (file, name)
    unknown = {kind for kind in kinds.values() if not kind.startswith(KEEPS_NOTHING)}
    assert unknown <= ENCRYPTED_BY.keys() | BY_ITSELF, "a new kind: does it keep data?"
    for stack in dict(template.resources("AWS::Serverless::Application")).values():
        assert stack["Parameters"].get("KeyArn", KEY[-1]) == KEY[-1]


@pytest.mark.capability("SYS-05")
@pytest.mark.capability("PAY-11")
def test_nothing_is_reached_without_tls() -> None:
    guarded = {
        "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
        "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
        "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    }
    for kind, (policy_kind, on) in guarded.items():
        refused = {
            (file, of["Ref"])
            for file, _, policy in resources(policy_kind)
            if any(map(_refuses_plain, policy["PolicyDocument"]["Statement"]))
            for of in rights.several(policy[on])
        }
        open_ = {(file, name) for file, name, _ in resources(kind)} - refused
        assert refused and not open_, kind
    (api,) = (properties for _, _, properties in resources("AWS::ApiGateway::RestApi"))
    assert api["SecurityPolicy"].startswith("SecurityPolicy_TLS13_1_2_PFS") and api["EndpointAccessMode"] == "STRICT"
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    asked = {name: one["Default"] for name, one in template.read()["Parameters"].items() if name.endswith("Api")}
    assert len(asked) == 3 and all(url.startswith("https://") for url in asked.values()), asked


@pytest.mark.capability("PAY-11")
def test_secrets_lie_in_the_secret_store_and_are_deployed_by_nobody() -> None:
    """A function is told which one is meant; what one holds is made there, or filled in afterwards."""
    kept = {
        name: properties["GenerateSecretString"] for _, name, properties in resources("AWS::SecretsManager::Secret")
    }
    for name, made in kept.items():
        given = json.loads(made["SecretStringTemplate"])
        assert made["GenerateStringKey"] not in given and not any(given.values()), name
    looks_secret = re.compile(r"secret|password|token|credential|_key|apikey", re.IGNORECASE)
    assert not [name for name in template.read()["Parameters"] if looks_secret.search(name)]
    told = [
        (one.logical_id, name, value)
        for one in template.functions()
        for name, value in one.variables.items()
        if looks_secret.search(name)
    ]
    assert {value["Ref"] for _, _, value in told} == kept.keys(), told


def _refuses_plain(statement: Mapping[str, Any]) -> bool:
    plain = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return statement.get("Effect") == "Deny" and statement["Principal"] == "*" and str(plain).lower() == "false"


@pytest.mark.capability("SYS-05")
def test_no_bucket_is_ever_public() -> None:
    for _, name, bucket in resources("AWS::S3::Bucket"):
        block = bucket["PublicAccessBlockConfiguration"]
        assert len(block) == 4 and all(block.values()), name
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, name


@pytest.mark.capability("SYS-05")
def test_every_log_ends_some_day() -> None:
    groups = list(resources("AWS::Logs::LogGroup"))
    assert len(groups) > len(template.functions())
    assert all(properties["RetentionInDays"] == {"Ref": "LogDays"} for _, _, properties in groups)


@pytest.mark.capability("PLT-11")
@pytest.mark.capability("PLT-07")
def test_the_table_grows_with_its_load_and_is_kept_safe() -> None:
    resource = template.read("infra/data.yaml")["Resources"]["Table"]
    table = resource["Properties"]
    assert table["BillingMode"] == "PAY_PER_REQUEST" and "ProvisionedThroughput" not in table
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["KeepsData", True, False]}
    assert resource["UpdateReplacePolicy"] == "Retain" and len(table["GlobalSecondaryIndexes"]) <= 3
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"


# -- copies
@pytest.fixture
def backup() -> dict[str, dict[str, Any]]:
    made = template.read("infra/backup.yaml")["Resources"]
    return {name: one["Properties"] for name, one in made.items()}


@pytest.mark.capability("SYS-06")
def test_the_table_can_be_had_as_it_was_at_any_second_and_is_copied_every_day(backup: dict[str, Any]) -> None:
    table = template.read("infra/data.yaml")["Resources"]["Table"]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert backup["Selection"]["BackupSelection"]["Resources"] == [{"Ref": "TableArn"}]
    (rule,) = backup["Plan"]["BackupPlan"]["BackupPlanRule"]
    assert rule["TargetBackupVault"] == {"Ref": "Vault"}
    assert rule["ScheduleExpression"] == "cron(0 3 * * ? *)", "once a day"
    assert rule["Lifecycle"] == {"DeleteAfterDays": {"Ref": "BackupDays"}}
    kept = template.read("infra/backup.yaml")["Parameters"]["BackupDays"]
    # The vault takes no copy that it may not keep for as long as nobody may delete one.
    assert kept["Default"] >= kept["MinValue"] == backup["Vault"]["LockConfiguration"]["MinRetentionDays"]


@pytest.mark.capability("SYS-06")
def test_all_items_are_exported_every_six_days_into_a_bucket_that_keeps_versions(backup: dict[str, Any]) -> None:
    schedule = backup["ExportTable"]
    assert schedule["ScheduleExpression"] == f"rate({EXPORT_DAYS} days)"
    assert schedule["Target"]["Arn"]["Fn::Sub"].endswith(":::aws-sdk:dynamodb:exportTableToPointInTime")
    asked = json.loads(schedule["Target"]["Input"]["Fn::Sub"])
    assert (asked["TableArn"], asked["S3Bucket"]) == ("${TableArn}", "${Exports}")
    assert (asked["S3SseAlgorithm"], asked["S3SseKmsKeyId"]) == ("KMS", "${KeyArn}")
    assert backup["Exports"]["VersioningConfiguration"] == {"Status": "Enabled"}
    (told,) = backup["Exports"]["NotificationConfiguration"]["TopicConfigurations"]
    assert (told["Topic"], told["Event"]) == ({"Ref": "Finished"}, "s3:ObjectCreated:*")
    # By the developer guide ("DynamoDB table export output format") it tells when the export ended.
    assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "suffix", "Value": "/manifest-summary.json"}]


@pytest.mark.capability("SYS-07")
def test_the_stack_can_be_pointed_at_a_restored_table_as_the_page_says() -> None:
    data = template.read("infra/data.yaml")
    assert data["Resources"]["Table"]["Condition"] == "HasOwnTable"
    for name in ("TableName", "TableArn", "StreamArn"):
        condition, own, restored = data["Outputs"][name]["Value"]["Fn::If"]
        assert condition == "HasOwnTable" and "Table" in own.get("Fn::GetAtt", own.values())
        assert "Restored" in json.dumps(restored)
    # Who spelled the table's name elsewhere would go on with the old one.
    spelled = [
        file for file in transformed.files() if re.search(r"table/souk-|TableName.*souk-", (ROOT / file).read_text())
    ]
    assert spelled == ["infra/data.yaml"]
    page, table = (ROOT / "docs/restore.md").read_text(), data["Resources"]["Table"]["Properties"]
    assert f"StreamViewType={table['StreamSpecification']['StreamViewType']}" in page
    assert f"AttributeName={table['TimeToLiveSpecification']['AttributeName']}" in page
    assert {name for name in template.read()["Parameters"] if f'"{name}=' in page} == {
        "RestoredTable",
        "RestoredStream",
    }


@pytest.mark.capability("SYS-06")
def test_the_shop_has_copies_and_a_firewall_and_what_is_thrown_away_costs_neither() -> None:
    stacks = template.read()["Resources"]
    assert (stacks["Backup"]["Condition"], stacks["WebFirewall"]["Condition"]) == ("KeepsData", "HasFirewall")
    conditions = template.read()["Conditions"]
    assert conditions["KeepsData"] == {"Fn::Equals": [{"Ref": "KeepData"}, "on"]}
    assert conditions["HasFirewall"] == {"Fn::Equals": [{"Ref": "Firewall"}, "on"]}
    defaults = {name: template.read()["Parameters"][name]["Default"] for name in ("KeepData", "Firewall")}
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for stage, has in (("prod", "on"), ("default", "off"), ("local", "off")):
        given = dict(pair.split("=", 1) for pair in config[stage]["deploy"]["parameters"]["parameter_overrides"])
        assert {name: given.get(name, default) for name, default in defaults.items()} == dict.fromkeys(defaults, has)
