"""infra/files.yaml: the bucket is nobody's but the shop's, and no message of an import is lost."""

import json
from typing import Any

import pytest

from tests.support import template
from tests.support.files import queue_of

RESOURCES: dict[str, dict[str, Any]] = {
    name: one for name, one in template.read("infra/files.yaml")["Resources"].items() if isinstance(one, dict)
}
KEY = {"Ref": "KeyArn"}


def properties(name: str) -> dict[str, Any]:
    return dict(RESOURCES[name]["Properties"])


def test_the_bucket_is_private_encrypted_and_kept() -> None:
    bucket = properties("Bucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert RESOURCES["Bucket"]["UpdateReplacePolicy"] == "Retain"


def test_nobody_reaches_a_file_without_encryption_and_everybody_only_pictures() -> None:
    refused, shown = properties("BucketPolicy")["PolicyDocument"]["Statement"]
    assert (refused["Effect"], refused["Principal"], refused["Action"]) == ("Deny", "*", "s3:*")
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": False}}
    condition, allowed, nothing = shown["Fn::If"]
    assert (condition, nothing) == ("MakesDistribution", {"Ref": "AWS::NoValue"})
    assert (allowed["Action"], allowed["Resource"]) == ("s3:GetObject", {"Fn::Sub": "${Bucket.Arn}/media/*"})
    assert "${Distribution}" in json.dumps(allowed["Condition"]["StringEquals"]["aws:SourceArn"])


@pytest.mark.capability("PRD-03")
def test_what_is_sent_up_and_left_behind_goes_by_itself() -> None:
    rules = properties("Bucket")["LifecycleConfiguration"]["Rules"]
    expires = {rule["Prefix"]: rule.get("ExpirationInDays") for rule in rules if "Prefix" in rule}
    gone = {"uploads/": 2, "imports/": 30, "bills/": 400, "templates/": 1}
    assert expires == gone | {"media/": None, "avatars/": None, "cases/": None, "merchants/": None}


@pytest.mark.capability("USR-06")
def test_a_former_picture_of_a_person_goes_for_good_within_a_day() -> None:
    rules = properties("Bucket")["LifecycleConfiguration"]["Rules"]
    former = {rule["Prefix"]: rule["NoncurrentVersionExpiration"] for rule in rules if "Prefix" in rule}
    assert former["avatars/"] == former["cases/"] == former["uploads/"] == {"NoncurrentDays": 1}


@pytest.mark.capability("PRD-06")
def test_a_message_that_fails_comes_again_and_is_kept_in_the_end() -> None:
    queues = {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == "AWS::SQS::Queue"}
    assert all(queue["KmsMasterKeyId"] == KEY for queue in queues.values())
    consumers = [(function, event) for function in template.functions() for event in function.events("SQS")]
    assert {queue_of(event) for _, event in consumers} == queues.keys() - {"ImportDeadLetters"}
    for function, event in consumers:
        queue = queues[queue_of(event)]
        assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["ImportDeadLetters", "Arn"]}
        # As the Lambda guide wants it: no message comes again while its function may still be at it.
        assert queue["VisibilityTimeout"] >= 6 * function.properties["Timeout"]
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
