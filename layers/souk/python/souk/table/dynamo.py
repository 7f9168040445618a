"""The table as DynamoDB keeps it: the port's actions and conditions spelled with PynamoDB."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.exceptions import HTTPClientError
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import (
    CancellationReason,
    PynamoDBConnectionError,
    PynamoDBException,
    TransactGetError,
    TransactWriteError,
)
from pynamodb.expressions.condition import Condition as Expression
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action as Update
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite

from souk.kernel import settings
from souk.table import conditions
from souk.table.keys import NUMBERS
from souk.table.port import Action, At, Change, Check, ConditionFailed, Delete, Put, Range, Row, TryAgain

_TRANSIENT = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
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


def _row(record: Record) -> Row:
    return {name: value for name, value in record.attribute_values.items() if value is not None}


def _expression(wanted: Sequence[conditions.Condition]) -> Expression | None:
    whole: Expression | None = None
    for one in wanted:
        match one:
            case conditions.Absent():
                part: Expression = Path("PK").does_not_exist()
            case conditions.Present():
                part = Path("PK").exists()
            case conditions.AtLeast(name, least):
                part = Path(name) >= least
            case conditions.AtMost(name, most):
                part = Path(name).does_not_exist() | (Path(name) <= most)
            case conditions.Equals(name, value):
                part = Path(name) == value
        whole = part if whole is None else whole & part
    return whole


def _may_pass(error: PynamoDBException) -> bool:
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
        return _row(found) if found else None

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        keys = [(at.pk, at.sk) for at in dict.fromkeys(ats)]
        rows: list[Row] = self._call(lambda: [_row(found) for found in Record.batch_get(keys, consistent_read=True)])
        return rows

    def read_at_once(self, ats: Sequence[At]) -> list[Row]:
        reading = TransactGet(connection=self._connection)
        found = [reading.get(Record, at.pk, at.sk) for at in ats]
        try:
            reading._commit()
        except TransactGetError as error:
            canceled = error.cause_response_code == "TransactionCanceledException"
            codes = {reason.code for reason in error.cancellation_reasons if reason} if canceled else set()
            if _may_pass(error) or _TRANSIENT & codes:
                raise TryAgain() from error
            raise
        return [_row(one._model) for one in found if one._model]

    def query(self, within: Range, limit: int) -> list[Row]:
        source = getattr(Record, within.index) if within.index else Record
        sort = Path(f"{within.index}sk" if within.index else "SK").between(within.first, within.last)
        kwargs: dict[str, Any] = {} if within.index else {"consistent_read": True}
        kwargs |= {"limit": limit, "page_size": limit, "scan_index_forward": not within.backwards}
        rows: list[Row] = self._call(lambda: [_row(found) for found in source.query(within.pk, sort, **kwargs)])
        return rows

    def write(self, actions: Sequence[Action], token: str) -> None:
        # PynamoDB sends checks, deletes, puts, updates, in this order: the reasons come back in it too.
        in_order = sorted(actions, key=lambda action: (Check, Delete, Put, Change).index(type(action)))
        transaction = TransactWrite(connection=self._connection, client_request_token=token)
        for action in in_order:
            self._add(transaction, action)
        try:
            transaction._commit()
        except TransactWriteError as error:
            if _may_pass(error):
                raise TryAgain() from error
            if error.cause_response_code != "TransactionCanceledException":
                raise
            self._refuse(actions, dict(zip(map(id, in_order), error.cancellation_reasons, strict=True)), error)

    @staticmethod
    def _refuse(actions: Sequence[Action], reasons: Mapping[int, CancellationReason | None], error: Exception) -> None:
        codes = {key: reason.code for key, reason in reasons.items() if reason}
        for action in actions:
            if codes.get(id(action)) == "ConditionalCheckFailed":
                raise ConditionFailed(action) from error
        if _TRANSIENT & set(codes.values()):
            raise TryAgain() from error
        raise error

    @staticmethod
    def _add(transaction: TransactWrite, action: Action) -> None:
        condition = _expression(action.only_if)
        match action:
            case Put(row):
                transaction.save(Record(**row), condition=condition)  # type: ignore[arg-type]
            case Change(at, add, values):
                steps: list[Update] = [Path(name).add(amount) for name, amount in add.items()]
                steps += [Path(name).set(value) for name, value in values.items()]
                transaction.update(Record(at.pk, at.sk), actions=steps, condition=condition)
            case Check(at):
                transaction.condition_check(Record, at.pk, at.sk, condition=condition)
            case Delete(at):
                transaction.delete(Record(at.pk, at.sk), condition=condition)

    @staticmethod
    def _call(question: Any, missing: type[Exception] | tuple[()] = ()) -> Any:
        try:
            return question()
        except missing:
            return None
        except PynamoDBConnectionError as error:
            if _may_pass(error):
                raise TryAgain() from error
            raise
