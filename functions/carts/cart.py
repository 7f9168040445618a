"""The buyer's cart."""

from souk.domains.access.model.callers import guest_id
from souk.domains.access.model.rights import SHOP
from souk.domains.carts import store
from souk.domains.carts.model import CartView, MergeRequest, NewLine, NewQuantity
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import shopping_cart

app, handler = http_api()


@app.get("/me/cart", may=SHOP)
def read() -> CartView:
    return shopping_cart.view(store.of_owner(caller().id))


@app.post("/me/cart/lines", may=SHOP)
def add(line: NewLine) -> CartView:
    """Puts so many more units into the cart."""
    return shopping_cart.put_line(caller().id, line.sku, line.quantity, more=True)


@app.put("/me/cart/lines/{sku}", may=SHOP)
def change(sku: str, to: NewQuantity) -> CartView:
    """Sets the units of a line."""
    return shopping_cart.put_line(caller().id, sku, to.quantity)


@app.delete("/me/cart/lines/{sku}", may=SHOP)
def remove(sku: str) -> CartView:
    return shopping_cart.drop_line(caller().id, sku)


@app.post("/me/cart/merge", may=SHOP)
def merge(request: MergeRequest) -> CartView:
    """After signing in: what was put into the cart as a guest comes along."""
    return shopping_cart.merge(guest_id(request.guest_token), caller().id)
