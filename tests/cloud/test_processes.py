"""The local shop's processes end when they should and say why they cannot start."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.local.aws import local_cloud
from infra.local.processes import ROOT, Trouble, free_ports, is_taken
from infra.local.shop import running_shop


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    port = free_ports(3)
    with socket.create_server(("127.0.0.1", port + 1)):
        sentence = f"Port {port + 1}, meant for the local cloud, is in use"
        with pytest.raises(Trouble, match=sentence), running_shop(tmp_path, port):
            pass


def test_a_process_that_does_not_start_says_why(tmp_path: Path) -> None:
    nothing = local_cloud(tmp_path, free_ports(1), module="no_such_module")
    with pytest.raises(Trouble, match=r"The local cloud did not start: .*No module named no_such_module"), nothing:
        pass


def test_a_cloud_ends_with_the_block(tmp_path: Path) -> None:
    port = free_ports(1)
    with local_cloud(tmp_path, port):
        assert is_taken(port)
    assert not is_taken(port)


def test_a_cloud_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    port = free_ports(1)
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"""
import pathlib, time
from infra.local.aws import local_cloud
with local_cloud(pathlib.Path({str(tmp_path)!r}), {port}):
    print("up", flush=True)
    time.sleep(60)
""",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout and starter.stdout.readline() == "up\n"
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    deadline = time.monotonic() + 20
    while is_taken(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_taken(port)
