"""The cart seen with the catalog's prices and the stock there is."""

from collections.abc import Mapping

from souk.domains.carts import actions
from souk.domains.carts import store as carts
from souk.domains.carts.model import Cart, CartLine, CartLineView, CartView
from souk.domains.catalog.model import Offer
from souk.domains.inventory.store import stock as inventory
from souk.domains.merchants.store import sellers
from souk.domains.orders.model.quote import need_offer
from souk.domains.stores.store import settings as stores
from souk.flows.goods import goods_keys
from souk.flows.goods import offers as offers_in
from souk.table import ask
from souk.table.ask import Rows
from souk.table.unit import Unit


def view(cart: Cart) -> CartView:
    """Every line at the price of this moment; what is not for sale any more is flagged and costs nothing."""
    currency = stores.at_hand().settings.currency
    rows = ask.many(goods_keys(line.sku for line in cart.lines))
    offers, names = _on_sale(rows, currency), sellers.names(rows)
    lines = [_line(line, offers.get(line.sku), names) for line in cart.lines]
    return CartView(
        lines=lines, goods_minor=sum(line.goods_minor for line in lines), currency=currency, version=cart.version
    )


def put_line(owner_id: str, sku: str, quantity: int, more: bool = False) -> CartView:
    """So many units of the SKU in the cart, or so many `more`."""
    offers = _on_sale(ask.many(goods_keys([sku])), stores.at_hand().settings.currency)
    need_offer(sku, sku in offers)
    cart = carts.of_owner(owner_id)
    wanted = quantity + (cart.quantity_of(sku) if more else 0)
    return _keep(cart.with_line(sku, wanted, offers[sku].price_minor))


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


def _on_sale(rows: Rows, currency: str) -> dict[str, Offer]:
    return {sku: offer for sku, offer in offers_in(rows).items() if offer.sold_in(currency)}


def _line(line: CartLine, offer: Offer | None, names: Mapping[str, str]) -> CartLineView:
    if offer is None:
        return line.not_for_sale()
    merchant = offer.merchant_id, names.get(offer.merchant_id or "")
    return line.at_price(offer.price_minor, offer.name, offer.options, merchant)
