"""Webhook endpoints: where events are sent, and which: https://docs.stripe.com/api/webhook_endpoints."""

from typing import Annotated

from pydantic import Field

from infra.local.stripe.account import Account, Object
from infra.local.stripe.parameters import Ask, Metadata

Url = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2048)]
EventType = Annotated[str, Field(pattern=r"^(\*|[a-z0-9_]+(\.[a-z0-9_]+)+)$")]
EventTypes = Annotated[list[EventType], Field(min_length=1)]


class NewEndpoint(Ask):
    url: Url
    enabled_events: EventTypes
    api_version: str | None = None
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)


class ChangedEndpoint(Ask):
    url: Url | None = None
    enabled_events: EventTypes | None = None
    disabled: bool | None = None
    description: str | None = None


def create(account: Account, ask: NewEndpoint) -> Object:
    """The answer alone holds the secret. All endpoints sign with those of the configuration, which tests can roll."""
    asked = ask.model_dump(exclude={"expand"})
    endpoint = account.new("webhook_endpoint", application=None, status="enabled", **asked)
    return {**endpoint, "secret": account.config.webhook_secrets[0]}


def update(account: Account, ask: ChangedEndpoint, id: str) -> Object:
    endpoint = account.get("webhook_endpoint", id)
    endpoint.update(ask.model_dump(exclude_none=True, exclude={"expand", "disabled"}))
    if ask.disabled is not None:
        endpoint["status"] = "disabled" if ask.disabled else "enabled"
    return endpoint
