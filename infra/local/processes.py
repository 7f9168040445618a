"""The processes of the local shop: their ports, their start, their end."""

import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The emulator runs functions on its own interpreter, in the environment that is pinned for both.
PYTHON = ROOT / ".cloud/bin/python"
END_SECONDS = 30


class Trouble(Exception):
    """Why the local shop cannot go on, in one sentence for the person at the terminal."""


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def free_ports(count: int) -> int:
    """The first of so many consecutive ports that nobody uses; two runs at once look in different places."""
    for first in range(20_000 + os.getpid() % 390 * 30, 32_000, count):
        if not any(map(is_taken, range(first, first + count))):
            return first
    raise Trouble("There are no free ports below 32000.")


def await_port(port: int, process: subprocess.Popen, name: str, log: Path, seconds: float = 30) -> None:
    """Return as soon as the process listens; raise with its own last word if it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    written = log.read_text(errors="replace").strip().splitlines()
    raise Trouble(f"{name} did not start: {written[-1] if written else 'it said nothing'} (all of it: {log}).")


@contextmanager
def child(module: str, *arguments: str, log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of the project until the block ends, or this process does, however it ends."""
    guarded = [str(PYTHON), "-m", "infra.local.processes", module, *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            guarded,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        # Also for what it started itself: a busy worker would outlive the emulator for a while.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
