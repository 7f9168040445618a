"""One line of the audit trail."""

from datetime import datetime
from typing import Any

from souk.kernel.shapes import Noun


class AuditEntry(Noun):
    """One change; `subject` is the id of what was changed, `before` and `after` are its fields that matter."""

    subject: str
    entry_id: str
    at: datetime
    action: str
    by: str
    by_kind: str
    request_id: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str | None = None
