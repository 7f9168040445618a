"""DynamoDB: a table expires its items by the attribute that the template names."""

from collections.abc import Callable

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from infra.local.cloud.correct import correct


@correct(provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"], "create")
def set_time_to_live(plain: Callable, logical_id: str, properties: dict, stack: str) -> tuple:
    """Plain ministack overlooks a template's TTL attribute, so nothing would ever expire."""
    made = plain(logical_id, properties, stack)
    if wanted := properties.get("TimeToLiveSpecification"):
        dynamodb._update_ttl({"TableName": made[0], "TimeToLiveSpecification": wanted})
    return made
