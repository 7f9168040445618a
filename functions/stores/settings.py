"""The settings of the shop."""

from souk.domains.stores import actions, store
from souk.domains.stores.model import SettingsEdit, ShopSettings
from souk.edge.http import http_api

app, handler = http_api()


@app.get("/staff/settings", may="settings.read")
def read() -> ShopSettings:
    return store.settings()


@app.put("/staff/settings", may="settings.write")
def set_up(edit: SettingsEdit) -> ShopSettings:
    """In force everywhere within twenty seconds."""
    return actions.set_up(edit)
