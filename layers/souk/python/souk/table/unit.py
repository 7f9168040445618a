"""The unit of work: one transaction a command, in which every condition names the refusal it means."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel

from souk.kernel import clock, correlation, ids
from souk.kernel.errors import Conflict, Refusal
from souk.kernel.fact import Fact
from souk.kernel.shapes import Noun, Versioned
from souk.table import audit, conditions, keys, record
from souk.table.actions import Action, Change, Check, ConditionFailed, Delete, Put
from souk.table.current import table
from souk.table.entity import Entity
from souk.table.port import At, Row, TryAgain

if TYPE_CHECKING:
    from souk.kernel.journal import JournalEntry

V = TypeVar("V", bound=Versioned)
MOST_ACTIONS = 100
FACT_LIFE = timedelta(days=7)
_ATTEMPTS = 10


class AlreadyThere(Conflict):
    title = "That exists already"


class ChangedMeanwhile(Conflict):
    title = "Somebody else changed it meanwhile; read it again"


class Contended(Conflict):
    title = "Too many are changing this at once; send the same request again"


class ToldFact(Noun):
    """A fact as it waits in the table to be told: an EventBridge entry."""

    fact_id: str
    source: str
    detail_type: str
    detail: dict[str, Any]
    expires_at: datetime


class Unit:
    """Collects the writes of one command and commits them as one transaction when the `with` block ends well.

    A failed condition raises the refusal it was given; conflicts and throttles are sent again with the same token,
    so that an answer that got lost does not apply anything twice.
    """

    def __init__(self) -> None:
        self._actions: list[tuple[Action, Refusal]] = []
        self._touched: list[audit.Touched] = []
        self._reason: str | None = None
        self._details: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()

    def add(self, entity: Entity, noun: BaseModel, otherwise: Refusal | None = None) -> None:
        """A new item; there must be none."""
        self._put(entity, noun, (conditions.Absent(),), otherwise or AlreadyThere())

    def save(self, entity: Entity, noun: V, otherwise: Refusal | None = None) -> V:
        """A new (version 0) or changed noun; returns it with its next version. Refused if changed meanwhile."""
        saved = noun.model_copy(update={"version": noun.version + 1})
        default = ChangedMeanwhile() if noun.version else AlreadyThere()
        self._put(entity, saved, (conditions.version(noun.version),), otherwise or default)
        return saved

    def put(self, entity: Entity, noun: BaseModel) -> None:
        """A new item or another in its place, whatever was there: only for what nobody decides upon."""
        self._put(entity, noun, (), Conflict())

    def change(
        self,
        entity: Entity,
        *,
        add: Mapping[str, int] | None = None,
        only_if: Sequence[conditions.Condition] = (),
        otherwise: Refusal | None = None,
        expires_at: datetime | None = None,
        **key: Any,
    ) -> None:
        """Counts numbers up or down where the item stands, without reading it first."""
        where = record.at(entity, key)
        counted = {"version": 1, **(add or {})}
        said: dict[str, str | int] = {"kind": entity.kind}
        # An upsert must leave a whole item behind, so the kind is set each time; the body is the key's own fields.
        if all(isinstance(one, conditions.AtMost) for one in only_if):
            said["body"] = record.key_body(key)
        if expires_at:
            said["expires_at"] = record.epoch(expires_at)
        self._append(Change(where, counted, said, tuple(only_if)), otherwise or ChangedMeanwhile())

    def check(self, entity: Entity, *only_if: conditions.Condition, otherwise: Refusal, **key: Any) -> None:
        """Nothing is written to the item, but the condition must hold when the others are."""
        self._append(Check(record.at(entity, key), only_if), otherwise)

    def remove(
        self, entity: Entity, *only_if: conditions.Condition, otherwise: Refusal | None = None, **key: Any
    ) -> None:
        where = record.at(entity, key)
        self._touch(entity, where)
        self._append(Delete(where, only_if), otherwise or ChangedMeanwhile())

    def tell(self, fact: Fact) -> None:
        """The fact is saved with the change it speaks of, and told afterwards (an outbox)."""
        fact_id, now = ids.new("fct"), clock.now()
        detail = {
            "fact_id": fact_id,
            "told_at": clock.text(now),
            "schema_version": fact.schema_version,
            "correlation_id": correlation.current(),
            "data": fact.model_dump(mode="json"),
        }
        told = ToldFact(
            fact_id=fact_id, source=fact.source(), detail_type=fact.name(), detail=detail, expires_at=now + FACT_LIFE
        )
        self.add(keys.FACT, told)

    def book(self, entry: "JournalEntry", otherwise: Refusal | None = None) -> None:
        """Money that moves is booked with what moves it; what is booked already is refused, as what was changed."""
        if entry.postings:
            self.add(keys.JOURNAL_ENTRY, entry, otherwise or ChangedMeanwhile())

    def because(self, reason: str | None, **details: Any) -> None:
        """Why, in the caller's words, and what was set by hand; the rest of the audit entry writes itself."""
        self._reason, self._details = reason, details

    def commit(self) -> None:
        for entry in audit.entries(self._touched, self._reason, self._details):
            self.add(keys.AUDIT_ENTRY, entry)
        actions = [action for action, _ in self._actions]
        if not actions:
            return
        if len(actions) > MOST_ACTIONS:
            raise ValueError(f"{len(actions)} writes in one transaction")
        places: set[At] = {action.at for action in actions}
        if len(places) < len(actions):
            raise ValueError("two writes of one item in one transaction: sum them first")
        token = ids.secret()
        for attempt in range(_ATTEMPTS):
            try:
                table().write(actions, token)
            except ConditionFailed as failed:
                raise next(refusal for action, refusal in self._actions if action is failed.action) from None
            except TryAgain:
                clock.pause(ids.jitter(0.02 * 2 ** min(attempt, 6)))
            else:
                self._actions.clear()
                return
        raise Contended()

    def _put(
        self, entity: Entity, noun: BaseModel, only_if: tuple[conditions.Condition, ...], otherwise: Refusal
    ) -> None:
        put = Put(record.row_of(entity, noun), only_if)
        self._touch(entity, put.at, type(noun), put.row)
        self._append(put, otherwise)

    def _touch(self, entity: Entity, at: At, noun: type[BaseModel] | None = None, row: Row | None = None) -> None:
        if entity.audited:
            self._touched.append(audit.Touched(entity, at, noun, row))

    def _append(self, action: Action, otherwise: Refusal) -> None:
        self._actions.append((action, otherwise))
