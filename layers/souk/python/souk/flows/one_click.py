"""One click: a member's defaults make a quote, the quote an order, and a kept method pays for it at once.

Each step is that of any order, and none is done twice: the same request goes on where it broke off.
"""

from typing import NamedTuple

from souk.domains.carts import actions as cart_actions
from souk.domains.carts import store as carts
from souk.domains.carts.model import Cart
from souk.domains.members.store import addresses, profile
from souk.domains.orders.model.one_click import NoContact, NoDefaultAddress, NothingInCart, OneClickOrder, Standing
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import WantedLine
from souk.domains.orders.model.quote_requests import QuoteRequest
from souk.domains.orders.model.requests import Checkout, fingerprint_of
from souk.domains.orders.store import orders as order_store
from souk.domains.payments.actions import kept, mandates
from souk.domains.payments.model.attempt import KeptCharge, Wish
from souk.domains.payments.model.kept import MethodBook
from souk.domains.payments.model.start import PaymentStart
from souk.domains.payments.store import kept as kept_store
from souk.domains.payments.store import mandates as mandate_store
from souk.domains.payments.store import payments as payment_store
from souk.flows import checkout, payment_mandate, settle_payment
from souk.flows.checkout import AtOnce, Placed
from souk.gateways.providers import Intent
from souk.kernel.address import Address, Contact
from souk.kernel.caller import Caller
from souk.kernel.errors import Unavailable
from souk.kernel.paying import KEEPABLE
from souk.table import ask, keys
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import Unit

# Its owner is asked for a password or a code by the bank, and has to be there for it.
ASKS_OWNER = "authentication_required"


class Bought(NamedTuple):
    """`payment` is what the buyer's device goes on with, where it has to; `decline_code` is what the bank said."""

    order: Order
    standing: Standing
    payment: PaymentStart | None
    decline_code: str | None = None


def buy(wanted: OneClickOrder, key: str, by: Caller) -> Bought:
    placed = again(lambda: _placed(wanted, key, by))
    return _bought(placed, _charged(placed, by) if placed.order.awaits_payment else None)


def _placed(wanted: OneClickOrder, key: str, by: Caller) -> Placed:
    fingerprint = fingerprint_of(wanted)
    at_home = [addresses.book_key(by.id), profile.key(by.id), kept_store.methods_key(by.id)]
    rows = ask.many([ask.key(keys.ORDER, order_id=checkout.order_id_of(key, by)), *at_home])
    if order := rows.one(keys.ORDER, Order):
        return checkout.placed_before(order, fingerprint, Wish(address=by.ip))
    address = _address(rows, wanted, by)
    book = kept_store.methods_in(rows, by.id)
    method = book.chosen(wanted.method_id)
    cart = None if wanted.lines else carts.of_owner(by.id)
    lines = wanted.lines or _lines(cart)
    request = Checkout(
        lines=lines,
        quote_id=wanted.quote_id or _quote_id(lines, address),
        address=address,
        contact=wanted.contact or _contact(rows, address, by),
        payment_method=KEEPABLE,
        rate_lock=wanted.rate_lock,
    )
    # A mandate is in the shop's currency: in another its owner is asked, who is there.
    mandate_id = None if wanted.rate_lock else book.mandates.get(method.method_id)
    return checkout.place(request, key, by, _at_once(book, method.method_id, mandate_id, fingerprint, cart))


def _address(rows: Rows, wanted: OneClickOrder, by: Caller) -> Address:
    book = addresses.in_rows(rows, by.id)
    address_id = wanted.address_id or book.default_id
    if address_id is None:
        raise NoDefaultAddress()
    return book.get(address_id).address


def _contact(rows: Rows, address: Address, by: Caller) -> Contact:
    phone = profile.in_rows(rows, by.id).phone
    if phone is None:
        raise NoContact()
    return Contact(name=address.name, phone=phone)


def _lines(cart: Cart | None) -> list[WantedLine]:
    if cart is None or not cart.lines:
        raise NothingInCart()
    return [WantedLine(sku=line.sku, quantity=line.quantity) for line in cart.lines]


def _quote_id(lines: list[WantedLine], address: Address) -> str:
    asked = QuoteRequest(lines=lines, country=address.country, region=address.region, point=address.point)
    quote = checkout.quote(asked).quote
    return quote.quote_id


def _at_once(book: MethodBook, method_id: str, mandate_id: str | None, fingerprint: str, cart: Cart | None) -> AtOnce:
    """By the method's mandate, if it has one; the order takes with it the cart that it is made of."""
    mandate = mandate_store.find_mandate(book.member_id, mandate_id)
    day = payment_mandate.today()

    def also(unit: Unit, order: Order) -> None:
        if mandate:
            mandates.hold(unit, mandate, order.total_minor, order.currency, day)
        if cart:
            cart_actions.keep(unit, cart.but(lines=()))

    by_mandate = {"mandate_id": mandate.mandate_id, "day": day} if mandate else {}
    return AtOnce(fingerprint, KeptCharge(method_id=method_id, account_id=book.account_id, **by_mandate), also)


def _charged(placed: Placed, by: Caller) -> Intent | None:
    """None where nobody knows what has become of it: the same request, the webhook or the poller will.

    Whoever has tried too much was given no payment: then it is only asked for.
    """
    order_id = placed.order.order_id
    try:
        intent = kept.charge(order_id, may_try=placed.payment is not None)
        if intent:
            settle_payment.settle(order_id, intent, by.id)
    except Unavailable:
        return None
    return intent


def _bought(placed: Placed, intent: Intent | None) -> Bought:
    order, start = order_store.get(placed.order.order_id), placed.payment
    if not order.awaits_payment:
        return Bought(order, "paid" if order.has_been("paid") else "over", None)
    if intent and intent.decline_code not in (None, ASKS_OWNER):
        return Bought(order, "declined", start, intent.decline_code)
    if intent is None or start is None:
        return Bought(order, "awaiting", start)
    payment = payment_store.of_order(order.order_id)
    asked = intent.status == "requires_action" or intent.decline_code == ASKS_OWNER
    if payment.kept and payment.method == KEEPABLE and asked:
        return Bought(order, "requires_action", start.but(action={"payment_method": payment.kept.method_id}))
    waits = payment.kept_charge or intent.status == "processing"
    return Bought(order, "awaiting" if waits else "requires_action", start)
