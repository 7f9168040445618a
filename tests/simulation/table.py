"""DynamoDB behind the port: transactions collide, tokens are forgotten, an index lags, what is over stays for days."""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence

from souk.table.actions import Action, Change, Check, Put
from souk.table.entity import Entity
from souk.table.port import At, Range, Row, TryAgain
from tests.simulation.schedule import Task
from tests.simulation.wire import LATENCY, Wire
from tests.support.memory import MemoryTable

TOKEN_SECONDS = 600.0
LONGEST_LAG = 5.0
LATEST_TTL = 48 * 3600.0
HALF = 0.5
Changed = list[tuple[At, Row | None, Row | None]]


class Commit:
    """What one transaction has changed, kind by kind of item."""

    def __init__(self, changed: Changed) -> None:
        self._by_kind: dict[object, Changed] = defaultdict(list)
        for at, before, after in changed:
            self._by_kind[(after or before or {}).get("kind")].append((at, before, after))

    def of(self, *entities: Entity) -> Changed:
        return [one for entity in entities for one in self._by_kind[entity.kind]]


class Mismatch(Exception):
    """The token of another transaction: DynamoDB's IdempotentParameterMismatch."""


class SimulatedTable(MemoryTable):
    def __init__(self, wire: Wire, epoch: float, seen: Callable[[Changed], None]) -> None:
        super().__init__()
        self._wire, self._epoch, self._seen = wire, epoch, seen
        self._tokens: dict[str, tuple[float, Sequence[Action]]] = {}
        self._busy_until: dict[At, float] = {}
        self._recent: deque[tuple[float, At, Row | None]] = deque()
        self._expiring: list[tuple[float, str, str]] = []
        self.commits = 0
        self.commits_by: Counter[Task | None] = Counter()

    def read(self, at: At) -> Row | None:
        self._expire()
        return self._wire.call(f"read {at.pk} {at.sk}", lambda: MemoryTable.read(self, at), TryAgain)

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        def ask() -> list[Row]:
            return self._seen_earlier(set(ats)).read_many(ats) if self._is_torn() else MemoryTable.read_many(self, ats)

        return self._wire.call(f"read {', '.join(f'{at.pk} {at.sk}' for at in ats)}", ask, TryAgain)

    def read_at_once(self, ats: Sequence[At]) -> list[Row]:
        def ask() -> list[Row]:
            if any(self._busy_until.get(at, 0.0) > self._wire.schedule.now for at in ats):
                raise TryAgain("a transaction is at work on one of the items")
            return MemoryTable.read_at_once(self, ats)

        return self._wire.call(f"read {len(ats)} at once", ask, TryAgain)

    def query(self, within: Range, limit: int) -> list[Row]:
        def ask() -> list[Row]:
            lag = None
            if within.index and self._wire.fault("lag"):
                lag = self._wire.schedule.chance.uniform(0.0, LONGEST_LAG)
            elif not self._is_torn():
                return MemoryTable.query(self, within, limit)
            there = self._partitions[f"{within.index}pk" if within.index else "PK", within.pk]
            return self._seen_earlier(set(there), lag).query(within, limit)

        return self._wire.call(f"query {within.index or ''} {within.pk}", ask, TryAgain)

    def write(self, actions: Sequence[Action], token: str) -> None:
        self._expire()
        spelled = _spelled(actions)
        self._wire.call(f"write {spelled}", lambda: self._commit(actions, token, spelled), TryAgain)

    def _commit(self, actions: Sequence[Action], token: str, spelled: str) -> None:
        now = self._wire.schedule.now
        known = self._tokens.get(token)
        if known and known[0] + TOKEN_SECONDS > now:
            if repr(known[1]) != repr([*actions]):  # a tuple of another class with the same values is equal
                raise Mismatch
            return
        if any(self._busy_until.get(action.at, 0.0) > now for action in actions):
            raise TryAgain("another transaction is at work on one of the items")
        written = [action.at for action in actions if not isinstance(action, Check)]
        before = {at: self.rows.get(at) for at in written}
        super().write(actions, token)
        self._tokens[token] = now, list(actions)
        self.commits += 1
        self.commits_by[self._wire.schedule.current] += 1
        self._busy_until.update(
            dict.fromkeys(written, now + self._wire.schedule.chance.uniform(0.0, self._wire.latency))
        )
        self._remember(before)
        changed = [(at, before[at], self.rows.get(at)) for at in written]
        self._wire.note(f"committed {spelled}")
        self._seen(changed)

    def _expire(self) -> None:
        """Deletes what has been past its time for as long as chance had it."""
        now = self._wire.schedule.now + self._epoch
        while self._expiring and self._expiring[0][0] <= now:
            _, pk, sk = heapq.heappop(self._expiring)
            at = At(pk, sk)
            if 0 < int(self.rows.get(at, {}).get("expires_at", 0)) < now:
                self._place(at, None)

    def _remember(self, before: dict[At, Row | None]) -> None:
        now = self._wire.schedule.now
        for at in before:
            if expires_at := self.rows.get(at, {}).get("expires_at"):
                late = self._wire.schedule.chance.uniform(0.0, LATEST_TTL)
                heapq.heappush(self._expiring, (int(expires_at) + late, at.pk, at.sk))
        self._recent.extend((now, at, row) for at, row in before.items())
        while self._recent and self._recent[0][0] < now - LONGEST_LAG:
            self._recent.popleft()

    def _is_torn(self) -> bool:
        """Several items are read one by one: of what is written meanwhile some is seen and some is not."""
        return self._wire.fault("torn") is not None

    def _seen_earlier(self, ats: set[At], lag: float | None = None) -> MemoryTable:
        """The items so many seconds ago; without a `lag`, some of them a moment ago and the others now."""
        now, chance = self._wire.schedule.now, self._wire.schedule.chance
        rows: dict[At, Row | None] = {at: self.rows.get(at) for at in sorted(ats)}
        late: dict[At, bool] = {}
        for when, at, row in reversed(self._recent):
            if when < now - (LATENCY if lag is None else lag):
                break
            if late.setdefault(at, lag is not None or chance.random() < HALF):
                rows[at] = row
        earlier = MemoryTable()
        for at, row in rows.items():
            earlier._place(at, row)
        return earlier


def _spelled(actions: Sequence[Action]) -> str:
    verbs = {Put: "put", Change: "change", Check: "check"}
    return ", ".join(f"{verbs.get(type(one), 'delete')} {one.at.pk} {one.at.sk}" for one in actions)
