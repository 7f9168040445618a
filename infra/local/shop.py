"""The local shop as a whole: the cloud, the fake providers, the deployed template, the demo data."""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from infra.local.alipay import signing as alipay
from infra.local.aws import Aws, local_cloud
from infra.local.deploy import deploy
from infra.local.package import built_layer
from infra.local.processes import ROOT, Trouble, await_port, child, is_taken
from infra.local.stripe.config import API_KEY, PUBLISHABLE_KEY, WEBHOOK_SECRET
from infra.local.telephone import ALIPAY, PAGES, WECHAT_PAY, Telephone
from infra.local.web import web
from infra.local.wechat_pay import signing as wechat_pay

PARTS = ("its own address", "the local cloud", "the fake Stripe")
STACK = "souk-local"  # and how the names of its functions begin


@dataclass(frozen=True)
class Shop:
    """A running shop: what its clients, tests and tools need to know of it."""

    api: str
    docs: str
    stripe: str
    telephone: str
    cloud: str
    log: str
    outputs: dict[str, str] = field(repr=False)

    def client(self, service: str) -> Any:
        """A boto3 client of the cloud beneath the shop."""
        return Aws(self.cloud).client(service)

    def run(self, function: str, event: Any) -> None:
        """One function of the deployer's, such as `appoint-owner`; `Trouble` says what it raised."""
        payload = json.dumps(event).encode()
        cloud = self.client("lambda")
        try:
            answer = cloud.invoke(FunctionName=f"{STACK}-{function}", Payload=payload)
        except cloud.exceptions.ResourceNotFoundException:
            kept = "Was the shop kept by an older release? `make reset` empties it."
            raise Trouble(f"There is no {function}. {kept}") from None
        if "FunctionError" in answer:
            raise Trouble(f"{function} failed: {answer['Payload'].read().decode()}")


@contextmanager
def running_shop(
    home: Path, port: int, *, keep: bool = False, parameters: Mapping[str, str] | None = None, root: Path = ROOT
) -> Iterator[Shop]:
    """Run the shop of the checkout at `root` on this port and the two after it until the block ends.

    Its files lie below `home`; with `keep` it goes on from `home/state` and leaves its own state there.
    """
    for number, part in enumerate(PARTS, port):
        if is_taken(number):
            raise Trouble(f"Port {number}, meant for {part}, is in use: choose others with PORT={port + 100}.")
    (home / "state").mkdir(parents=True, exist_ok=True)
    telephone, address = Telephone(home / "state/telephone" if keep else None), f"http://127.0.0.1:{port}"
    with local_cloud(home, port + 1, keep=keep) as aws, fake_stripe(home, port + 2, keep=keep) as stripe:
        overrides = {
            **local_parameters(),
            "AllowedOrigins": address,
            "MediaUrl": address,
            "StripeApi": stripe,
            "WechatPayApi": f"{address}{WECHAT_PAY}",
            "AlipayApi": f"{address}{ALIPAY}/gateway.do",
            **(parameters or {}),
        }
        outputs = deploy(aws, root / "template.yaml", STACK, overrides)
        stage = f"{aws.endpoint}/restapis/{outputs['ApiId']}/v1/_user_request_"
        connect_stripe(aws, stripe, f"{stage}/hooks/stripe", outputs["StripeEvents"].split(","))
        fill(aws, "WechatPaySecret", wechat_pay.secret(f"{stage}/hooks/wechat-pay"))
        fill(aws, "AlipaySecret", alipay.secret(f"{stage}/hooks/alipay") | {"return_url": f"{address}/docs"})
        open_mail(aws)
        vendor_layer = built_layer("VendorLayer", root / "layers/vendor")
        media = f"{aws.endpoint}/{outputs['FilesBucket']}/media"
        with telephone.switched_on(), web(port, stage, media, vendor_layer, telephone):
            log, pays = str(home / "cloud.log"), f"{address}{PAGES}"
            yield Shop(f"{address}/v1", f"{address}/docs", stripe, pays, aws.endpoint, log, outputs)


def local_parameters() -> dict[str, str]:
    """The template's parameters for the local stage, as `sam deploy --config-env local` has them."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    pairs = config["local"]["deploy"]["parameters"]["parameter_overrides"]
    return dict(pair.split("=", 1) for pair in pairs)


@contextmanager
def fake_stripe(home: Path, port: int, *, keep: bool) -> Iterator[str]:
    arguments = ["--port", str(port), *(["--state", str(home / "state/stripe.json")] if keep else [])]
    log = home / "stripe.log"
    with child("infra.local.stripe", *arguments, log=log, environment=dict(os.environ)) as process:
        await_port(port, process, "The fake Stripe", log)
        yield f"http://127.0.0.1:{port}"


def open_mail(aws: Aws) -> None:
    """As if SES had verified the domain of the template's sender."""
    mail = aws.client("sesv2")
    with suppress(mail.exceptions.AlreadyExistsException):  # the shop was kept
        mail.create_email_identity(EmailIdentity="example.com")


def fill(aws: Aws, secret: str, keys: Mapping[str, Any]) -> None:
    """Put into the template's secret what the functions look for there."""
    made = aws.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=secret)
    secret_id = made["StackResourceDetail"]["PhysicalResourceId"]
    aws.client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=json.dumps(keys))


def connect_stripe(aws: Aws, stripe: str, webhook: str, events: list[str]) -> None:
    """Give the functions the fake's keys, and the fake the shop's webhook: the one that it has, where it was kept."""
    keys = {"api_key": API_KEY, "publishable_key": PUBLISHABLE_KEY, "webhook_secrets": [WEBHOOK_SECRET]}
    fill(aws, "StripeSecret", keys)
    with requests.Session() as account:
        account.auth = (API_KEY, "")
        endpoints = f"{stripe}/v1/webhook_endpoints"
        known = account.get(endpoints, timeout=10).json()["data"]
        address = f"{endpoints}/{known[0]['id']}" if known else endpoints
        account.post(address, data={"url": webhook, "enabled_events[]": events}, timeout=10).raise_for_status()
        account.post(f"{stripe}/_fake/deliver", json={}, timeout=10).raise_for_status()
