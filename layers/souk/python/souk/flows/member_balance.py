"""What a member has with the shop, as head office reads and corrects it."""

from souk.domains.payments import store
from souk.domains.payments.actions import wallets
from souk.domains.payments.model.wallet import Wallet, WalletCorrection, WalletMovement
from souk.flows.member_tier import need_member
from souk.kernel.caller import Caller


def read(member_id: str, by: Caller) -> list[Wallet]:
    need_member(member_id, by)
    return store.wallets(member_id)


def movements(
    member_id: str, currency: str, by: Caller, limit: int, position: str | None
) -> tuple[list[WalletMovement], str | None]:
    """Newest first."""
    need_member(member_id, by)
    return store.movements(member_id, currency, limit, position)


def correct(member_id: str, draft: WalletCorrection, by: Caller) -> WalletMovement:
    need_member(member_id, by)
    return wallets.correct(member_id, draft)
