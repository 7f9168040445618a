"""The tree of categories, as it is asked for."""

from collections.abc import Iterable

from souk.domains.catalog.model.category import Category, Tree, TreeLock
from souk.domains.catalog.model.product import Product
from souk.table import ask, keys, patterns


def tree() -> Tree:
    return Tree(ask.ask(patterns.CATEGORY_TREE).all(keys.CATEGORY, Category))


def paths_of(product_ids: Iterable[str]) -> dict[str, list[str]]:
    """The categories that each product stands in, the nearest first; a product that is gone is left out."""
    products = ask.many(ask.key(keys.PRODUCT, product_id=one) for one in product_ids).all(keys.PRODUCT, Product)
    categories = tree()
    return {one.product_id: categories.path(one.category_id) for one in products}


def tree_lock() -> TreeLock:
    return ask.find(keys.TREE_LOCK, TreeLock) or TreeLock()
