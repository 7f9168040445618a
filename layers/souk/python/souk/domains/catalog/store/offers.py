"""What is offered to be sold, as it is asked for."""

from collections.abc import Iterable, Mapping, MutableMapping
from weakref import WeakKeyDictionary

from souk.domains.catalog.model.product import Product
from souk.domains.catalog.model.sku import Offer, Sku, SkuClaim
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import ask, keys
from souk.table.ask import Rows
from souk.table.current import table
from souk.table.port import At, Table

_MOST_KNOWN = 10_000
_known: MutableMapping[Table, dict[str, SkuClaim]] = WeakKeyDictionary()


def costs(products: Mapping[str, str]) -> dict[str, int]:
    """What a unit of each SKU costs the shop, by its product; what nobody knows is left out."""
    found = ask.many(ask.key(keys.SKU, product_id=product_id, sku=sku) for sku, product_id in products.items())
    return {sku.sku: sku.cost_minor for sku in found.all(keys.SKU, Sku) if sku.cost_minor is not None}


def offer_keys(skus: Iterable[str]) -> list[At]:
    """For a batch read: the products and SKUs that `offers` is made of; unknown SKUs are left out."""
    return [
        at
        for sku, claim in _claims_of(skus).items()
        for at in (
            ask.key(keys.PRODUCT, product_id=claim.product_id),
            ask.key(keys.SKU, product_id=claim.product_id, sku=sku),
        )
    ]


def owners_of(skus: Iterable[str]) -> dict[str, str | None]:
    """Whose goods they are; unknown SKUs are left out."""
    return {sku: claim.merchant_id for sku, claim in _claims_of(skus).items()}


def offers(rows: Rows) -> dict[str, Offer]:
    """By SKU, from a batch read of `offer_keys`."""
    products = {product.product_id: product for product in rows.all(keys.PRODUCT, Product)}
    return {sku.sku: _offer(products[sku.product_id], sku) for sku in rows.all(keys.SKU, Sku)}


def offers_for(skus: Iterable[str], by: Caller) -> dict[str, Offer]:
    """Those that staff have before them."""
    found = offers(ask.many(offer_keys(skus)))
    return {sku: one for sku, one in found.items() if by.sees_goods_of(one.merchant_id)}


def _offer(product: Product, sku: Sku) -> Offer:
    return Offer(
        sku=sku.sku,
        product_id=product.product_id,
        merchant_id=product.merchant_id,
        category_id=product.category_id,
        name=product.name,
        options=sku.options,
        price_minor=sku.price_minor or 0,
        currency=product.currency,
        weight_g=sku.weight_g,
        image=sku.image or product.image,
        sellable=product.on_sale(clock.now()) and sku.sellable,
    )


def _claims_of(skus: Iterable[str]) -> dict[str, SkuClaim]:
    """A SKU never moves to another product, so a process asks for each but once; unknown ones are left out."""
    wanted, known = list(dict.fromkeys(skus)), _known.setdefault(table(), {})
    if len(known) > _MOST_KNOWN:
        known.clear()
    unasked = ask.many(ask.key(keys.SKU_CLAIM, sku=sku) for sku in wanted if sku not in known)
    known.update({claim.sku: claim for claim in unasked.all(keys.SKU_CLAIM, SkuClaim)})
    return {sku: known[sku] for sku in wanted if sku in known}
