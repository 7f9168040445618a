"""What does not sell, found from stock and sales counters, and offered for less."""

from collections import Counter
from contextlib import suppress
from datetime import datetime

from souk.domains.catalog.store import offers as catalog
from souk.domains.inventory.model import NotStocked, need_known
from souk.domains.inventory.store import stock
from souk.domains.promotions import actions as promotions
from souk.domains.promotions import store as sales
from souk.domains.promotions.model.clearance import (
    ClearanceDraft,
    ClearanceOutcome,
    ClearanceOutcomes,
    SlowMover,
    since,
)
from souk.domains.promotions.model.flash_sale import ReferenceOfAnotherSale, SaleSheet
from souk.domains.reports import store as reports
from souk.domains.reports.model import Span
from souk.flows import flash_sale
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal


def slow_movers(
    store_id: str, days: int, above: int, limit: int, position: str | None, by: Caller
) -> tuple[list[SlowMover], str | None]:
    """Of one page of the store's stock, so there may be fewer than `limit`, and more after them."""
    page, position = stock.of_store(store_id, limit, position)
    many = [one for one in page if one.available > above]
    sold = _sold(store_id, days, by) if many else {}
    return [SlowMover(**dict(one)) for one in many if sold.get(one.sku, 0) <= 0], position


def clear(wanted: ClearanceDraft, by: Caller) -> ClearanceOutcomes:
    """Each SKU is answered for itself; what broke off half-way is finished by the same call."""
    by.need_store(wanted.store_id)
    starts_at = wanted.begins(clock.now())
    return ClearanceOutcomes(sales=[_outcome(wanted, sku, starts_at, by) for sku in dict.fromkeys(wanted.skus)])


def _sold(store_id: str, days: int, by: Caller) -> dict[str, int]:
    now, sold = clock.now(), Counter[str]()
    for row in reports.by_product(Span(first=since(now, days), last=now.date()), by, store_id):
        if row.side == "sold":
            sold[row.sku] += row.units
    return sold


def _outcome(wanted: ClearanceDraft, sku: str, starts_at: datetime, by: Caller) -> ClearanceOutcome:
    try:
        sale = _sale(wanted, sku, starts_at, by)
    except Refusal as refusal:
        return ClearanceOutcome(sku=sku, code=refusal.code(), detail=refusal.detail)
    return ClearanceOutcome(
        sku=sku, sale_id=sale.sale_id, status=sale.status, price_minor=sale.price_minor, units=sale.units
    )


def _sale(wanted: ClearanceDraft, sku: str, starts_at: datetime, by: Caller) -> SaleSheet:
    sale_id = promotions.sale_id_of(wanted.store_id, wanted.reference_of(sku))
    if sales.find(sale_id) is None:
        with suppress(ReferenceOfAnotherSale):  # the same call at the same time, a moment apart by the clock
            _announce(wanted, sku, starts_at, by)
    return flash_sale.sheet(flash_sale.catch_up(sale_id))


def _announce(wanted: ClearanceDraft, sku: str, starts_at: datetime, by: Caller) -> None:
    offers = catalog.offers_for([sku], by)
    need_known([sku], offers)
    kept = stock.find(sku, wanted.store_id)
    if kept is None:
        raise NotStocked(sku=sku)
    kept.need("available", 1)
    flash_sale.announce(wanted.sale(sku, offers[sku].price_minor, kept.available, starts_at), by)
