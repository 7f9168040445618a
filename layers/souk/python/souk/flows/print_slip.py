"""An order's packing slip, drawn when it is printed and kept nowhere; that it was printed is counted."""

from base64 import b64encode

from souk.domains.orders.model.order import Order
from souk.domains.orders.store import orders as store
from souk.domains.shipping import actions as shipping
from souk.domains.shipping import store as parcels
from souk.domains.shipping.model import PackingSlip, PrintCount, SlipRequest
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.gateways import packing_slips
from souk.gateways.packing_slips import Slip, SlipLine
from souk.kernel.caller import Caller
from souk.kernel.shapes import Language
from souk.table.again import again
from souk.table.unit import Unit


def print_slip(order_id: str, wanted: SlipRequest, language: Language, by: Caller) -> PackingSlip:
    """One more print of what goes into a parcel, for the store that packs it."""
    return again(lambda: _print(order_id, wanted, language, by))


def _print(order_id: str, wanted: SlipRequest, language: Language, by: Caller) -> PackingSlip:
    rows = store.whole(order_id)
    order = store.in_rows(rows)
    order.need_scope(by)
    packed = order.packed(wanted.units)
    with Unit() as unit:
        printed = shipping.count_print(unit, parcels.prints_in_rows(rows, order_id), by)
    return PackingSlip(
        order_id=order_id,
        number=order.number,
        prints=printed.prints,
        content_type="application/pdf",
        content=b64encode(packing_slips.draw(_slip(order, packed, language, printed))).decode(),
    )


def _slip(order: Order, packed: dict[str, int], language: Language, printed: PrintCount) -> Slip:
    settings = settings_store.at_hand().settings
    sender = next(iter(stores.these([order.store_id])), None)
    return Slip(
        language=language,
        shop=settings.name,
        store=sender.name if sender else settings.name,
        sender=sender.address if sender else None,
        number=order.number,
        placed_on=order.placed_at.date(),
        address=order.address,
        lines=tuple(
            SlipLine(
                sku=line.sku,
                name=line.name.read(language),
                options=", ".join(f"{option}: {value}" for option, value in line.options.items()),
                ordered=line.quantity,
                packed=packed.get(line.sku, 0),
            )
            for line in order.lines
        ),
        print_number=printed.prints,
    )
