"""Buyers' balances, as they are asked for."""

from souk.domains.payments.model.wallet import Wallet, WalletMovement
from souk.table import ask, keys, patterns


def wallets(buyer_id: str) -> list[Wallet]:
    """One for each currency in which the buyer has, or once had, something with the shop."""
    return ask.ask(patterns.WALLETS_OF_BUYER, buyer_id=buyer_id).all(keys.WALLET, Wallet)


def available(buyer_id: str, currency: str) -> int:
    """What the buyer can spend of the balance."""
    found = ask.find(keys.WALLET, Wallet, buyer_id=buyer_id, currency=currency)
    return found.available_minor if found else 0


def find_movement(like: WalletMovement) -> WalletMovement | None:
    named = like.model_dump(include={"buyer_id", "currency", "movement_id"})
    return ask.find(keys.WALLET_MOVEMENT, WalletMovement, **named)


def movements(
    buyer_id: str, currency: str, limit: int, position: str | None
) -> tuple[list[WalletMovement], str | None]:
    """Newest first."""
    asked = {"buyer_id": buyer_id, "currency": currency}
    rows = ask.ask(patterns.WALLET_STATEMENT, limit=limit, position=position, **asked).whole()
    return rows.all(keys.WALLET_MOVEMENT, WalletMovement), rows.position
