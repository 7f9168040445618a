"""Settlements and what they are made of, as they are asked for."""

from collections.abc import Iterable, Iterator

from souk.domains.settlement.model.settlement import (
    MerchantAccount,
    MerchantMovement,
    NoSuchSettlement,
    Place,
    Settlement,
)
from souk.table import ask, keys, patterns
from souk.table.port import At

_A_PAGE = 200


def account(merchant_id: str, currency: str) -> MerchantAccount:
    found = ask.find(keys.MERCHANT_ACCOUNT, MerchantAccount, merchant_id=merchant_id, currency=currency)
    return found or MerchantAccount(merchant_id=merchant_id, currency=currency)


def accounts(places: Iterable[Place]) -> dict[Place, MerchantAccount]:
    """Those of them that there are."""
    rows = ask.many(ask.key(keys.MERCHANT_ACCOUNT, merchant_id=who, currency=currency) for who, currency in places)
    return {(one.merchant_id, one.currency): one for one in rows.all(keys.MERCHANT_ACCOUNT, MerchantAccount)}


def each_account() -> Iterator[MerchantAccount]:
    """A shard after the other: of all together each page would ask every one."""
    for shard in range(patterns.MERCHANT_ACCOUNTS.shards):
        position = None
        while True:
            rows = ask.ask(patterns.MERCHANT_ACCOUNTS, limit=_A_PAGE, position=position, shard=shard)
            yield from rows.all(keys.MERCHANT_ACCOUNT, MerchantAccount)
            position = rows.position
            if position is None:
                break


def get(merchant_id: str, month: str, currency: str) -> Settlement:
    named = {"merchant_id": merchant_id, "month": month, "currency": currency}
    return ask.get(keys.SETTLEMENT, Settlement, NoSuchSettlement, **named)


def open_before(account: MerchantAccount, month: str) -> list[Settlement]:
    """Of the account's settlements those that are open and of earlier months, the first of them first."""
    of, since = account.merchant_id, f"{account.last_closed}~"
    rows = ask.ask(patterns.SETTLEMENTS_OF_MERCHANT, merchant_id=of, since=since, until=month)
    found = rows.all(keys.SETTLEMENT, Settlement)
    return [one for one in reversed(found) if one.currency == account.currency and not one.closed]


def of_merchant(merchant_id: str, limit: int, position: str | None) -> tuple[list[Settlement], str | None]:
    rows = ask.ask(patterns.SETTLEMENTS_OF_MERCHANT, limit=limit, position=position, merchant_id=merchant_id)
    return rows.all(keys.SETTLEMENT, Settlement), rows.position


def due(limit: int, position: str | None) -> tuple[list[Settlement], str | None]:
    """Oldest first."""
    rows = ask.ask(patterns.SETTLEMENTS_DUE, limit=limit, position=position).whole()
    return rows.all(keys.SETTLEMENT, Settlement), rows.position


def movements(of: Settlement, limit: int, position: str | None) -> tuple[list[MerchantMovement], str | None]:
    """In the order in which they were booked."""
    named = {name: getattr(of, name) for name in ("merchant_id", "month", "currency")}
    rows = ask.ask(patterns.MOVEMENTS_OF_SETTLEMENT, limit=limit, position=position, **named).whole()
    return rows.all(keys.MERCHANT_MOVEMENT, MerchantMovement), rows.position


def find_movement(like: MerchantMovement) -> MerchantMovement | None:
    return ask.many([_key(like)]).one(keys.MERCHANT_MOVEMENT, MerchantMovement)


def not_known(movements: Iterable[MerchantMovement]) -> list[MerchantMovement]:
    """Those of them that no settlement has yet, each once."""
    by_key = {_key(one): one for one in movements}
    known = ask.many(by_key).all(keys.MERCHANT_MOVEMENT, MerchantMovement)
    for one in known:
        del by_key[_key(one)]
    return list(by_key.values())


def _key(movement: MerchantMovement) -> At:
    named = {name: getattr(movement, name) for name in ("merchant_id", "subject", "cause")}
    return ask.key(keys.MERCHANT_MOVEMENT, **named)
