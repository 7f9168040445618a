"""Settings that held once, as they are asked for."""

from souk.domains.stores.model.settings import ShopSettings
from souk.domains.stores.model.settings_edit import NoSuchVersion, SettingsVersion
from souk.domains.stores.store.settings import at_hand
from souk.table import ask, keys, patterns


def settings_version(version: int) -> ShopSettings:
    if version == 0:
        return ShopSettings()
    return ask.get(keys.SETTINGS_VERSION, SettingsVersion, NoSuchVersion, version=version).settings


def settings_of(version: int | None) -> ShopSettings:
    """Those of the version; where none is named, as by orders of older releases, today's."""
    return at_hand().settings if version is None else settings_version(version)


def settings_history(limit: int, position: str | None) -> tuple[list[SettingsVersion], str | None]:
    """Newest first."""
    page = ask.ask(patterns.SETTINGS_HISTORY, limit=limit, position=position)
    return page.all(keys.SETTINGS_VERSION, SettingsVersion), page.position
