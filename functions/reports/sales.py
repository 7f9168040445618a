"""Reports for staff: sales over time, the ranking of products, the distribution by region, the turnover of stock."""

from datetime import date
from typing import Annotated

from souk.domains.catalog.model.product import Status
from souk.domains.inventory.model.turnover import ProductTurnover
from souk.domains.reports import model, store
from souk.domains.reports.model import Area, OwnerShare, Period, ProductRank, Ranking, RegionShare, SalesReport, Span
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import stock_turnover
from souk.kernel.caller import Caller
from souk.kernel.page import Page
from souk.kernel.shapes import Date, Id, Number

app, handler = http_api()

_EARLIEST, _LATEST = date(1970, 1, 1), date(2999, 12, 31)
First = Annotated[Date, Query(alias="from", ge=_EARLIEST, le=_LATEST, description="First day, UTC")]
Last = Annotated[Date, Query(alias="to", ge=_EARLIEST, le=_LATEST, description="Last day, UTC, included")]
StoreId = Annotated[Id | None, Query(description="One store; all that the caller may see if left out")]

# Each product is looked for in every store.
FewProducts = Annotated[Number, Query(ge=1, le=20, description="Products a page")]


@app.get("/staff/reports/sales", may="reports.read")
def sales(first: First, last: Last, by: Period = "day", store_id: StoreId = None) -> SalesReport:
    span, who = _asked(first, last, store_id)
    return model.sales_report(store.by_day(span, who, store_id), span, by)


@app.get("/staff/reports/products", may="reports.read")
def products(
    first: First, last: Last, sort: Ranking = "units", limit: Limit = 20, store_id: StoreId = None
) -> Page[ProductRank]:
    span, who = _asked(first, last, store_id)
    return Page(items=model.product_ranking(store.by_product(span, who, store_id), sort)[:limit])


@app.get("/staff/reports/regions", may="reports.read")
def regions(first: First, last: Last, by: Area = "region", store_id: StoreId = None) -> Page[RegionShare]:
    span, who = _asked(first, last, store_id)
    return Page(items=model.region_shares(store.by_region(span, who, store_id), by))


@app.get("/staff/reports/owners", may="reports.read")
def owners(first: First, last: Last) -> Page[OwnerShare]:
    """The retailer's sales beside those of each merchant."""
    span, who = _asked(first, last, None)
    return Page(items=model.owner_shares(store.by_day(span, who, store_id=None)))


@app.get("/staff/reports/stock", may="reports.read")
def stock(
    first: First,
    last: Last,
    status: Status = "listed",
    store_id: StoreId = None,
    limit: FewProducts = 10,
    cursor: Cursor = None,
) -> Page[ProductTurnover]:
    """What lies there, was sold and how often it turned over, by product; at most twelve months."""
    span, who = _asked(first, last, store_id)
    return paged(
        lambda position: stock_turnover.of_products(span, status, who, store_id, limit, position),
        cursor,
        of=f"turnover of {status} products in {store_id}, {first} to {last}",
    )


def _asked(first: date, last: date, store_id: str | None) -> tuple[Span, Caller]:
    span = Span(first=first, last=last)
    span.check()
    if store_id:
        caller().need_store(store_id)
    return span, caller()
