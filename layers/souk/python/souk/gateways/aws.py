"""Clients of AWS services, made once a process, with time-outs that fit behind a gateway of 29 seconds."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})


@cache
def client(service: str) -> Any:
    # S3's old signature, botocore's default for addresses that are handed out, covers neither type nor length.
    config = _CONFIG.merge(Config(signature_version="s3v4")) if service == "s3" else _CONFIG
    return botocore.session.get_session().create_client(service, config=config)
