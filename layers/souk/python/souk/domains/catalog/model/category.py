"""Categories: a tree of at most four levels, and how many products stand below each node."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from souk.domains.catalog.model.product import Name
from souk.domains.catalog.model.shop import ShopCategory
from souk.kernel.errors import Missing, Refused
from souk.kernel.shapes import Id, Input, Version, Versioned

DEEPEST = 4
MOST_CATEGORIES = 500


class NoSuchCategory(Missing):
    title = "No such category"


class UnknownCategory(Refused):
    title = "There is no such category to put it into"


class CategoryCycle(Refused):
    title = "A category cannot lie below itself"


class CategoryTooDeep(Refused):
    title = f"The tree of categories has at most {DEEPEST} levels"


class TooManyCategories(Refused):
    title = f"The shop has at most {MOST_CATEGORIES} categories"


class CategoryDraft(Input):
    """Without a parent it is at the top; among its siblings the lower `rank` stands first."""

    name: Name
    parent_id: Id | None = None
    rank: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 100


class CategoryEdit(CategoryDraft):
    """Another parent moves the category with all that is below it."""

    version: Version


class Category(Versioned):
    """`products` counts what stands in the category itself and is not deleted."""

    category_id: str
    name: Name
    parent_id: str | None = None
    rank: int = 100
    products: int = 0


class TreeLock(Versioned):
    """Counted up by each change of the tree's shape, so that no two decide upon the same shape."""


class CategoryNode(Category):
    """A category in the tree, depth first: `depth` is 1 at the top, `products_below` includes its descendants."""

    depth: int
    products_below: int


class Tree:
    """The categories as they hang together."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._by_id = {category.category_id: category for category in categories}
        self._below: dict[str | None, list[Category]] = defaultdict(list)
        for category in sorted(categories, key=lambda one: (one.rank, one.category_id)):
            self._below[category.parent_id].append(category)

    def get(self, category_id: str) -> Category:
        if category_id not in self._by_id:
            raise NoSuchCategory()
        return self._by_id[category_id]

    def subtree(self, category: Category) -> list[Category]:
        """The category and all below it, depth first."""
        return [category, *(one for child in self._below[category.category_id] for one in self.subtree(child))]

    def nodes(self) -> list[CategoryNode]:
        return [node for top in self._below[None] for node in self._nodes(top, 1)]

    def shown(self, language: str) -> list[ShopCategory]:
        return [
            ShopCategory(
                category_id=node.category_id, parent_id=node.parent_id, depth=node.depth, name=node.name.read(language)
            )
            for node in self.nodes()
        ]

    def path(self, category_id: str) -> list[str]:
        """The category and all above it, up to the top; none where there is no such category."""
        found = self._by_id.get(category_id)
        return [category_id, *self._above(found)] if found else []

    def need_room(self, category: Category) -> None:
        """Refuses a new or moved category where its parent is unknown or below it, or the tree grows too deep."""
        if category.category_id not in self._by_id and len(self._by_id) >= MOST_CATEGORIES:
            raise TooManyCategories()
        above = list(self._above(category))
        if category.category_id in above:
            raise CategoryCycle()
        if len(above) + self._height(category.category_id) > DEEPEST:
            raise CategoryTooDeep()

    def _above(self, category: Category) -> Iterator[str]:
        """From its parent up to the top; the tree itself has no cycles and few levels."""
        parent_id = category.parent_id
        while parent_id is not None:
            if parent_id not in self._by_id:
                raise UnknownCategory(category_id=parent_id)
            yield parent_id
            parent_id = self._by_id[parent_id].parent_id

    def _height(self, category_id: str) -> int:
        return 1 + max((self._height(child.category_id) for child in self._below.get(category_id, [])), default=0)

    def _nodes(self, category: Category, depth: int) -> list[CategoryNode]:
        below = [node for child in self._below[category.category_id] for node in self._nodes(child, depth + 1)]
        total = category.products + sum(node.products for node in below)
        return [CategoryNode(**dict(category), depth=depth, products_below=total), *below]
