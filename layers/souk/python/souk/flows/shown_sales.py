"""Sales as buyers see them: none of merchants that may not sell."""

from collections.abc import Sequence

from souk.domains.promotions.model.flash_sale import FlashSale, NoSuchSale, SaleCard
from souk.flows.goods import selling
from souk.kernel.owner import owner_of


def sales(found: Sequence[SaleCard]) -> list[SaleCard]:
    """A sale is of whose store it is in."""
    may_sell = selling(owner_of(card.store_id) for card in found)
    return [card for card in found if owner_of(card.store_id) in may_sell]


def sale(found: FlashSale) -> FlashSale:
    owner = owner_of(found.store_id)
    if owner not in selling([owner]):
        raise NoSuchSale()
    return found
