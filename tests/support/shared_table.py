"""The table in memory, for threads that all come at once."""

import threading
from collections.abc import Sequence

from souk.table.actions import Action
from souk.table.port import At, Range, Row
from tests.support.memory import MemoryTable


class SharedTable(MemoryTable):
    """Each call is whole, as DynamoDB's are. At the gate, a thread's first write waits for all."""

    def __init__(self) -> None:
        super().__init__()
        self.gate: threading.Barrier | None = None
        self._whole, self._here = threading.Lock(), threading.local()

    def read(self, at: At) -> Row | None:
        with self._whole:
            return super().read(at)

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        with self._whole:
            return super().read_many(ats)

    def query(self, within: Range, limit: int) -> list[Row]:
        with self._whole:
            return super().query(within, limit)

    def write(self, actions: Sequence[Action], token: str) -> None:
        if self.gate and not hasattr(self._here, "passed"):
            self.gate.wait(timeout=60)
            self._here.passed = True
        with self._whole:
            super().write(actions, token)
