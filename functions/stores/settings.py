"""The settings of the shop: read them, change them, see what they were, go back."""

from souk.domains.stores import actions
from souk.domains.stores.model.settings import ShopSettings
from souk.domains.stores.model.settings_edit import Rollback, SettingsEdit, SettingsVersion
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import versions as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/settings", may="settings.read")
def read() -> ShopSettings:
    caller().need_store(None)
    return settings_store.settings()


@app.put("/staff/settings", may="settings.write")
def set_up(edit: SettingsEdit) -> ShopSettings:
    """In force everywhere within twenty seconds."""
    return actions.set_up(edit, by=caller())


@app.get("/staff/settings/history", may="settings.read")
def read_history(limit: Limit = 20, cursor: Cursor = None) -> Page[SettingsVersion]:
    """Every version with who made it when and what it changed, newest first."""
    caller().need_store(None)
    return paged(lambda position: store.settings_history(limit, position), cursor, of="settings")


@app.post("/staff/settings/rollback", may="settings.write")
def roll_back(to: Rollback) -> ShopSettings:
    """Makes a new version that is like an earlier one."""
    return actions.roll_back(to, by=caller())
