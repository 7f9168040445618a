"""The table as DynamoDB keeps it, read with PynamoDB."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.exceptions import HTTPClientError
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBConnectionError, PynamoDBException
from pynamodb.expressions.operand import Path
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from souk.kernel import settings
from souk.table.keys import NUMBERS
from souk.table.port import At, Range, Row, TryAgain

if TYPE_CHECKING:
    from souk.table.actions import Action

_TRANSIENT_CALLS = {
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
    "TransactionConflictException",
}


def _index(number: int) -> Any:
    meta = type("Meta", (), {"index_name": f"gsi{number}", "projection": IncludeProjection(["kind", "card"])})
    keys = {f"gsi{number}pk": UnicodeAttribute(hash_key=True), f"gsi{number}sk": UnicodeAttribute(range_key=True)}
    return type(f"Gsi{number}", (GlobalSecondaryIndex,), {"Meta": meta, **keys})()


class Record(Model):
    """Every item of the table."""

    class Meta:
        connect_timeout_seconds = 1
        read_timeout_seconds = 3
        max_retry_attempts = 3
        max_pool_connections = 8

    PK = UnicodeAttribute(hash_key=True)
    SK = UnicodeAttribute(range_key=True)
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    gsi2pk = UnicodeAttribute(null=True)
    gsi2sk = UnicodeAttribute(null=True)
    gsi3pk = UnicodeAttribute(null=True)
    gsi3sk = UnicodeAttribute(null=True)
    gsi1, gsi2, gsi3 = _index(1), _index(2), _index(3)
    kind = UnicodeAttribute()
    version = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    body = UnicodeAttribute(null=True)
    packed = BinaryAttribute(null=True, legacy_encoding=False)
    card = UnicodeAttribute(null=True)
    vars().update({name: NumberAttribute(null=True) for name in NUMBERS})


def row_of(record: Record) -> Row:
    return {name: value for name, value in record.attribute_values.items() if value is not None}


def may_pass(error: PynamoDBException) -> bool:
    """A throttle, a conflict, or no answer at all; the latter carries no response that a code could be read from."""
    if isinstance(error.cause, HTTPClientError | BotocoreConnectionError):
        return True
    return error.cause_response_code in _TRANSIENT_CALLS


class DynamoTable:
    """Clients are made once a process; `Meta` takes the table's name at first use, not at import."""

    def __init__(self) -> None:
        Record.Meta.table_name = settings.table_name()  # type: ignore[attr-defined]
        Record._connection = None
        self._connection: Connection = Record._get_connection().connection

    def read(self, at: At) -> Row | None:
        found = self._call(lambda: Record.get(at.pk, at.sk, consistent_read=True), missing=Record.DoesNotExist)
        return row_of(found) if found else None

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        keys = [(at.pk, at.sk) for at in dict.fromkeys(ats)]
        rows: list[Row] = self._call(lambda: [row_of(found) for found in Record.batch_get(keys, consistent_read=True)])
        return rows

    def read_at_once(self, ats: Sequence[At]) -> list[Row]:
        from souk.table import dynamo_transactions

        return dynamo_transactions.read(self._connection, ats)

    def query(self, within: Range, limit: int) -> list[Row]:
        source = getattr(Record, within.index) if within.index else Record
        sort = Path(f"{within.index}sk" if within.index else "SK").between(within.first, within.last)
        kwargs: dict[str, Any] = {} if within.index else {"consistent_read": True}
        kwargs |= {"limit": limit, "page_size": limit, "scan_index_forward": not within.backwards}
        rows: list[Row] = self._call(lambda: [row_of(found) for found in source.query(within.pk, sort, **kwargs)])
        return rows

    def write(self, actions: "Sequence[Action]", token: str) -> None:
        from souk.table import dynamo_transactions

        dynamo_transactions.write(self._connection, actions, token)

    @staticmethod
    def _call(question: Any, missing: type[Exception] | tuple[()] = ()) -> Any:
        try:
            return question()
        except missing:
            return None
        except PynamoDBConnectionError as error:
            if may_pass(error):
                raise TryAgain() from error
            raise
