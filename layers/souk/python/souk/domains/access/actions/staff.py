"""Staff: appointed, given roles and stores, disabled; one owner always stays."""

from souk.domains.access import store
from souk.domains.access.model.callers import CallerRecord, EmailTaken, LastOwner, StaffDraft, StaffEdit, StaffMember
from souk.domains.access.model.rights import need_rights
from souk.gateways import identity
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import conditions, keys
from souk.table.unit import Unit


def appoint(draft: StaffDraft, by: Caller) -> StaffMember:
    """A new colleague; what broke off half way is finished by asking again. Head office only."""
    by.need_store(None)
    need_rights(by, draft.roles)
    user = identity.create_user(draft.email, draft.password)
    if user.confirmed:
        raise EmailTaken()
    staff = _new(user.id, draft)
    found = store.find(user.id)
    if found is None:
        with Unit() as unit:
            staff = _save(unit, None, staff)
    elif found.but(version=0) != staff:
        raise EmailTaken()
    identity.set_password(draft.email, draft.password)
    return (found or staff).as_staff()


def change(caller_id: str, edit: StaffEdit, by: Caller) -> StaffMember:
    """Refused if somebody else changed it since `edit.version`."""
    by.need_store(None)
    found = store.get_staff(caller_id)
    need_rights(by, {*found.roles, *edit.roles})
    changed = found.but(**dict(edit))
    if changed.status == "disabled":
        changed = changed.but(valid_after=clock.now())
    with Unit() as unit:
        return _save(unit, found, changed).as_staff()


def appoint_owner(email: str, name: str, password: str) -> StaffMember:
    """Makes this an active owner with this password, whatever it was on the staff before."""
    draft = StaffDraft(email=email, name=name, password=password, roles=["owner"])
    user = identity.create_user(draft.email, draft.password)
    found = store.find(user.id)
    if found and found.kind != "staff":
        raise EmailTaken()
    # Whoever came in by the old password is out.
    mended = {
        "name": draft.name,
        "roles": ["owner"],
        "stores": [],
        "merchant_id": None,
        "status": "active",
        "valid_after": clock.now(),
    }
    owner = found.but(**mended) if found else _new(user.id, draft)
    with Unit() as unit:
        owner = _save(unit, found, owner)
    identity.set_password(draft.email, draft.password)
    if found:
        clock.pause(1)  # a token tells its time to the second: the next sign-in must be in the next one
    return owner.as_staff()


def _new(caller_id: str, draft: StaffDraft) -> CallerRecord:
    said = draft.model_dump(exclude={"password"})
    return CallerRecord(caller_id=caller_id, kind="staff", **said)


def _save(unit: Unit, before: CallerRecord | None, after: CallerRecord) -> CallerRecord:
    was_owner = before is not None and before.is_owner
    if after.is_owner and not was_owner:
        unit.change(keys.STAFF_COUNT, add={"owners": 1})
    elif was_owner and not after.is_owner:
        unit.change(
            keys.STAFF_COUNT, add={"owners": -1}, only_if=[conditions.at_least("owners", 2)], otherwise=LastOwner()
        )
    return unit.save(keys.CALLER, after, otherwise=None if before else EmailTaken())
