"""Parcels that are given back for money: asked for, approved, and paid back by the provider."""

from tests.support.market import INES, Market


def shipped(market: Market, card: str = "pm_card_visa", **units: int) -> str:
    placed = market.checkout(units)
    market.pay(placed, card)
    market.hear()
    order_id = str(placed["order"]["order_id"])
    market.lay_out(order_id)
    market.ship(order_id).ok()
    return order_id


def give_back(market: Market, order_id: str, **units: int) -> str:
    """Asked for by the buyer and approved by staff; the case's id."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    wish = {"order_id": order_id, "lines": lines, "reason": "damaged"}
    case_id = market.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"]
    market.shop.post(f"/staff/refunds/{case_id}/approve", as_=market.shop.boss).ok()
    return str(case_id)


def settle(market: Market) -> None:
    """Lets the provider do what it has to do, and tells everybody."""
    market.shop.drain()
    market.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    market.hear()
    market.shop.drain()


def case_status(market: Market, case_id: str) -> str:
    return str(market.shop.get(f"/me/refunds/{case_id}", as_=INES).ok()["status"])
