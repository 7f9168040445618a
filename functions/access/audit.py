"""The audit trail of one thing, newest first, for head office."""

from souk.domains.access import store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.audit import AuditEntry
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/audit/{subject}", may="audit.read")
def read(subject: str, limit: Limit = 20, cursor: Cursor = None) -> Page[AuditEntry]:
    caller().need_store(None)
    return paged(lambda position: store.audit_of(subject, limit, position), cursor, of=f"audit of {subject}")
