"""Shelves of the shop, as they are looked through."""

from collections.abc import Set

from souk.domains.catalog.model.shelf import ShelfCard, ShelfEntry, ShelfPlace
from souk.domains.catalog.model.shop import Sort
from souk.domains.catalog.store.categories import tree
from souk.kernel import clock
from souk.table import ask, keys, patterns

SHELVES: dict[Sort, patterns.Pattern] = {
    "newest": patterns.SHELF,
    "price_asc": patterns.SHELF_BY_PRICE,
    "price_desc": patterns.SHELF_BY_PRICE_DOWN,
    "name": patterns.SHELF_BY_NAME,
}
_LOOKED_THROUGH = 200  # places in the order of a list that one page looks through for those with the facets


def below(
    category_id: str,
    sort: Sort,
    language: str,
    limit: int,
    position: str | None,
    hide_sold_out: bool = False,
    facets: Set[str] = frozenset(),
) -> tuple[list[ShelfCard], str | None]:
    """A page of what is listed in the category and all below it: a query of each shelf that has products, merged.

    The indexes tell the order, the entries are read from the table itself: what was taken off a moment ago is not
    shown, and prices are those of this moment. So a page may hold less than `limit`, and another come after it.
    Facets stand in the indexes too: of so many places, only those that have them all are read.
    """
    categories = tree()
    subtree = categories.subtree(categories.get(category_id))
    shelves = [one.category_id for one in subtree if one.products]
    partitions = [{"category_id": category_id} for category_id in shelves]
    rows = ask.together(SHELVES[sort], partitions, limit=_LOOKED_THROUGH if facets else limit, position=position)
    if facets:
        rows = rows.where(ShelfPlace, lambda place: facets <= set(place.facets), limit)
    places = rows.all(keys.SHELF_ENTRY, ShelfPlace)
    now = clock.now()
    fresh = ask.many(ask.key(keys.SHELF_ENTRY, product_id=place.product_id) for place in places)
    entries = {
        entry.product_id: entry
        for entry in fresh.all(keys.SHELF_ENTRY, ShelfEntry)
        if entry.shelf in shelves and entry.is_open(now) and (entry.in_stock or not hide_sold_out)
    }
    return [entries[one.product_id].card(language) for one in places if one.product_id in entries], rows.position
