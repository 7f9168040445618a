"""What is done with stores: open one, change one, set something for many, and set how the shop works."""

from souk.domains.stores.model import control
from souk.domains.stores.model.control import Push, PushConflict, Pushed
from souk.domains.stores.model.settings import ShopSettings, StoreField
from souk.domains.stores.model.settings_edit import Rollback, SettingsEdit, SettingsVersion
from souk.domains.stores.model.store import OfferedStore, Store
from souk.domains.stores.model.store_edit import StoreEdit, StoreOpening
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores as store
from souk.domains.stores.store import versions as version_store
from souk.kernel import clock, owner
from souk.kernel.audit import difference
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def open_store(draft: StoreOpening, by: Caller) -> Store:
    """A new store; head office only."""
    by.need_store(None)
    said = dict(draft)
    return _save(Store(store_id=owner.new_store_id(said.pop("merchant_id")), **said))


def change_store(store_id: str, edit: StoreEdit, by: Caller) -> Store:
    """The store as edited; refused if somebody else changed it since `edit.version`."""
    by.need_store(store_id)
    found = store.get(store_id)
    if found.version != edit.version:
        raise ChangedMeanwhile()
    if by.is_bound:
        return _save(control.by_store(found, edit, settings_store.settings().stores_may_set), found)
    return _save(control.by_head_office(found, edit), found)


def push(push: Push, position: str | None, by: Caller) -> tuple[Pushed, str | None]:
    """Head office's values for a number of stores, each for itself; and where the next call goes on."""
    by.need_store(None)
    if push.store_ids:
        found, position = store.these(set(push.store_ids)), None
    else:
        found, position = store.page(push.limit, position)
    outcomes = [again(lambda one=one: _push(one.store_id, push)) for one in found]  # type: ignore[misc]
    changed = sum(is_changed for is_changed, _ in outcomes)
    return Pushed(
        changed=changed,
        unchanged=len(found) - changed,
        conflicts=[conflict for _, conflicts in outcomes for conflict in conflicts],
        missing=sorted({*(push.store_ids or ())} - {one.store_id for one in found}),
    ), position


def _push(store_id: str, push: Push) -> tuple[bool, list[PushConflict]]:
    before = store.get(store_id)
    after, conflicts = control.pushed(before, push.given(), push.conflicts)
    is_saved = after != before or not push.given()
    if is_saved:
        _save(after, before)
    return is_saved, conflicts


def go_back(store_id: str, field: StoreField, by: Caller) -> Store:
    """Head office's value in the place of the store's own; nothing happens where it has none."""
    by.need_store(store_id)

    def once() -> Store:
        before = store.get(store_id)
        after = control.back_to_central(before, field)
        return before if after == before else _save(after, before)

    return again(once)


def _save(after: Store, before: Store | None = None) -> Store:
    """The store, and once more wherever orders look for it."""
    with Unit() as unit:
        saved = unit.save(keys.STORE, after)
        left = {(place, before.rank) for place in before.places} if before else set()
        for place, rank in sorted(left - {(place, saved.rank) for place in saved.places}):
            unit.remove(keys.OFFERED_STORE, place=place, rank=rank, store_id=saved.store_id)
        for place in saved.places:
            unit.put(keys.OFFERED_STORE, OfferedStore(place=place, **dict(saved.but(central={}))))
        return saved


def set_up(edit: SettingsEdit, by: Caller) -> ShopSettings:
    """Refused if somebody else changed them since `edit.version`. Head office only."""
    by.need_store(None)
    return _keep(settings_store.settings(), ShopSettings(**dict(edit)), by)


def roll_back(to: Rollback, by: Caller) -> ShopSettings:
    """A new version with the settings of an earlier one; nothing happens where they are so already."""
    by.need_store(None)

    def restore() -> ShopSettings:
        before = settings_store.settings()
        after = version_store.settings_version(to.version).but(version=before.version)
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
