"""Secrets, from Secrets Manager only, kept for five minutes."""

import json
from datetime import timedelta
from typing import Any

from souk.gateways.aws import client
from souk.kernel.kept import kept


@kept(timedelta(minutes=5))
def read(name: str) -> dict[str, Any]:
    """The secret's JSON object."""
    answer = client("secretsmanager").get_secret_value(SecretId=name)
    secret: dict[str, Any] = json.loads(answer["SecretString"])
    return secret
