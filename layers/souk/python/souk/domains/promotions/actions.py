"""What is done with sales: they are planned, opened and closed, and their units taken and given back."""

from collections.abc import Mapping

from souk.domains.promotions import store
from souk.domains.promotions.events import SaleEnded, SaleOpened, SaleTimed
from souk.domains.promotions.model.flash_sale import BoughtEnough, FlashSale, SaleDraft, SaleEdit, SaleOver
from souk.domains.promotions.model.shards import STOCK, SaleShard, shares
from souk.gateways import scheduler
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.edits import edited
from souk.kernel.shapes import Texts
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import AtMost, Present, at_least, version
from souk.table.unit import ChangedMeanwhile, Unit

Picks = Mapping[str, Mapping[int, int]]  # units by pool and shard


def sale_id_of(store_id: str, reference: str) -> str:
    return ids.derived("sal", store_id, reference)


def add(
    unit: Unit, wanted: SaleDraft, *, product_id: str, name: Texts, currency: str, announced: bool = False
) -> FlashSale:
    """A draft, or a sale that is scheduled at once."""
    sale = FlashSale(
        sale_id=sale_id_of(wanted.store_id, wanted.reference),
        store_id=wanted.store_id,
        reference=wanted.reference,
        sku=wanted.sku,
        product_id=product_id,
        name=name,
        currency=currency,
        **wanted.terms(),
    )
    if announced:
        return _time(unit, sale.scheduled(clock.now()))
    return unit.save(keys.FLASH_SALE, sale, otherwise=ChangedMeanwhile())


def edit(sale_id: str, wanted: SaleEdit, by: Caller) -> FlashSale:
    """Other terms for a draft; refused where somebody else edited it since `wanted.version`."""
    sale = store.for_staff(sale_id, by)
    sale.need_draft()
    with Unit() as unit:
        return unit.save(keys.FLASH_SALE, edited(sale, wanted.version, **wanted.terms()))


def schedule(sale_id: str, by: Caller) -> FlashSale:
    """From now on it opens and closes by itself; nothing happens where it was scheduled already."""

    def change() -> FlashSale:
        sale = store.for_staff(sale_id, by)
        if sale.announced:
            return sale
        with Unit() as unit:
            return _time(unit, sale.scheduled(clock.now()))

    return again(change)


def stop(sale_id: str, by: Caller) -> FlashSale:
    """Nobody may order any more; a sale that has not opened is at its end with that."""

    def change() -> FlashSale:
        sale, now = store.for_staff(sale_id, by), clock.now()
        if sale.status == "ended" or sale.is_over(now):
            return sale
        stopped = sale.stopped(now)
        with Unit() as unit:
            return _time(unit, stopped if sale.status == "running" else stopped.moved("ended"))

    return again(change)


def time_sale(fact: SaleTimed) -> None:
    """Sets or drops the timers by the sale as it stands now, so facts may come twice and in any order."""
    sale = store.get(fact.sale_id)
    opens, closes = f"open-{sale.sale_id}", f"close-{sale.sale_id}"
    if sale.status == "scheduled":
        scheduler.set_timer(opens, sale.prepares_at, "apply_sale", {"sale_id": sale.sale_id})
    else:
        scheduler.drop_timer(opens)
    if sale.announced:
        scheduler.set_timer(closes, sale.closes_at, "apply_sale", {"sale_id": sale.sale_id})
    else:
        scheduler.drop_timer(closes)


def open_sale(unit: Unit, sale: FlashSale, available: int) -> FlashSale:
    """Writes the shards, of no more units than the store has; the caller's Unit sets the goods aside."""
    opened = unit.save(keys.FLASH_SALE, sale.opened(available), otherwise=ChangedMeanwhile())
    for pool, units in opened.pools().items():
        for number, share in enumerate(shares(units, opened.shards)):
            unit.add(keys.SALE_SHARD, SaleShard(sale_id=sale.sale_id, pool=pool, number=number, left=share, version=1))
    unit.tell(SaleOpened(**_set_aside(opened)))
    return opened


def close_shard(unit: Unit, shard: SaleShard) -> int:
    """The units that the store has back. The shard is gone for good: what comes back later is the store's as well."""
    unit.remove(keys.SALE_SHARD, version(shard.version), sale_id=shard.sale_id, pool=shard.pool, number=shard.number)
    return shard.left if shard.pool == STOCK else 0


def end(unit: Unit, sale: FlashSale) -> FlashSale:
    unit.tell(SaleEnded(**_set_aside(sale)))
    return unit.save(keys.FLASH_SALE, sale.moved("ended"), otherwise=ChangedMeanwhile())


def take(unit: Unit, sale: FlashSale, buyer_id: str, units: int, picks: Picks) -> None:
    """The units from those shards, within what one buyer may have.

    ChangedMeanwhile where others were quicker at one of them: look again where there is enough.
    """
    unit.change(
        keys.SALE_BUYER,
        sale_id=sale.sale_id,
        buyer_id=buyer_id,
        add={"bought": units},
        only_if=(AtMost("bought", sale.per_buyer - units),),
        otherwise=BoughtEnough(per_buyer=sale.per_buyer),
        expires_at=sale.counts_until,
    )
    for pool, shards in picks.items():
        for number, taken in shards.items():
            unit.change(
                keys.SALE_SHARD,
                sale_id=sale.sale_id,
                pool=pool,
                number=number,
                add={"left": -taken},
                only_if=(at_least("left", taken),),
            )


def give_back(unit: Unit, sale_id: str, buyer_id: str, units: int, *, shard: int, tier: str | None) -> None:
    """To the sale, and to what the buyer may have of it; SaleOver where it has closed."""
    unit.change(
        keys.SALE_BUYER,
        sale_id=sale_id,
        buyer_id=buyer_id,
        add={"bought": -units},
        only_if=(at_least("bought", units),),
        otherwise=SaleOver(),
    )
    for pool in filter(None, (STOCK, tier)):
        unit.change(
            keys.SALE_SHARD,
            sale_id=sale_id,
            pool=pool,
            number=shard,
            add={"left": units},
            only_if=(Present(),),
            otherwise=SaleOver(),
        )


def _time(unit: Unit, sale: FlashSale) -> FlashSale:
    unit.tell(SaleTimed(sale_id=sale.sale_id, opens_at=sale.opens_at, ends_at=sale.ends_at))
    return unit.save(keys.FLASH_SALE, sale, otherwise=ChangedMeanwhile())


def _set_aside(sale: FlashSale) -> dict[str, object]:
    return {"sale_id": sale.sale_id, "store_id": sale.store_id, "sku": sale.sku, "units": sale.aside}
