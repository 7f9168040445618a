"""Transactions as DynamoDB takes them: the port's actions and conditions spelled with PynamoDB."""

from collections.abc import Mapping, Sequence

from pynamodb.connection import Connection
from pynamodb.exceptions import CancellationReason, TransactGetError, TransactWriteError
from pynamodb.expressions.condition import Condition as Expression
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action as Update
from pynamodb.transactions import TransactGet, TransactWrite

from souk.table import conditions
from souk.table.actions import Action, Change, Check, ConditionFailed, Delete, Put
from souk.table.dynamo import Record, may_pass, row_of
from souk.table.port import At, Row, TryAgain

_TRANSIENT = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def read(connection: Connection, ats: Sequence[At]) -> list[Row]:
    """All as they are at one instant."""
    reading = TransactGet(connection=connection)
    found = [reading.get(Record, at.pk, at.sk) for at in ats]
    try:
        reading._commit()
    except TransactGetError as error:
        canceled = error.cause_response_code == "TransactionCanceledException"
        codes = {reason.code for reason in error.cancellation_reasons if reason} if canceled else set()
        if may_pass(error) or _TRANSIENT & codes:
            raise TryAgain() from error
        raise
    return [row_of(one._model) for one in found if one._model]


def write(connection: Connection, actions: Sequence[Action], token: str) -> None:
    """All of it or nothing."""
    # PynamoDB sends checks, deletes, puts, updates, in this order: the reasons come back in it too.
    in_order = sorted(actions, key=lambda action: (Check, Delete, Put, Change).index(type(action)))
    transaction = TransactWrite(connection=connection, client_request_token=token)
    for action in in_order:
        _add(transaction, action)
    try:
        transaction._commit()
    except TransactWriteError as error:
        if may_pass(error):
            raise TryAgain() from error
        if error.cause_response_code != "TransactionCanceledException":
            raise
        _refuse(actions, dict(zip(map(id, in_order), error.cancellation_reasons, strict=True)), error)


def _refuse(actions: Sequence[Action], reasons: Mapping[int, CancellationReason | None], error: Exception) -> None:
    codes = {key: reason.code for key, reason in reasons.items() if reason}
    for action in actions:
        if codes.get(id(action)) == "ConditionalCheckFailed":
            raise ConditionFailed(action) from error
    if _TRANSIENT & set(codes.values()):
        raise TryAgain() from error
    raise error


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
