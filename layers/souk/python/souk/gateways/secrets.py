"""Secrets, from Secrets Manager only, kept for five minutes."""

import json
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from souk.gateways.aws import client
from souk.kernel.errors import Unavailable
from souk.kernel.kept import kept

_PASSING = {"InternalFailure", "InternalServiceError", "ServiceUnavailable", "ThrottlingException"}


class SecretsUnavailable(Unavailable):
    title = "The shop cannot reach its secrets just now; send the same request again"


@kept(timedelta(minutes=5))
def read(name: str) -> dict[str, Any]:
    """The secret's JSON object."""
    try:
        answer = client("secretsmanager").get_secret_value(SecretId=name)
    except BotoCoreError as error:
        raise SecretsUnavailable() from error
    except ClientError as error:
        if error.response["Error"]["Code"] in _PASSING:
            raise SecretsUnavailable() from error
        raise  # a secret that is not there, or that may not be read, does not come by itself
    secret: dict[str, Any] = json.loads(answer["SecretString"])
    return secret
