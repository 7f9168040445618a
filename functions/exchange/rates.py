"""Rates of exchange for staff: what is known, since when and from whom, and rates set by hand."""

from http import HTTPStatus

from souk.domains.exchange import actions, store
from souk.domains.exchange.model import RatesDraft, RateSheet
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/rates", may="settings.read")
def read(limit: Limit = 20, cursor: Cursor = None) -> Page[RateSheet]:
    """Newest first; of each currency the newest holds."""
    return paged(lambda position: store.sheets(limit, position), cursor, of="rates")


@app.post("/staff/rates", may="settings.write", status=HTTPStatus.CREATED)
def set_rates(draft: RatesDraft) -> RateSheet:
    return actions.set_rates(draft, by=caller())
