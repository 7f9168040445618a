"""What a member has with the shop, as head office reads it, corrects it and pays it out."""

from souk.domains.payments.actions import wallets
from souk.domains.payments.model.wallet import Payout, Wallet, WalletCorrection, WalletMovement
from souk.domains.payments.store import wallets as store
from souk.flows.member_tier import need_member
from souk.kernel import clock
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


def enter(member_id: str, draft: WalletCorrection | Payout, by: Caller) -> WalletMovement:
    need_member(member_id, by)
    return wallets.enter(draft.movement(member_id, clock.now()))
