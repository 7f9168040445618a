"""Clients of AWS services, made once a process, with time-outs that fit behind a gateway of 29 seconds."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
# Of addresses that are handed out: S3's old signature, botocore's default, covers neither type nor length; and its
# default host is that of all regions, which sends a browser on to another, where no preflight may follow.
_S3 = _CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))


@cache
def client(service: str) -> Any:
    return botocore.session.get_session().create_client(service, config=_S3 if service == "s3" else _CONFIG)
