"""Stores and settings, as they are kept."""

from datetime import timedelta

from souk.domains.stores.model import NoSuchStore, ShopSettings, Store
from souk.kernel.kept import kept
from souk.table import ask, keys, patterns


def get(store_id: str) -> Store:
    store = ask.find(keys.STORE, Store, store_id=store_id)
    if store is None:
        raise NoSuchStore()
    return store


def everywhere() -> list[Store]:
    return ask.ask(patterns.ALL_STORES).all(keys.STORE, Store)


def settings() -> ShopSettings:
    """What was set, or the defaults."""
    return ask.find(keys.SETTINGS, ShopSettings) or ShopSettings()


@kept(timedelta(seconds=20))
def at_hand() -> tuple[ShopSettings, tuple[Store, ...]]:
    """Settings and stores as checkout uses them: at most twenty seconds old."""
    return settings(), tuple(everywhere())
