"""What the shop settles with merchants, as head office sees to it."""

from typing import Any

from souk.domains.settlement.model.settlement import MerchantAccount, Settlement
from souk.kernel import kept
from souk.table import keys
from souk.table.unit import Unit
from tests.support import books, merchants
from tests.support.market import INES, Market
from tests.support.merchants import Trader
from tests.support.shop import Answer

FEE = {"from_day": "2026-11-02", "currency": "EUR"}
PAYOUT = {"bank_account": "PT50 0002 0123", "bank_reference": "OUT-11"}


def kiln(market: Market) -> Trader:
    """A merchant with goods at odd prices, beside the shop's own tea; a freight that does not divide, and a tax."""
    market.set_up(tax_basis_points=725)
    market.goods({"TEA": 350}, {market.store(freight_minor=333): 50})
    made = merchants.trader(market, "Kiln", freight_minor=333)
    made.goods({"CUP": 1099, "POT": 4567}, 50)
    fee(market, basis_points=1250, fixed_minor=7)
    return made


def fee_of(price: int, units: int) -> int:
    """By the rule of that shop."""
    return (price * units * 1250 + 5_000) // 10_000 + 7 * units


def delivered(market: Market, wanted: dict[str, int]) -> str:
    order_id = market.laid_out(wanted)
    market.ship(order_id).ok()
    market.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
    return order_id


def bring_back(market: Market, order_id: str, units: dict[str, int]) -> None:
    """Of a parcel that has arrived."""
    said = {"return_id": f"R-{market.shop.next_number()}", "order_id": order_id, "condition": "restock"}
    lines = [{"sku": sku, "quantity": count} for sku, count in units.items()]
    where = {"store_id": market.order(order_id)["store_id"], "lines": lines, "reason": "damaged"}
    market.shop.post("/staff/returns", said | where, as_=market.shop.boss).ok()
    market.shop.drain()


def begin(merchant_id: str, month: str) -> None:
    """The merchant has sold something in a month that is over."""
    named = {"merchant_id": merchant_id, "currency": "EUR"}
    with Unit() as unit:
        unit.save(keys.SETTLEMENT, Settlement(**named, month=month, sales_minor=1000))
        unit.save(keys.MERCHANT_ACCOUNT, MerchantAccount(**named, owed_minor=1000))


def fee(market: Market, **said: Any) -> dict[str, Any]:
    """A rule that holds from now on in every process."""
    market.shop.pass_time(seconds=1)  # the newer of two is the later
    draft = FEE | {"reference": f"F-{market.shop.next_number()}"} | said
    made = market.shop.post("/staff/fee-rules", draft, as_=market.shop.boss).ok()
    kept.forget_all()
    return dict(made)


def settlement(market: Market, merchant_id: str, month: str = "2026-11") -> dict[str, Any]:
    """As head office reads it, once the journal has been counted."""
    books.count(market.shop)
    return dict(market.shop.get(f"/staff/settlements/{merchant_id}/{month}/EUR", as_=market.shop.boss).ok())


def movements(market: Market, merchant_id: str, month: str = "2026-11") -> list[dict[str, Any]]:
    path = f"/staff/settlements/{merchant_id}/{month}/EUR/movements"
    return list(market.shop.get(path, as_=market.shop.boss, limit=100).ok()["items"])


def close(market: Market, merchant_id: str, month: str = "2026-11") -> Answer:
    return market.shop.post(f"/staff/settlements/{merchant_id}/{month}/EUR/close", as_=market.shop.boss)


def adjust(market: Market, merchant_id: str, amount_minor: int, **said: Any) -> Answer:
    draft = {"reference": "ADJ-1", "currency": "EUR", "amount_minor": amount_minor, "reason": "late delivery"} | said
    return market.shop.post(f"/staff/settlements/{merchant_id}/adjustments", draft, as_=market.shop.boss)


def pay_out(market: Market, merchant_id: str, month: str = "2026-11", **said: Any) -> Answer:
    path = f"/staff/settlements/{merchant_id}/{month}/EUR/payout"
    return market.shop.post(path, PAYOUT | said, as_=market.shop.boss)
