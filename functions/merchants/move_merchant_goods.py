"""A merchant's goods follow its standing off the shelves and back, however many they are."""

from souk.domains.catalog.events import ProductListed
from souk.domains.merchants.events import MerchantDecided, MerchantGoodsLeft
from souk.edge.task import on
from souk.flows import merchant_business


def move_goods(fact: MerchantDecided | MerchantGoodsLeft) -> None:
    merchant_business.move_goods(fact.merchant_id)


def look_again(fact: ProductListed) -> None:
    merchant_business.look_again(fact.product_id)


handler = on((MerchantDecided, move_goods), (MerchantGoodsLeft, move_goods), (ProductListed, look_again))
