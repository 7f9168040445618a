"""What is done with differences: they are filed as tasks, given to somebody, and settled."""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from functools import partial

from souk.domains.reconciliation import store
from souk.domains.reconciliation.model.bill import Bill
from souk.domains.reconciliation.model.difference import (
    Assignment,
    Difference,
    Named,
    Resolution,
    agree,
    exchange_moves,
    exchanged,
)
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit


def file(bill: Bill, found: Iterable[Difference]) -> None:
    """These are what the bill differs in, and no others; what it has said before stays as it was left."""
    known, partners = store.differences(bill.bill_id), store.partners(bill.provider, but=bill.bill_id)
    for one in found:
        before = known.pop(one.difference_id, None)
        if before is None or not before.says_as(one) or one.place in partners:
            again(partial(_put, one, partners.get(one.place, ())))
    for gone in known.values():
        again(partial(_remove, gone))


def assign(bill_id: str, difference_id: str, said: Assignment, by: Caller) -> Difference:
    def give() -> Difference:
        found = store.difference_for(bill_id, difference_id, by)
        with Unit() as unit:
            return unit.save(keys.DIFFERENCE, found.but(owner=said.owner))

    return again(give)


def resolve(bill_id: str, difference_id: str, said: Resolution, by: Caller) -> Difference:
    def settle() -> Difference:
        found = store.difference_for(bill_id, difference_id, by)
        with Unit() as unit:
            unit.because(said.reason)
            return _settle(unit, found.resolved(said, clock.now(), by.id))

    return again(settle)


def _put(new: Difference, partners: Sequence[Named]) -> None:
    """With what is open of the same transaction in other bills it may be no difference any more."""
    known, at = store.find_difference(*new.named), clock.now()
    freed = _settled_with(known) if known else []
    waiting = _open(partners, but={one.named for one in freed})
    makes_up = bool(freed or waiting) and agree(one.sides for one in (new, *freed, *waiting))
    if known and known.says_as(new) and not (makes_up and known.status == "open"):
        return
    with Unit() as unit:
        if known:
            _take_back(unit, (known, *freed), at)
            new = new.but(version=known.version, owner=known.owner)
        opened = [one.opened() for one in freed]
        if not makes_up:
            for one in (new, *opened):
                unit.save(keys.DIFFERENCE, one)
            return
        whole = [new, *opened, *waiting]
        moves = exchange_moves(new.provider, exchanged(one.sides for one in whole))
        for one in whole:
            _settle(unit, one.settled_among(whole, at, moves if one is new else {}))


def _remove(gone: Difference) -> None:
    """A corrected bill agrees with the shop."""
    known = store.find_difference(gone.bill_id, gone.difference_id)
    if known is None:
        return
    freed = _settled_with(known)
    with Unit() as unit:
        _take_back(unit, (known, *freed), clock.now())
        for one in freed:
            unit.save(keys.DIFFERENCE, one.opened())
        unit.remove(keys.DIFFERENCE, bill_id=known.bill_id, difference_id=known.difference_id)


def _open(names: Iterable[Named], but: Set[Named]) -> list[Difference]:
    found = (store.find_difference(*name) for name in names if name not in but)
    return [one for one in found if one and one.status == "open"]


def _settled_with(known: Difference) -> list[Difference]:
    """Those that are open again where it says something else."""
    found = (store.find_difference(*name) for name in known.partners)
    return [one for one in found if one and known.named in one.partners]


def _settle(unit: Unit, settled: Difference) -> Difference:
    for entry in settled.entries("resolved", clock.now()):
        unit.book(entry)
    return unit.save(keys.DIFFERENCE, settled)


def _take_back(unit: Unit, settled: Iterable[Difference], at: datetime) -> None:
    """What they were settled by no longer holds."""
    for one in settled:
        for entry in one.entries("reopened", at, back=True):
            unit.book(entry)
