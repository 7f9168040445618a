"""What the shop's prices are in the buyer's currency: to look at, for what is charged is said by a quote."""

from souk.domains.catalog.model.page import ShopProduct
from souk.domains.catalog.model.shelf import ShelfCard
from souk.kernel.shapes import ShownPrice


def price(minor: int, currency: str, shown_currency: str | None) -> ShownPrice | None:
    """At the newest rate; None where there is nothing to convert, or no rate: then the shop's own price is all."""
    if shown_currency in (None, currency):
        return None
    from souk.domains.exchange.store import conversion_at_hand
    from souk.domains.stores.store.settings import at_hand

    settings = at_hand().settings
    settings.need_shown(shown_currency)
    by = conversion_at_hand(currency, shown_currency, settings.rate_time)
    if by is None:
        return None
    return ShownPrice(currency=by.currency, minor=by.of(minor), source=by.source, at=by.at, stale=by.stale)


def product(page: ShopProduct, shown_currency: str | None) -> ShopProduct:
    skus = tuple(one.but(shown=price(one.price_minor, page.currency, shown_currency)) for one in page.skus)
    return page.but(shown_from=price(page.price_from_minor, page.currency, shown_currency), skus=skus)


def card(card: ShelfCard, shown_currency: str | None) -> ShelfCard:
    return card.but(shown_from=price(card.price_from_minor, card.currency, shown_currency))
