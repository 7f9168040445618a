"""The audit trail, for head office: what was done to something, or what somebody did."""

from datetime import date
from typing import Annotated

from souk.domains.access.model.callers import AuditName, AuditSearch
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import audit_trail
from souk.kernel.audit import AuditEntry
from souk.kernel.page import Page
from souk.kernel.shapes import Date

app, handler = http_api()

_EARLIEST, _LATEST = date(1970, 1, 1), date(2999, 12, 31)
Subject = Annotated[AuditName | None, Query(description="The id of what was changed: an order, a product, `settings`")]
Actor = Annotated[AuditName | None, Query(description="The id of who did it; `system:` and its name for a task")]
First = Annotated[Date, Query(alias="from", ge=_EARLIEST, le=_LATEST, description="First day, UTC")]
Last = Annotated[Date, Query(alias="to", ge=_EARLIEST, le=_LATEST, description="Last day, UTC, included")]


@app.get("/staff/audit", may="audit.read")
def search(
    subject: Subject = None,
    actor: Actor = None,
    first: First = _EARLIEST,
    last: Last = _LATEST,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[AuditEntry]:
    """By a subject or by an actor, newest first."""
    caller().need_store(None)
    wanted = AuditSearch(subject=subject, actor=actor, first=first, last=last)
    wanted.check()
    return paged(lambda position: audit_trail.search(wanted, limit, position), cursor, of=f"audit {wanted}")
