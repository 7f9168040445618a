"""Taking a value off a product's option, unless goods of it lie somewhere or are promised to somebody."""

from souk.domains.catalog.actions import products
from souk.domains.catalog.model.sheet import ProductSheet
from souk.domains.catalog.store import pages as catalog
from souk.domains.inventory.store import stock as inventory
from souk.kernel.caller import Caller
from souk.table.again import again
from souk.table.unit import Unit


def remove_option_value(product_id: str, option: str, value: str, version: int, by: Caller) -> ProductSheet:
    """The product without the value; ValueInUse where there are goods.

    Goods booked in at this very moment may be missed: they lie with a SKU that is not for sale, and can be sold again
    when the value comes back.
    """
    by.need_office()

    def remove() -> ProductSheet:
        page = catalog.page_for(product_id, by)
        held = {
            sku.sku: sum(stock.on_hand for stock in inventory.of_sku(sku.sku)) for sku in page.of_value(option, value)
        }
        with Unit() as unit:
            return products.remove_value(unit, page, option, value, version, held)

    return again(remove)
