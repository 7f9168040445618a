"""Anybody who knows an order's number and the end of its telephone number follows it without an account."""

from souk.domains.orders.actions import claims
from souk.domains.orders.model.public import OrderClaim, PublicOrder
from souk.edge.caller import address
from souk.edge.http import http_api

app, handler = http_api()


@app.post("/access/orders", public=True)
def follow(claim: OrderClaim) -> PublicOrder:
    return PublicOrder.of(claims.follow_as_guest(claim, address()))
