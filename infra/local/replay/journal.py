"""What a replay has done already: one that was interrupted goes on and repeats nothing."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from infra.local.client import Refused
from infra.local.processes import Trouble
from infra.local.replay.layout import NEEDED_COLUMNS


class Journal:
    """Ids by the name of what was made, and the orders that are at their end.

    A folder's name is the name of its journal, of its SKUs and of its buyers, so it stands for one content only.
    """

    def __init__(self, path: Path, folder: Path, stop: Event) -> None:
        self._path, self._stop = path, stop
        self._files = fingerprint(folder)
        self._done: dict[str, Any] = {}
        if not path.exists():
            return
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept.get("files") != self._files:
            raise Trouble(
                f"Other files were replayed here under the name of {folder.resolve().name}: "
                "rename the folder, or empty the shop with `make reset`."
            )
        self._done = kept["done"]

    def __getitem__(self, name: str) -> Any:
        return self._done[name]

    def __contains__(self, name: str) -> bool:
        return name in self._done

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make()` gave the first time; a refusal of the shop says what it refused."""
        if name not in self:
            self.need_to_go_on()
            try:
                made = make()
            except Refused as refused:
                raise Trouble(f"The shop refuses {name}: {refused}") from refused
            self.write(name, made)
        return self[name]

    def write(self, name: str, made: Any) -> None:
        self._done[name] = made
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(json.dumps({"files": self._files, "done": self._done}), encoding="utf-8")
        unfinished.replace(self._path)

    def need_to_go_on(self) -> None:
        """Raise between two steps if Ctrl-C was pressed: what is made and what is written stay in step."""
        if self._stop.is_set():
            raise Trouble("Interrupted; the same command goes on from here.")


def fingerprint(folder: Path) -> str:
    """Of all that a replay reads."""
    contents = (hashlib.sha256((folder / file).read_bytes()).digest() for file in NEEDED_COLUMNS)
    return hashlib.sha256(b"".join(contents)).hexdigest()
