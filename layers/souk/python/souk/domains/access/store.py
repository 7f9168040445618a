"""Callers and the audit trail, as they are kept."""

from souk.domains.access.model import CallerRecord, StaffMember
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


def audit_of(subject: str, limit: int, position: str | None) -> tuple[list[AuditEntry], str | None]:
    page = ask.ask(patterns.AUDIT, subject=subject, limit=limit, position=position)
    return page.all(keys.AUDIT_ENTRY, AuditEntry), page.position
