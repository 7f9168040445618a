"""Orders whose money is only authorised: what the provider has taken of it, and what the shop says of that."""

from infra.local.stripe import intents
from tests.support import books
from tests.support.market import Market


def charges(market: Market) -> list[tuple[int, int]]:
    """What was captured and what went back, of each charge."""
    return [(one["amount_captured"], one["amount_refunded"]) for one in market.stripe.objects("charge")]


def status(market: Market, order_id: str) -> str:
    return str(market.order(order_id)["status"])


def money(market: Market, order_id: str) -> str:
    return str(market.money(order_id)["payment"]["status"])


def state(market: Market, order_id: str) -> tuple[str, str]:
    return status(market, order_id), money(market, order_id)


def booked(market: Market) -> list[str]:
    return [entry["cause"].partition(":")[0] for entry in books.entries(market.shop)]


def lapse(market: Market, *order_ids: str) -> None:
    """The bank lets go of what it had promised for these orders, or for all, and no webhook tells of it."""
    market.stripe.webhooks()
    for intent in market.stripe.objects("payment_intent"):
        if not order_ids or intent["metadata"]["order_id"] in order_ids:
            intents.expire_hold(market.stripe.fake.account, intent["id"])
    market.stripe.webhooks()
