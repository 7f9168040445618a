"""What a paid order turns out to lack: staff report it, and the buyer, or staff for them, say what to do about it."""

from http import HTTPStatus

from souk.domains.access.model.rights import SHOP
from souk.domains.orders.model.buyer_view import BuyerOrderView
from souk.domains.orders.model.shortage_requests import ShortageAnswer, ShortageReport
from souk.domains.orders.model.staff_view import OrderView
from souk.domains.orders.store import orders as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import shortages

app, handler = http_api()


@app.post("/staff/shortages/{order_id}", may="orders.pick", status=HTTPStatus.CREATED)
def report(order_id: str, said: ShortageReport) -> OrderView:
    """The buyer is told and asked; the same reference sent again is the same shortage."""
    return OrderView.of(shortages.report(order_id, said, by=caller()))


@app.post("/staff/shortages/{order_id}/{shortage_id}", may="orders.cancel")
def answer_for_buyer(order_id: str, shortage_id: str, said: ShortageAnswer) -> OrderView:
    """What the buyer has told staff; they may give any goods in place of what is missing."""
    store.for_staff(order_id, caller())
    return OrderView.of(shortages.answer(order_id, shortage_id, said, by=caller()))


@app.post("/me/shortages/{order_id}/{shortage_id}", may=SHOP)
def answer(order_id: str, shortage_id: str, said: ShortageAnswer) -> BuyerOrderView:
    """Wait, take one of the goods that are offered, or have the money back: without an answer it goes back."""
    store.for_buyer(order_id, caller())
    return BuyerOrderView.of(shortages.answer(order_id, shortage_id, said, by=caller()))
