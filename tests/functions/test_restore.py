"""A copy of the table, restored under another name, is the shop: as it was then, and open for trade."""

import gzip
import json
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from souk.kernel.caller import Caller
from souk.table import current
from tests.house.pages.routes import entries
from tests.support import fair as fairs
from tests.support.fair import Side
from tests.support.market import Market
from tests.support.people import People
from tests.support.shop import Answer, Shop, client

OLD = "souk-test"
Restore = Callable[[str], object]  # into a table of that name


def point_in_time(dynamodb: Any) -> Restore:
    """moto knows no earlier second: it copies what there is when it is asked."""
    given = {"SourceTableName": OLD, "TargetTableName": "souk-test-now", "UseLatestRestorableTime": True}
    dynamodb.restore_table_to_point_in_time(**given)
    return lambda name: dynamodb.restore_table_to_point_in_time(
        **given | {"SourceTableName": "souk-test-now", "TargetTableName": name}
    )


def backup(dynamodb: Any) -> Restore:
    made = dynamodb.create_backup(TableName=OLD, BackupName="daily")["BackupDetails"]
    return lambda name: dynamodb.restore_table_from_backup(TargetTableName=name, BackupArn=made["BackupArn"])


def export(dynamodb: Any) -> Restore:
    """Out of the files alone, item by item, as DynamoDB's own import reads them."""
    table, s3 = dynamodb.describe_table(TableName=OLD)["Table"], client("s3")
    s3.create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=OLD, PointInTimeRecoverySpecification=recovery)
    asked = {"TableArn": table["TableArn"], "S3Bucket": "exports", "S3Prefix": "all"}
    arn = dynamodb.export_table_to_point_in_time(**asked)["ExportDescription"]["ExportArn"]
    while dynamodb.describe_export(ExportArn=arn)["ExportDescription"]["ExportStatus"] == "IN_PROGRESS":
        time.sleep(0.05)
    (file,) = s3.list_objects_v2(Bucket="exports")["Contents"]
    lines = gzip.decompress(s3.get_object(Bucket="exports", Key=file["Key"])["Body"].read()).splitlines()

    def read_back(name: str) -> None:
        wanted = ("IndexName", "KeySchema", "Projection")
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=table["AttributeDefinitions"],
            KeySchema=table["KeySchema"],
            GlobalSecondaryIndexes=[{key: one[key] for key in wanted} for one in table["GlobalSecondaryIndexes"]],
        )
        for line in lines:
            item = json.loads(line)["Item"]
            if packed := item.get("packed"):
                packed["B"] = b64decode(packed["B"])
            dynamodb.put_item(TableName=name, Item=item)

    return read_back


def items(name: str) -> dict[tuple[str, str], dict[str, Any]]:
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=name)
    return {(one["PK"]["S"], one["SK"]["S"]): one for page in pages for one in page["Items"]}


def looks(shop: Shop, side: Side, buyer: Caller) -> dict[str, Answer]:
    """What staff and a buyer are answered wherever they can look."""
    found = {}
    for route in entries():
        if route.method == "GET" and route.audience in ("me", "staff") and "template" not in route.path:
            who = shop.boss if route.audience == "staff" else buyer
            names = {"subject": side["order_id"], "store_id": side["store_id"]}
            path = route.path.format_map({**side, **names, "status": "paid", "type_id": "none", "import_id": "none"})
            answer = shop.get(path, as_=who)
            found[path] = answer if answer.status == 200 else shop.get(path, as_=who, **names)
    return found


@pytest.mark.capability("SYS-06")
@pytest.mark.capability("SYS-07")
def test_a_restored_copy_is_the_shop_as_it_was_and_open_for_trade(
    dynamodb: None, market: Market, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    fair = fairs.build(market, people)
    shop, side, buyer = fair.shop, fair.sides["ours"], fair.callers["our buyer"]
    assert buyer
    as_it_was, seen = items(OLD), looks(shop, side, buyer)
    assert sum(answer.status == 200 for answer in seen.values()) > 30
    taken = [take(client("dynamodb")) for take in (point_in_time, backup, export)]
    order_id = market.buy({"CUP": 1})
    left = items(OLD)
    for number, restore in enumerate(taken):
        restore(name := f"{OLD}-{number}")
        assert items(name) == as_it_was != left
        monkeypatch.setenv("TABLE_NAME", name)
        current.use(None)
        assert looks(shop, side, buyer) == seen
        assert shop.get(f"/staff/orders/{order_id}", as_=shop.boss).status == 404
        market.place({"CUP": 1})
        assert len(items(name)) > len(as_it_was) and items(OLD) == left
