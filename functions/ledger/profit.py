"""Profit: of each day, each SKU and each campaign of a month, from what was booked."""

from typing import Annotated

from souk.domains.ledger import store
from souk.domains.ledger.model.profit import CampaignProfit, DayProfit, ProductProfit, profit_by_day
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.shapes import Month

app, handler = http_api()

OfMonth = Annotated[Month, Query(description="As 2026-11, UTC")]


@app.get("/staff/profit/days", may="ledger.read")
def by_day(month: OfMonth) -> Page[DayProfit]:
    """Each day on which anything was earned or spent; what is spent is below zero."""
    caller().need_store(None)
    return Page(items=profit_by_day(store.day_balances(month)))


@app.get("/staff/profit/products", may="ledger.read")
def by_product(month: OfMonth, limit: Limit = 20, cursor: Cursor = None) -> Page[ProductProfit]:
    """What is of an order as a whole is shared among its goods by what they were sold for: the sum is the profit."""
    caller().need_store(None)
    return paged(lambda position: store.product_profits(month, limit, position), cursor, of=f"profit of {month}")


@app.get("/staff/profit/campaigns", may="ledger.read")
def by_campaign(month: OfMonth, limit: Limit = 20, cursor: Cursor = None) -> Page[CampaignProfit]:
    """Of flash sales, and of all that was bought in none."""
    caller().need_store(None)
    return paged(lambda position: store.campaign_profits(month, limit, position), cursor, of=f"campaigns of {month}")
