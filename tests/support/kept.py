"""Cards that members keep, and what they let the shop charge to them."""

from typing import Any

from souk.domains.access import store as access
from souk.domains.access.model.callers import CallerRecord
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.unit import Unit
from tests.support.market import ADDRESS, CONTACT, INES, Market
from tests.support.shop import Answer, client

PATH, MANDATES = "/me/payment-methods", "/me/payment-mandates"


def begin(market: Market, by: Caller = INES) -> Answer:
    return market.shop.post(PATH, as_=by)


def reachable(by: Caller) -> None:
    """A member signed up with a mail address, so they are told what only they may know."""
    if access.find(by.id) is None:
        client("sesv2").create_email_identity(EmailIdentity="example.com")
        with Unit() as unit:
            unit.add(keys.CALLER, CallerRecord(caller_id=by.id, kind="member", email=CONTACT["email"]))


def keep(market: Market, card: str = "pm_card_visa", by: Caller = INES) -> str:
    """The id of a card that the buyer's browser has had kept, their bank willing."""
    reachable(by)
    setup = market.stripe.buyer.keep(begin(market, by).ok()["client_secret"], card)
    if setup["status"] == "requires_action":
        market.stripe.buyer.answer_bank(setup, yes=True)
    found = market.shop.post(f"{PATH}/return", as_=by).ok()["items"]
    return str(found[-1]["method_id"])


def kept(market: Market, by: Caller = INES) -> list[dict[str, Any]]:
    return list(market.shop.get(PATH, as_=by).ok()["items"])


def agree(
    market: Market, method_id: str, charge: int, day: int, by: Caller = INES, terms: str = "2026-11", **more: str
) -> Answer:
    said = {"charge_limit_minor": charge, "day_limit_minor": day, "terms_version": terms, **more}
    return market.shop.post(MANDATES, {"method_id": method_id, **said}, as_=by)


def settle_in(market: Market, card: str = "pm_card_visa", by: Caller = INES) -> str:
    """An address in the book and a card that is kept, both the default; the card's id."""
    market.shop.post("/me/addresses", {"address": ADDRESS}, as_=by).ok()
    return keep(market, card, by)


def one_click(market: Market, wanted: dict[str, int] | None, by: Caller = INES, key: str = "", **more: Any) -> Answer:
    """Of what is in the cart where nothing is wanted by name."""
    named = {"lines": [{"sku": sku, "quantity": units} for sku, units in wanted.items()]} if wanted else {}
    headers = {"Idempotency-Key": key or f"click-{market.shop.next_number()}"}
    return market.shop.post("/me/one-click-orders", {"contact": CONTACT, **named, **more}, as_=by, headers=headers)
