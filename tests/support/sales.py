"""Flash sales at the market: staff plan them, buyers hurry."""

from datetime import timedelta
from typing import Any

from souk.kernel.caller import Caller
from tests.support.market import ADDRESS, CONTACT, INES, Market
from tests.support.shop import Answer

HOUR = timedelta(hours=1)


def terms(market: Market, **more: Any) -> dict[str, Any]:
    """Of a sale that begins in an hour and lasts one; times may be said as hours from now."""
    said = {"price_minor": 300, "units": 10, "per_buyer": 2, "shards": 4, "starts_at": 1, "ends_at": 2} | more
    for name in ("starts_at", "ends_at"):
        said[name] = after(market, said[name])
    windows = [one | {"starts_at": after(market, one["starts_at"])} for one in said.get("windows", [])]
    return said | {"windows": windows}


def after(market: Market, hours: float) -> str:
    return (market.shop.clock.at + hours * HOUR).isoformat().replace("+00:00", "Z")


def planned(market: Market, store_id: str, sku: str = "TEA", **more: Any) -> str:
    """A scheduled sale whose timers are set; its id."""
    sale_id = scheduled(market, store_id, sku, **more)
    market.shop.drain()
    return sale_id


def scheduled(market: Market, store_id: str, sku: str = "TEA", **more: Any) -> str:
    """A scheduled sale of which nobody has been told yet; its id."""
    draft = terms(market, **more) | {"store_id": store_id, "sku": sku, "reference": f"S-{market.shop.next_number()}"}
    sale_id = str(market.shop.post("/staff/flash-sales", draft, as_=market.shop.boss).ok()["sale_id"])
    market.shop.post(f"/staff/flash-sales/{sale_id}/schedule", as_=market.shop.boss).ok()
    return sale_id


def running(market: Market, store_id: str, sku: str = "TEA", **more: Any) -> str:
    """A sale that has just begun; its id."""
    sale_id = planned(market, store_id, sku, **more)
    market.shop.pass_time(hours=1)
    return sale_id


def buy(
    market: Market,
    sale_id: str,
    units: int = 1,
    by: Caller = INES,
    key: str | None = None,
    point: Any = None,
    **more: Any,
) -> Answer:
    """By today's quote."""
    wanted = {"quantity": units, "country": ADDRESS["country"], "point": point}
    quoted = market.shop.post(f"/me/sales/{sale_id}/quotes", wanted, as_=by).ok()
    order = {
        "quantity": units,
        "quote_id": quoted["quote_id"],
        "address": ADDRESS | {"point": point},
        "contact": CONTACT,
        **more,
    }
    headers = {"Idempotency-Key": key or f"key-{market.shop.next_number()}"}
    return market.shop.post(f"/me/sales/{sale_id}/orders", order, as_=by, headers=headers)


def left(market: Market, sale_id: str) -> dict[str, int]:
    return dict(market.shop.get(f"/staff/flash-sales/{sale_id}", as_=market.shop.boss).ok()["left"])
