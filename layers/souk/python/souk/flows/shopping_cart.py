"""The cart seen with the catalog's prices and the stock there is."""

from souk.domains.carts import actions
from souk.domains.carts import store as carts
from souk.domains.carts.model import Cart, CartLineView, CartView
from souk.domains.catalog import store as catalog
from souk.domains.catalog.model import Offer
from souk.domains.inventory import store as inventory
from souk.domains.orders.model.quote import NotForSale
from souk.domains.stores import store as stores
from souk.table import ask
from souk.table.unit import Unit


def view(cart: Cart) -> CartView:
    """Every line at the price of this moment; what is not for sale any more is flagged and costs nothing."""
    currency = stores.at_hand()[0].currency
    offers = {sku: one for sku, one in _offers([line.sku for line in cart.lines]).items() if one.sold_in(currency)}
    lines = [_line(line.sku, line.quantity, line.seen_price_minor, offers.get(line.sku)) for line in cart.lines]
    return CartView(
        lines=lines, goods_minor=sum(line.goods_minor for line in lines), currency=currency, version=cart.version
    )


def put_line(owner_id: str, sku: str, quantity: int, more: bool = False) -> CartView:
    """So many units of the SKU in the cart, or so many `more`."""
    offer = _offers([sku]).get(sku)
    if offer is None or not offer.sold_in(stores.at_hand()[0].currency):
        raise NotForSale(f"{sku} is not for sale", sku=sku)
    cart = carts.of_owner(owner_id)
    wanted = quantity + (cart.quantity_of(sku) if more else 0)
    return _keep(cart.with_line(sku, wanted, offer.price_minor))


def drop_line(owner_id: str, sku: str) -> CartView:
    return _keep(carts.of_owner(owner_id).without(sku))


def merge(guest_id: str, owner_id: str) -> CartView:
    """The guest's cart goes over into the member's and is empty afterwards: a second merge adds nothing."""
    guest, cart = carts.of_owner(guest_id), carts.of_owner(owner_id)
    if not guest.lines or guest_id == owner_id:
        return view(cart)
    most = {line.sku: sum(stock.available for stock in inventory.of_sku(line.sku)) for line in guest.lines}
    with Unit() as unit:
        merged = actions.keep(unit, cart.merged(guest, most))
        actions.keep(unit, guest.but(lines=()))
    return view(merged)


def _keep(cart: Cart) -> CartView:
    with Unit() as unit:
        kept = actions.keep(unit, cart)
    return view(kept)


def _offers(skus: list[str]) -> dict[str, Offer]:
    return catalog.offers(ask.many(catalog.offer_keys(skus)))


def _line(sku: str, quantity: int, seen_minor: int, offer: Offer | None) -> CartLineView:
    if offer is None:
        return CartLineView(sku=sku, quantity=quantity, for_sale=False)
    return CartLineView(
        sku=sku,
        quantity=quantity,
        for_sale=True,
        name=offer.name,
        options=offer.options,
        price_minor=offer.price_minor,
        price_changed=offer.price_minor != seen_minor,
        goods_minor=offer.price_minor * quantity,
    )
