"""Callers and the audit trail, as they are kept."""

from souk.domains.access.model.callers import AuditSearch, CallerRecord, StaffMember
from souk.kernel.audit import AuditEntry
from souk.kernel.errors import Missing
from souk.table import ask, keys, patterns


def find(caller_id: str) -> CallerRecord | None:
    return ask.find(keys.CALLER, CallerRecord, caller_id=caller_id)


def get_staff(caller_id: str) -> CallerRecord:
    """Buyers are missing here."""
    found = find(caller_id)
    if found is None or found.kind != "staff":
        raise Missing()
    return found


def staff(limit: int, position: str | None) -> tuple[list[StaffMember], str | None]:
    page = ask.ask(patterns.CALLERS, directory="staff", limit=limit, position=position)
    return page.all(keys.CALLER, StaffMember), page.position


def audit(wanted: AuditSearch, limit: int, position: str | None) -> tuple[list[AuditEntry], str | None]:
    """Newest first."""
    pattern = patterns.AUDIT_OF_SUBJECT if wanted.subject else patterns.AUDIT_OF_ACTOR
    of = {"subject": wanted.subject, "by": wanted.actor}
    page = ask.ask(pattern, limit=limit, position=position, since=wanted.since, until=wanted.until, **of)
    return (page.whole() if pattern.index else page).all(keys.AUDIT_ENTRY, AuditEntry), page.position
