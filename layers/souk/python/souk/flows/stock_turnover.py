"""Stock, sales and turnover of products: the catalog's costs, the ledger's balances and the counters of sales."""

from souk.domains.catalog.store import pages as page_store
from souk.domains.catalog.store import products as catalog
from souk.domains.inventory.model.turnover import ProductTurnover, SkuPeriod, need_few, turnover
from souk.domains.inventory.store import stock as inventory
from souk.domains.reports import store as reports
from souk.domains.reports.model import Span, product_ranking
from souk.kernel.caller import Caller

MOST_MONTHS = 12


def of_products(
    span: Span, status: str, by: Caller, store_id: str | None, limit: int, position: str | None
) -> tuple[list[ProductTurnover], str | None]:
    """Products in that status, last changed first; of one store, or of all in the caller's scope."""
    span.check(MOST_MONTHS)
    cards, position = catalog.with_status(status, limit, position, by.merchant_id)
    skus = {card.product_id: page_store.skus(card.product_id) for card in cards}
    lying = {
        sku.sku: [
            stock
            for stock in inventory.of_sku(sku.sku)
            if (stock.store_id == store_id if store_id else by.in_scope(stock.store_id))
        ]
        for several in skus.values()
        for sku in several
    }
    stocks = [stock for several in lying.values() for stock in several]
    need_few(len(stocks))
    opening, closing = inventory.on_hand_at(stocks, span.begins), inventory.on_hand_at(stocks, span.ends)
    ranking = product_ranking(reports.by_product(span, by, store_id), "units") if stocks else []
    sold = {rank.sku: rank.units for rank in ranking}

    def period(sku: str, cost_minor: int | None) -> SkuPeriod:
        places = [(stock.sku, stock.store_id) for stock in lying[sku]]
        return SkuPeriod(
            on_hand=sum(stock.on_hand for stock in lying[sku]),
            opening=sum(opening[place] for place in places),
            closing=sum(closing[place] for place in places),
            sold=sold.get(sku, 0),
            cost_minor=cost_minor,
        )

    found = [
        turnover(
            card.product_id, card.code, card.name, [period(sku.sku, sku.cost_minor) for sku in skus[card.product_id]]
        )
        for card in cards
    ]
    return found, position
