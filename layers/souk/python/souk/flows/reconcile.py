"""A provider's bill is held against the movements of money that the shop has written down."""

from collections import Counter
from collections.abc import Iterator

from souk.domains.payments.store import movements as movement_store
from souk.domains.reconciliation.actions import bills
from souk.domains.reconciliation.model.bill import MOST_DIFFERENCES, Bill, Sums, TooDifferent
from souk.domains.reconciliation.model.difference import Difference, Movement, Side, compared, summed
from souk.domains.stores.store import settings as settings_store
from souk.gateways.files import FileReplaced
from souk.kernel import clock
from souk.kernel.errors import Refused, TooLarge


def compare(key: str, etag: str, size: int) -> None:
    """All of it is compared before anything is written: a file that is wrong as a whole changes nothing."""
    bill = bills.to_read(key, etag)
    if bill is None:
        return
    try:
        sums, matched, found = _compared(bill, etag, size)
    except FileReplaced:  # of the one in its place it is told, too
        return
    except (Refused, TooLarge) as refusal:
        bills.refuse(bill, etag, refusal.detail)
    else:
        bills.conclude(bill, etag, sums, matched, found)


def _compared(bill: Bill, etag: str, size: int) -> tuple[Sums, int, list[Difference]]:
    """Part by part, so that never more of the shop's movements than of a part are at hand."""
    sums, parts = bills.read(bill, etag, size, settings_store.settings().bill_account(bill.provider))
    matched, found, now = 0, list[Difference](), clock.now()
    for part, theirs in enumerate(parts):
        agreed, more, differing = compared(bill, summed(theirs), summed(_ours(bill, part)), now)
        matched += agreed
        found += differing
        if len(found) > MOST_DIFFERENCES:
            raise TooDifferent(most_differences=MOST_DIFFERENCES)
        _add_exchanged(sums, more)
    return sums, matched, found


def _ours(bill: Bill, part: int) -> Iterator[Movement]:
    for one in movement_store.cleared(bill.provider, part, *bills.period_of(bill)):
        side = Side(minor=one.presented.minor, account_minor=one.cleared_minor, account_currency=one.currency)
        yield Movement(one.transaction_number, one.presented.currency, side, one.order_id)


def _add_exchanged(sums: Sums, more: Counter[str]) -> None:
    for currency, minor in more.items():
        sums.add(currency, exchanged_minor=minor)
