"""A flash sale and the stock behind it: set aside when the sale opens, and what is left given back when it closes."""

from functools import partial

from souk.domains.catalog.store import offers as catalog
from souk.domains.inventory.actions import reservations as inventory
from souk.domains.inventory.model import InsufficientStock, NotStocked, need_known
from souk.domains.inventory.store import stock
from souk.domains.promotions import actions as promotions
from souk.domains.promotions import store
from souk.domains.promotions.model.flash_sale import FlashSale, SaleDraft, SaleSheet
from souk.domains.promotions.model.shards import SaleShard
from souk.domains.stores.store import stores
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def draft(wanted: SaleDraft, by: Caller) -> SaleSheet:
    """Once for each reference of the store, of goods that it keeps."""
    return sheet(_add(wanted, by, announced=False))


def announce(wanted: SaleDraft, by: Caller) -> None:
    """The same, scheduled at once; where its time has come, `catch_up` opens it."""
    _add(wanted, by, announced=True)


def schedule(sale_id: str, by: Caller) -> SaleSheet:
    """Opened at once where its time has come; otherwise by its timer."""
    promotions.schedule(sale_id, by)
    return sheet(catch_up(sale_id))


def end(sale_id: str, by: Caller) -> SaleSheet:
    """When this answers, nobody can order any more, and what was left is the store's."""
    promotions.stop(sale_id, by)
    return sheet(catch_up(sale_id))


def sheet(sale: FlashSale) -> SaleSheet:
    """With what is left while it runs."""
    found = store.left_about_now(sale, sale.pools()) if sale.status == "running" else {}
    return SaleSheet(**dict(sale), left={pool: sum(left.values()) for pool, left in found.items()})


def catch_up(sale_id: str) -> FlashSale:
    """What a timer does: the sale and the clock as they are now decide, so it may fire twice, early or in vain."""

    def move() -> FlashSale:
        sale, now = store.get(sale_id), clock.now()
        if sale.is_over(now):
            return _close(sale)
        return _open(sale) if sale.is_due(now) else sale

    return again(move)


def _add(wanted: SaleDraft, by: Caller, announced: bool) -> FlashSale:
    by.need_store(wanted.store_id)

    def save() -> FlashSale:
        found = store.find(promotions.sale_id_of(wanted.store_id, wanted.reference))
        if found:
            found.need_same(wanted)
            return found
        stores.get(wanted.store_id)
        offers = catalog.offers_for([wanted.sku], by)
        need_known([wanted.sku], offers)
        if stock.find(wanted.sku, wanted.store_id) is None:
            raise NotStocked(sku=wanted.sku)
        offer = offers[wanted.sku]
        with Unit() as unit:
            return promotions.add(
                unit,
                wanted,
                product_id=offer.product_id,
                name=offer.name,
                currency=offer.currency,
                announced=announced,
            )

    return again(save)


def _open(sale: FlashSale) -> FlashSale:
    found = stock.find(sale.sku, sale.store_id)
    try:
        with Unit() as unit:
            opened = promotions.open_sale(unit, sale, found.available if found else 0)
            if opened.aside:
                inventory.reserve(unit, sale.store_id, {sale.sku: opened.aside})
            return opened
    except InsufficientStock:  # somebody bought of it meanwhile: the next look will see it
        raise ChangedMeanwhile() from None


def _close(sale: FlashSale) -> FlashSale:
    """Shard by shard, for a cancelled order may give its units to one at any time; so it may break off anywhere."""
    for shard in store.shards(sale):
        again(partial(_close_shard, sale, shard))
    with Unit() as unit:
        return promotions.end(unit, sale)


def _close_shard(sale: FlashSale, seen: SaleShard) -> None:
    shard = store.shard(seen.sale_id, seen.pool, seen.number)
    if shard is None:
        return
    with Unit() as unit:
        back = promotions.close_shard(unit, shard)
        if back:
            inventory.release(unit, sale.store_id, {sale.sku: back})
