"""The catalog as everybody sees it: the tree of categories, what is on a shelf, and the product page."""

from typing import Annotated

from souk.domains.catalog.model.page import ShopProduct
from souk.domains.catalog.model.shelf import ShelfCard
from souk.domains.catalog.model.shop import Filter, ShopCategory, Sort
from souk.domains.catalog.store import pages
from souk.edge.http import Query, http_api
from souk.edge.language import AcceptLanguage, spoken
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import shop_window, shown_prices
from souk.kernel.page import Page
from souk.kernel.shapes import Currency

app, handler = http_api()

# A price holds from the moment it is changed: a product page may be kept, but is asked for again before it is shown.
ASK_AGAIN = "public, no-cache"
SHORTLY = "public, max-age=5"
ShownCurrency = Annotated[Currency | None, Query(description="The buyer's, to show the prices in as well: JPY")]


@app.get("/shop/categories", public=True, cache_control=SHORTLY)
def read_tree(accept_language: AcceptLanguage = None) -> Page[ShopCategory]:
    from souk.domains.catalog.store import categories

    return Page(items=categories.tree().shown(spoken(accept_language)))


@app.get("/shop/categories/{category_id}/products", public=True, cache_control=SHORTLY)
def list_products(
    category_id: str,
    sort: Sort = "newest",
    attributes: Annotated[Filter | None, Query(description="All of these: colour:red,size:m")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    shown_currency: ShownCurrency = None,
    accept_language: AcceptLanguage = None,
) -> Page[ShelfCard]:
    """Of the category and all below it. Names are sorted in English where they are in English."""
    from souk.domains.catalog.store import shelves
    from souk.domains.stores.store.settings import at_hand

    language, hide_sold_out = spoken(accept_language), at_hand().settings.hide_sold_out
    facets = frozenset(attributes.split(",") if attributes else ())
    page = paged(
        lambda position: shelves.below(category_id, sort, language, limit, position, hide_sold_out, facets),
        cursor,
        of=f"shelf {category_id} {sort} {sorted(facets)}",
    )
    cards = [shown_prices.card(one, shown_currency) for one in shop_window.cards(page.items)]
    return Page(items=cards, next_cursor=page.next_cursor)


@app.get("/shop/products/{product_id}", public=True, cache_control=ASK_AGAIN)
def read_product(
    product_id: str, shown_currency: ShownCurrency = None, accept_language: AcceptLanguage = None
) -> ShopProduct:
    page, kind = pages.page(product_id), None
    if page.product.type_id:
        from souk.domains.catalog.store import product_types

        kind = product_types.type_at_hand(page.product.type_id)
    shown = shop_window.product(page.shown(spoken(accept_language), kind))
    return shown_prices.product(shown, shown_currency)
