"""Merchants: they apply as any member does, and head office lets them in; then they have people, a store and goods."""

from dataclasses import dataclass
from typing import Any

from souk.domains.access.model.callers import CallerRecord
from souk.domains.access.model.rights import PROFILE, SHOP
from souk.kernel.caller import Caller
from tests.support import files
from tests.support.market import ADDRESS, CONTACT, Market, draft
from tests.support.shop import Answer, Shop

LICENCE = b"%PDF-1.7 licence"
APPLICATION = "/me/merchant-application"


def member(name: str) -> Caller:
    return Caller(id=f"mem_{name}", kind="member", may=frozenset({SHOP, PROFILE}))


def send_up(shop: Shop, by: Caller, content: bytes = LICENCE, content_type: str = "application/pdf") -> str:
    said = {"content_type": content_type, "bytes": len(content)}
    ticket = shop.post(f"{APPLICATION}/uploads", said, as_=by).ok()
    files.send_up(ticket, content)
    return str(ticket["upload_id"])


def application(*documents: str, **more: Any) -> dict[str, Any]:
    said = {"name": "Teahouse", "legal_name": "Teahouse Lda", "registration_number": "PT-501 442 600"}
    return {**said, "address": ADDRESS, "contact": CONTACT, "documents": documents, **more}


def apply(shop: Shop, by: Caller, **more: Any) -> Answer:
    return shop.post(APPLICATION, application(send_up(shop, by), **more), as_=by)


def decide(shop: Shop, merchant_id: str, status: str, reason: str = "as agreed", by: Caller | None = None) -> Answer:
    """As head office has it before itself now."""
    path = f"/staff/merchants/{merchant_id}"
    version = shop.get(path, as_=shop.boss).ok()["version"]
    return shop.put(f"{path}/status", {"status": status, "reason": reason, "version": version}, as_=by or shop.boss)


def people_of(merchant_id: str, role: str = "merchant", *stores: str) -> Caller:
    """Who holds the role with that merchant: in all of its stores, or in some."""
    name = f"{role}-{merchant_id[-4:]}"
    bound = {"roles": [role], "stores": [*stores], "merchant_id": merchant_id}
    return CallerRecord(caller_id=name, kind="staff", **bound).caller()


@dataclass
class Trader:
    """A merchant with a store, as its own people run it."""

    market: Market
    merchant_id: str
    store_id: str
    boss: Caller

    def product(self, sku: str, price_minor: int = 1000, **more: Any) -> str:
        self.market.category_id = self.market.category_id or self.market.category("Goods")
        said = draft(self.market.category_id, sku.title(), price_minor=price_minor, skus=[{"sku": sku}], **more)
        return str(self.market.shop.post("/staff/products", said, as_=self.boss).ok()["product_id"])

    def goods(self, prices: dict[str, int], units: int = 10) -> dict[str, str]:
        """On sale in its store. SKU -> product id."""
        products = {sku: self.product(sku, price) for sku, price in prices.items()}
        for product_id in products.values():
            self.market.shop.post(f"/staff/listings/{product_id}/list", as_=self.boss).ok()
        self.market.receive(self.store_id, dict.fromkeys(prices, units))
        return products

    def suspend(self) -> None:
        decide(self.market.shop, self.merchant_id, "suspended").ok()

    def reinstate(self) -> None:
        decide(self.market.shop, self.merchant_id, "active").ok()


def approved(shop: Shop, applicant: Caller, name: str) -> tuple[str, str]:
    """A merchant that sells, and its licence."""
    applied = apply(shop, applicant, name=name).ok()
    decide(shop, applied["merchant_id"], "active").ok()
    return str(applied["merchant_id"]), str(applied["documents"][0]["document_id"])


def trader(market: Market, name: str = "Teahouse", **terms: Any) -> Trader:
    merchant_id, _ = approved(market.shop, member(name.lower()), name)
    store_id = market.store(name, merchant_id=merchant_id, **terms)
    return Trader(market, merchant_id, store_id, people_of(merchant_id))
