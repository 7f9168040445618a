"""What is done with stores: open one, change one, and set how the shop works."""

from souk.domains.stores import store
from souk.domains.stores.model import SettingsEdit, ShopSettings, Store, StoreDraft, StoreEdit
from souk.kernel import ids
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.unit import Unit


def open_store(draft: StoreDraft, by: Caller) -> Store:
    """A new store; head office only."""
    by.need_store(None)
    with Unit() as unit:
        return unit.save(keys.STORE, Store(store_id=ids.new("sto"), **dict(draft)))


def change_store(store_id: str, edit: StoreEdit, by: Caller) -> Store:
    """The store as edited; refused if somebody else changed it since `edit.version`."""
    by.need_store(store_id)
    found = store.get(store_id)
    with Unit() as unit:
        return unit.save(keys.STORE, found.but(**dict(edit)))


def set_up(edit: SettingsEdit) -> ShopSettings:
    with Unit() as unit:
        return unit.save(keys.SETTINGS, ShopSettings(**dict(edit)))
