"""What members have with the shop: as they top it up, and as staff correct it and pay it out."""

from typing import Any

from souk.domains.access.model.callers import CallerRecord
from souk.kernel.caller import Caller
from souk.table import ask, keys
from souk.table.unit import Unit
from tests.support.market import INES, Market
from tests.support.shop import Answer, Shop


def top_up(market: Market, amount_minor: int, key: str = "first", **more: Any) -> Answer:
    wanted = {"amount_minor": amount_minor, **more}
    return market.shop.post("/me/payments/top-ups", wanted, as_=INES, headers={"Idempotency-Key": key})


def topped_up(market: Market, amount_minor: int, key: str = "first") -> str:
    begun = top_up(market, amount_minor, key)
    market.pay(begun)
    market.hear()
    market.shop.pass_time(seconds=1)
    return str(begun["top_up"]["order_id"])


def correct(
    shop: Shop, amount_minor: int, reference: str = "GIFT", reason: str = "a gift", of: Caller = INES
) -> Answer:
    said = {"reference": reference, "currency": "EUR", "amount_minor": amount_minor, "reason": reason}
    return shop.post(f"/staff/wallets/{_known(of)}/corrections", said, as_=shop.boss)


def pay_out(
    shop: Shop, amount_minor: int, reference: str = "OUT 7", reason: str = "moves abroad", to: Caller = INES
) -> Answer:
    said = {"bank_reference": reference, "currency": "EUR", "amount_minor": amount_minor, "reason": reason}
    return shop.post(f"/staff/wallets/{_known(to)}/payouts", said, as_=shop.boss)


def _known(member: Caller) -> str:
    """As whoever has signed up is."""
    if ask.find(keys.CALLER, CallerRecord, caller_id=member.id) is None:
        with Unit() as unit:
            unit.add(keys.CALLER, CallerRecord(caller_id=member.id, kind="member"))
    return member.id
