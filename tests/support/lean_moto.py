"""moto, spared the work that it does again with every call; and its table, looked at without asking."""

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

import pytest
from botocore.session import get_session
from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.core.utils import method_names_from_class, unix_time
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.sqs.models import Message, SQSBackend

from souk.table.port import Row

_VALUES: Mapping[str, Callable[[Any], str | int | bytes]] = {"S": str, "N": int, "B": bytes}
_pick, _update = AttributePicker.__call__, DynamoDBBackend.update_item


class MotoTable:
    def __init__(self, account: str, region: str, name: str) -> None:
        self._backend, self._name = dynamodb_backends[account][region], name

    def all(self) -> list[Row]:
        """What a scan finds, in a hundredth of the time."""
        return [_row(item) for item in _items(self._backend.get_table(self._name))]


def quicken(patch: pytest.MonkeyPatch) -> None:
    """PynamoDB reads the description of the service for every connection. moto looks through its own code for every
    call, tries ten names for every value that it answers, sorts the whole table for every query, and copies all of it
    for every action of a transaction: an item is changed in a copy of its own here, so that the table's is shallow.
    For every message that it hands out it counts those of the queue nine times, to learn how long they are kept.
    """
    patch.setattr("pynamodb.connection.base.get_session", _session)
    patch.setattr("moto.core.responses.method_names_from_class", _method_names)
    patch.setattr(AttributePicker, "__call__", _pick_directly)
    patch.setattr(Table, "all_items", _items)
    patch.setattr(Table, "__deepcopy__", _shallow, raising=False)
    patch.setattr(DynamoDBBackend, "update_item", _update_anew)
    patch.setattr(SQSBackend, "is_message_valid_based_on_retention_period", _is_retained)


_session, _method_names = cache(get_session), cache(method_names_from_class)


def _pick_directly(picker: AttributePicker, context: AttributePickerContext) -> Any:
    if context.shape.parent.name == "AttributeValue":
        return context.obj.get(context.key)
    return _pick(picker, context)


def _items(table: Table) -> list[Item]:
    """Both keys are texts."""
    found = [item for partition in table.items.values() for item in partition.values()]
    return sorted(found, key=lambda item: (item.hash_key.value, item.range_key.value))


def _shallow(table: Table, _: dict[int, Any]) -> Table:
    copied = copy.copy(table)
    copied.items = table.items.copy()
    copied.items.update((key, dict(partition)) for key, partition in table.items.items())
    return copied


def _update_anew(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **more: Any) -> Item:
    table = backend.get_table(table_name)
    pk, sk = backend.get_keys_value(table, key)
    if item := table.get_item(pk, sk):
        table.items[pk][sk] = copy.deepcopy(item)
    return _update(backend, table_name, key, *args, **more)


def _is_retained(backend: SQSBackend, queue: str, message: Message) -> bool:
    kept: Any = backend.get_queue(queue)
    sent = cast(float, message.sent_timestamp) / 1000
    return bool(sent + kept.message_retention_period > unix_time())


def _row(item: Item) -> Row:
    return {name: _VALUES[one.type](one.value) for name, one in item.attrs.items()}
