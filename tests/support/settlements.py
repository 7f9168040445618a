"""What the shop settles with merchants, as head office sees to it."""

from typing import Any

from souk.domains.settlement.model.settlement import MerchantAccount, Settlement
from souk.kernel import kept
from souk.table import keys
from souk.table.unit import Unit
from tests.support import books
from tests.support.market import Market
from tests.support.shop import Answer

FEE = {"from_day": "2026-11-02", "currency": "EUR"}
PAYOUT = {"bank_account": "PT50 0002 0123", "bank_reference": "OUT-11"}


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
