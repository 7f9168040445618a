"""The local cloud: its process and its clients."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.processes import ROOT, await_port, child

REGION = "eu-west-1"
# Built and unpacked layers, named by their content: shared by every cloud that this checkout starts.
CACHE = ROOT / ".local/cache"


@dataclass(frozen=True)
class Aws:
    endpoint: str

    @cache  # noqa: B019  (a handful of clouds live as long as the process)
    def client(self, service: str) -> Any:
        # Without inject_host_prefix=False a Step Functions client calls sync-127.0.0.1.
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}),
        )


@contextmanager
def local_cloud(home: Path, port: int, *, keep: bool = False, module: str = "infra.local.cloud") -> Iterator[Aws]:
    """Run the emulator with its files below `home`; with `keep`, its state outlives a clean end."""
    scratch = home / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    # Functions inherit the emulator's environment: nothing of the person's own may reach them.
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TMPDIR": str(scratch),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "LAYER_CACHE": str(CACHE / "layers"),
        "PERSIST_STATE": "1" if keep else "0",
        "S3_PERSIST": "1" if keep else "0",
        "STATE_DIR": str(home / "state/cloud"),
        "S3_DATA_DIR": str(home / "state/s3"),
    }
    log = home / "cloud.log"
    with child(module, log=log, environment=environment) as process:
        await_port(port, process, "The local cloud", log)
        yield Aws(f"http://127.0.0.1:{port}")
