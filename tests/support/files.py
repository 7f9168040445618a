"""The bucket of infra/files.yaml and its queues, on moto: files sent up as a browser sends them, messages delivered."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from souk.gateways import aws
from tests.support import template

DELIVERED_AT_ONCE = 10


def make_bucket() -> None:
    location = {"LocationConstraint": os.environ["AWS_REGION"]}
    aws.client("s3").create_bucket(Bucket=os.environ["FILES_BUCKET"], CreateBucketConfiguration=location)


def make_queues() -> None:
    """Every queue by its logical id, and who is told of what comes into the bucket."""
    for name in _queues():
        aws.client("sqs").create_queue(QueueName=name)
    told = template.read("infra/files.yaml")["Resources"]["Bucket"]["Properties"]["NotificationConfiguration"]
    queues = [
        {
            "QueueArn": _arn(one["Queue"]["Fn::GetAtt"][0]),
            "Events": [one["Event"]],
            "Filter": {"Key": {"FilterRules": json.loads(json.dumps(one["Filter"]["S3Key"]["Rules"]))}},
        }
        for one in told["QueueConfigurations"]
    ]
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=os.environ["FILES_BUCKET"], NotificationConfiguration={"QueueConfigurations": queues}
    )


def send_up(ticket: Mapping[str, Any], content: bytes) -> int:
    """As whoever holds the address does; the status that the bucket answers."""
    headers = {name: value for name, value in ticket["headers"].items() if name != "Content-Length"}
    return requests.put(ticket["url"], data=content, headers=headers, timeout=10).status_code


def fetched(url: str) -> bytes:
    answer = requests.get(url, timeout=10)
    answer.raise_for_status()
    return answer.content


def messages(queue: str, most: int) -> Iterator[dict[str, Any]]:
    """What waits in the queue with that logical id, as its consumer is given it; and then it is gone."""
    sqs, url = aws.client("sqs"), queue_url(queue)
    for _ in range(0, most, DELIVERED_AT_ONCE):
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=min(most, DELIVERED_AT_ONCE)).get("Messages", [])
        if not found:
            return
        taken = [{"Id": str(number), "ReceiptHandle": one["ReceiptHandle"]} for number, one in enumerate(found)]
        sqs.delete_message_batch(QueueUrl=url, Entries=taken)
        yield from ({"messageId": one["MessageId"], "body": one["Body"], "eventSource": "aws:sqs"} for one in found)


def give_back(queue: str, body: str) -> None:
    """A message that its consumer has failed waits again."""
    aws.client("sqs").send_message(QueueUrl=queue_url(queue), MessageBody=body)


def queue_of(event: Mapping[str, Any]) -> str:
    """The logical id behind `!GetAtt Files.Outputs.RowsArn`."""
    stack, attribute = event["Queue"]["Fn::GetAtt"]
    location = template.read()["Resources"][stack]["Properties"]["Location"]
    output = template.read(location)["Outputs"][attribute.removeprefix("Outputs.")]["Value"]
    return str(output["Fn::GetAtt"][0])


def queue_url(queue: str) -> str:
    return str(aws.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"])


def _queues() -> list[str]:
    resources = template.read("infra/files.yaml")["Resources"]
    return [name for name, one in resources.items() if one["Type"] == "AWS::SQS::Queue"]


def _arn(queue: str) -> str:
    sqs = aws.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=queue_url(queue), AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])
