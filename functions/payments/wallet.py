"""A buyer's balance with the shop, in each currency, and what has changed it."""

from souk.domains.access.model.rights import PROFILE
from souk.domains.payments.model.wallet import Wallet, WalletMovement
from souk.domains.payments.store import wallets as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.shapes import Currency

app, handler = http_api()


@app.get("/me/wallets", may=PROFILE)
def read() -> Page[Wallet]:
    """Empty before anything was sent ahead or given back."""
    return Page(items=store.wallets(caller().id))


@app.get("/me/wallets/{currency}/movements", may=PROFILE)
def list_movements(currency: Currency, limit: Limit = 20, cursor: Cursor = None) -> Page[WalletMovement]:
    """Newest first."""
    return paged(
        lambda position: store.movements(caller().id, currency, limit, position), cursor, of=f"my wallet {currency}"
    )
