"""Packing slips: what goes into a parcel, printed for whoever packs it."""

from souk.domains.shipping.model import PackingSlip, SlipRequest
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.language import AcceptLanguage, spoken
from souk.flows import print_slip

app, handler = http_api()


@app.post("/staff/packing-slips/{order_id}", may="orders.pick")
def print_packing_slip(order_id: str, wanted: SlipRequest, accept_language: AcceptLanguage = None) -> PackingSlip:
    """A PDF of the units that go into a parcel, with the order's number as a barcode; each print is counted."""
    return print_slip.print_slip(order_id, wanted, spoken(accept_language), by=caller())
