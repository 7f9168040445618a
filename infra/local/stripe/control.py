"""The routes under /_fake/: what a test or a demo does in the place of time, banks and networks."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.local.stripe import disputes, intents, refunds, state
from infra.local.stripe.errors import ApiError
from infra.local.stripe.fake import FakeStripe


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Deliver(Order):
    """These events in this order, or all that are held, as often as said."""

    events: list[str] | None = None
    times: Annotated[int, Field(ge=1, le=100)] = 1


class Authenticate(Order):
    outcome: Literal["succeed", "fail"]


class Settle(Order):
    status: Literal["succeeded", "failed"]


class Close(Order):
    status: Literal["won", "lost"]


class Open(Order):
    kind: Literal["chargeback", "inquiry"] = "chargeback"
    amount: Annotated[int, Field(ge=1)] | None = None


def control(fake: FakeStripe, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        return _obey(fake, method, path.removeprefix("/_fake/").split("/"), body)
    except ValidationError as error:
        raise ApiError(str(error)) from None


def _obey(fake: FakeStripe, method: str, parts: list[str], body: dict[str, Any]) -> dict[str, Any]:
    match method, *parts:
        case "GET", "state":
            return state.dump(fake)
        case "POST", "config":
            fake.configure(body)
            return fake.config.model_dump()
        case "POST", "deliver":
            deliver = Deliver.model_validate(body)
            for event_id in deliver.events or ():
                fake.account.get("event", event_id)
            fake.account.outbox.release(deliver.events, deliver.times)
            return {}
        case "POST", "payment_intents", id, "authenticate":
            succeeds = Authenticate.model_validate(body).outcome == "succeed"
            return {"redirect_to": intents.authenticate(fake.account, id, succeeds=succeeds)}
        case "POST", "refunds", id, "settle":
            succeeds = Settle.model_validate(body).status == "succeeded"
            return refunds.settle(fake.account, id, succeeds=succeeds)
        case "POST", "charges", id, "dispute":
            opened = Open.model_validate(body)
            charge = fake.account.get("charge", id)
            return disputes.open(fake.account, charge, opened.kind, opened.amount)
        case "POST", "disputes", id, "escalate":
            return disputes.escalate(fake.account, id)
        case "POST", "disputes", id, "close":
            return disputes.close(fake.account, id, won=Close.model_validate(body).status == "won")
    raise ApiError(f"Unrecognized control route ({method}: {'/'.join(parts)}).", status=404)
