"""What is done with stores: open one, change one, and set how the shop works."""

from souk.domains.stores import store
from souk.domains.stores.model.settings import Rollback, SettingsEdit, SettingsVersion, ShopSettings
from souk.domains.stores.model.store import Store, StoreDraft, StoreEdit
from souk.kernel import clock, ids
from souk.kernel.audit import difference
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


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


def set_up(edit: SettingsEdit, by: Caller) -> ShopSettings:
    """Refused if somebody else changed them since `edit.version`. Head office only."""
    by.need_store(None)
    return _keep(store.settings(), ShopSettings(**dict(edit)), by)


def roll_back(to: Rollback, by: Caller) -> ShopSettings:
    """A new version with the settings of an earlier one; nothing happens where they are so already."""
    by.need_store(None)

    def restore() -> ShopSettings:
        before = store.settings()
        after = store.settings_version(to.version).but(version=before.version)
        return before if after == before else _keep(before, after, by, restored=to.version)

    return again(restore)


def _keep(before: ShopSettings, after: ShopSettings, by: Caller, restored: int | None = None) -> ShopSettings:
    was, now = difference(before.model_dump(mode="json"), after.model_dump(mode="json"))
    with Unit() as unit:
        saved = unit.save(keys.SETTINGS, after, otherwise=ChangedMeanwhile())
        version = SettingsVersion(
            version=saved.version, at=clock.now(), by=by.id, restored=restored, settings=saved, before=was, after=now
        )
        unit.add(keys.SETTINGS_VERSION, version)
        return saved
