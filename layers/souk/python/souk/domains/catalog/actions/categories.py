"""What is done with categories: one is made, edited, moved with all that is below it."""

from collections.abc import Callable

from souk.domains.catalog.model.category import Category, CategoryDraft, CategoryEdit, Tree
from souk.domains.catalog.store import categories as store
from souk.kernel import ids
from souk.kernel.caller import Caller
from souk.kernel.edits import edited
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def create_category(draft: CategoryDraft, by: Caller) -> Category:
    by.need_store(None)
    return _place(lambda tree: Category(category_id=ids.new("cat"), **dict(draft)))


def edit_category(category_id: str, edit: CategoryEdit, by: Caller) -> Category:
    """With another parent the category moves there with all that is below it."""
    by.need_store(None)
    said = dict(edit)
    return _place(lambda tree: edited(tree.get(category_id), edit.version, **said))


def _place(decide: Callable[[Tree], Category]) -> Category:
    """A new or changed category, decided upon a tree that nobody else changes meanwhile."""

    def place() -> Category:
        # Before the tree: whatever changes it from now on changes the lock too.
        lock = store.tree_lock()
        tree = store.tree()
        category = decide(tree)
        tree.need_room(category)
        with Unit() as unit:
            unit.save(keys.TREE_LOCK, lock, otherwise=ChangedMeanwhile())
            return unit.save(keys.CATEGORY, category)

    return again(place)
