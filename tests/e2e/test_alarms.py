"""Facts that cannot be handled raise alarms: driven through the deployed bus, function and queue."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from infra.local.shop import STACK, Shop
from tests.e2e.shopping import until
from tests.support.cloudwatch import CloudWatch, Metric, alarms

POISON = {
    "EventBusName": STACK,
    "Source": "souk.catalog",
    "DetailType": "ListingTimed",
    "Detail": '{"fact_id": "fct_poison", "data": {}}',
}
QUEUE = frozenset({("QueueName", "DeadLetters")})
WATCHED = {
    name: one for name, one in alarms(stage="local").items() if name.startswith(("DeadLetters", "FunctionsFail"))
}


def dead_letters(shop: Shop) -> str:
    """The address of the queue; its name is CloudFormation's."""
    made = shop.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId="DeadLetters")
    name = made["StackResourceDetail"]["PhysicalResourceId"].rsplit("/", 1)[-1]
    return str(shop.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def raised(shop: Shop, queue: str, seen: int, later: timedelta = timedelta()) -> set[str]:
    """The alarms then: over what functions have logged since, and what SQS would publish of the messages it holds."""
    at = datetime.now(UTC) + later
    answer = shop.client("sqs").receive_message(
        QueueUrl=queue, VisibilityTimeout=0, MaxNumberOfMessages=10, AttributeNames=["SentTimestamp"]
    )
    sent = [int(one["Attributes"]["SentTimestamp"]) / 1000 for one in answer.get("Messages", [])]
    cloudwatch = CloudWatch()
    cloudwatch.record(Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", QUEUE), len(sent), at)
    age = at.timestamp() - min(sent, default=at.timestamp())
    cloudwatch.record(Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", QUEUE), age, at)
    if not later:
        log = Path(shop.log).read_text(encoding="utf-8")[seen:]
        cloudwatch.read((line.partition(" | ")[2] for line in log.splitlines()), at)
    return {name for name, alarm in WATCHED.items() if cloudwatch.state(alarm, at) == "ALARM"}


@pytest.mark.capability("PLT-13")
def test_facts_that_cannot_be_handled_raise_alarms_until_they_are_dealt_with(shop: Shop) -> None:
    queue, seen = dead_letters(shop), len(Path(shop.log).read_text(encoding="utf-8"))
    now: Callable[..., set[str]] = partial(raised, shop, queue, seen)
    assert now() == set()

    shop.client("events").put_events(Entries=[POISON, POISON])
    until(lambda: now() == {"FunctionsFail", "DeadLettersWait"})
    assert now(later=timedelta(days=3, minutes=5)) == {"DeadLettersWait", "DeadLettersExpire"}

    sqs = shop.client("sqs")
    until(lambda: len(sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, MaxNumberOfMessages=9)["Messages"]) == 2)
    sqs.purge_queue(QueueUrl=queue)
    assert now(later=timedelta(minutes=5)) == set()
