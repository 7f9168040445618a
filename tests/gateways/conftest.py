"""The secrets of the payment providers in a vault on moto, and their fakes."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from infra.local.stripe.config import API_KEY, PUBLISHABLE_KEY
from souk.gateways import aws
from souk.kernel import kept
from tests.support.stripe import stripe as stripe

WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]


@pytest.fixture(scope="module")
def vault() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        environment.setenv("STRIPE_SECRET", "stripe")
        environment.delenv("AWS_ENDPOINT_URL", raising=False)
        aws.client.cache_clear()
        kept.forget_all()
        text = {"api_key": API_KEY, "publishable_key": PUBLISHABLE_KEY, "webhook_secrets": WEBHOOK_SECRETS}
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name="stripe", SecretString=json.dumps(text))
        for name in ("wechat-pay", "alipay"):
            secrets.create_secret(Name=f"souk/test/{name}", SecretString="{}")
        yield
    aws.client.cache_clear()
    kept.forget_all()
