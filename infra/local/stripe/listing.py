"""Lists as Stripe pages them: newest first, by cursor: https://docs.stripe.com/api/pagination."""

from typing import Annotated

from pydantic import Field

from infra.local.stripe.account import Account, Object
from infra.local.stripe.parameters import Ask

# Events can be listed for 30 days: https://docs.stripe.com/api/events.
EVENTS_LISTED_SECONDS = 30 * 24 * 3600
FILTERS = {"charge", "customer", "payment_intent", "payment_method", "setup_intent", "source", "type"}


class Range(Ask):
    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, at: int) -> bool:
        return (
            (self.gt is None or at > self.gt)
            and (self.gte is None or at >= self.gte)
            and (self.lt is None or at < self.lt)
            and (self.lte is None or at <= self.lte)
        )


class Listing(Ask):
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    starting_after: str | None = None
    ending_before: str | None = None
    created: Range | int | None = None
    charge: str | None = None
    customer: str | None = None
    payment_intent: str | None = None
    payment_method: str | None = None
    setup_intent: str | None = None
    source: str | None = None
    type: str | None = None
    types: list[str] | None = None

    def wants(self, item: Object) -> bool:
        if isinstance(self.created, int) and item["created"] != self.created:
            return False
        if isinstance(self.created, Range) and not self.created.holds(item["created"]):
            return False
        if self.types is not None and item["type"] not in self.types:
            return False
        asked = self.model_dump(include=FILTERS, exclude_none=True)
        return all(item.get(field) == wanted for field, wanted in asked.items())


def page(account: Account, kind: str, ask: Listing, url: str) -> Object:
    oldest = account.now() - EVENTS_LISTED_SECONDS if kind == "event" else 0
    items = [item for item in account.newest_first(kind) if ask.wants(item) and item["created"] >= oldest]
    ids = [item["id"] for item in items]
    if ask.starting_after:
        account.get(kind, ask.starting_after, param="starting_after", status=400)
        items = items[ids.index(ask.starting_after) + 1 :] if ask.starting_after in ids else []
    shown = items[: ask.limit]
    if ask.ending_before:
        account.get(kind, ask.ending_before, param="ending_before", status=400)
        items = items[: ids.index(ask.ending_before)] if ask.ending_before in ids else []
        shown = items[-ask.limit :]
    return {"object": "list", "url": url, "has_more": len(items) > len(shown), "data": shown}
