"""A function in a process of its own, on what the shop keeps in memory: its answer, and what it has imported by then.

Nothing of the shop may be imported above the function, for it would count as the function's.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.support.context import Context

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"  # what else the function would ask is not there


def first_answer(module: str, event: Any, rows: Mapping[Any, Any], settings: Mapping[str, str]) -> tuple[Any, set[str]]:
    """The modules of ours by their names without `souk.`; what only the table in memory asked for is left out."""
    paths = (ROOT / "layers/souk/python", ROOT / "functions", ROOT)
    environment = {
        **settings,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "LAMBDA_TASK_ROOT": "/var/task",
        "AWS_ENDPOINT_URL": NOBODY,
    }
    given = pickle.dumps((event, [(tuple(at), row) for at, row in rows.items()]))
    command = [sys.executable, "-m", __spec__.name, module]
    ended = subprocess.run(command, env=environment, input=given, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    answer, names = json.loads(ended.stdout.splitlines()[-1])
    return answer, set(names)


def main(module: str) -> None:
    event, rows = pickle.load(sys.stdin.buffer)
    handler = import_module(module).handler
    before = set(sys.modules)
    from souk.table import current
    from souk.table.port import At
    from tests.support.memory import MemoryTable

    table = MemoryTable()
    for at, row in rows:
        table._place(At(*at), row)
    current.use(table)
    beside = set(sys.modules) - before
    answer = handler(event, Context())
    ours = {name.removeprefix("souk.") for name in set(sys.modules) - beside if name.startswith("souk.")}
    files = {name for name in ours if not any(other.startswith(f"{name}.") for other in ours)}
    print(json.dumps([answer, sorted(files)]))


if __name__ == "__main__":
    main(sys.argv[1])
