"""Stores and settings, as they are kept."""

from datetime import timedelta
from typing import NamedTuple

from souk.domains.stores.model.settings import NoSuchVersion, SettingsVersion, ShopSettings
from souk.domains.stores.model.store import NoSuchStore, Store
from souk.kernel.kept import kept
from souk.table import ask, keys, patterns


def get(store_id: str) -> Store:
    return ask.get(keys.STORE, Store, NoSuchStore, store_id=store_id)


def everywhere() -> list[Store]:
    return ask.ask(patterns.ALL_STORES).all(keys.STORE, Store)


def settings() -> ShopSettings:
    """What was set, or the defaults."""
    return ask.find(keys.SETTINGS, ShopSettings) or ShopSettings()


def settings_version(version: int) -> ShopSettings:
    if version == 0:
        return ShopSettings()
    return ask.get(keys.SETTINGS_VERSION, SettingsVersion, NoSuchVersion, version=version).settings


def settings_history(limit: int, position: str | None) -> tuple[list[SettingsVersion], str | None]:
    """Newest first."""
    page = ask.ask(patterns.SETTINGS_HISTORY, limit=limit, position=position)
    return page.all(keys.SETTINGS_VERSION, SettingsVersion), page.position


class AtHand(NamedTuple):
    settings: ShopSettings
    stores: tuple[Store, ...]


@kept(timedelta(seconds=20))
def at_hand() -> AtHand:
    """Settings and stores as buyers meet them: at most twenty seconds old."""
    shop = settings()
    return AtHand(shop, tuple(one.in_shop(shop) for one in everywhere()))
