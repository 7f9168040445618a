"""Secrets, from Secrets Manager only, kept for five minutes."""

import json
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from souk.gateways.aws import client, may_pass
from souk.kernel.errors import Unavailable
from souk.kernel.kept import kept


class SecretsUnavailable(Unavailable):
    title = "The shop cannot reach its secrets just now; send the same request again"


@kept(timedelta(minutes=5))
def read(name: str) -> dict[str, Any]:
    """The secret's JSON object."""
    try:
        answer = client("secretsmanager").get_secret_value(SecretId=name)
    except (BotoCoreError, ClientError) as error:
        if may_pass(error):
            raise SecretsUnavailable() from error
        raise  # a secret that is not there, or that may not be read, does not come by itself
    secret: dict[str, Any] = json.loads(answer["SecretString"])
    return secret
