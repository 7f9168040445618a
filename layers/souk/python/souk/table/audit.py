"""The audit trail: who did what to a thing, written in the transaction that does it."""

from collections.abc import Mapping
from typing import Any

from souk.kernel import clock, ids
from souk.kernel.audit import AuditEntry
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.unit import Unit


def audit(
    unit: Unit,
    subject: str,
    action: str,
    by: Caller,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """`action` is a verb with its noun (`change_staff`); `before` and `after` are JSON values."""
    unit.add(
        keys.AUDIT_ENTRY,
        AuditEntry(
            subject=subject,
            entry_id=ids.new("aud"),
            at=clock.now(),
            action=action,
            by=by.id,
            by_kind=by.kind,
            request_id=by.request_id,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
            reason=reason,
        ),
    )
