"""How the fake behaves: its keys, the way it delivers webhooks, and the faults it is told to have."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

API_VERSION = "2026-10-28.endive"
API_KEY = "sk_test_souk"
PUBLISHABLE_KEY = "pk_test_souk"
WEBHOOK_SECRET = "whsec_souk"


class Fault(BaseModel):
    """What befalls the next `count` requests whose method and path begin like this.

    `timeout_*` never answer and `error_*` answer 500, before or after the work is done; a 500 is kept under
    its idempotency key and replayed, as Stripe does. `too_many_requests` comes before that and is not kept.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["timeout_before", "timeout_after", "error_before", "error_after", "too_many_requests"]
    count: int = Field(default=1, ge=1)
    method: str = ""
    path: str = "/v1/"


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")

    api_key: str = API_KEY
    publishable_key: str = PUBLISHABLE_KEY
    public_url: str = "http://localhost"
    webhook_secrets: list[str] = [WEBHOOK_SECRET]
    # What the account holds, and what one of each other currency, as people write it, is worth in it.
    settles_in: str | None = None
    rates: dict[str, str] = {}
    delivery: Literal["now", "hold", "shuffle", "drop"] = "now"
    copies: int = Field(default=1, ge=1, le=20)
    spread_seconds: float = Field(default=1.0, ge=0)
    settle_seconds: float = Field(default=2.0, ge=0)
    latency_seconds: float = Field(default=0.0, ge=0)
    hang_seconds: float = Field(default=0.0, ge=0)
    faults: list[Fault] = []
