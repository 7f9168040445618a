"""Staff, for head office: appoint, list, change roles and stores, disable."""

from http import HTTPStatus

from souk.domains.access import store
from souk.domains.access.model.callers import StaffDraft, StaffEdit, StaffMember
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import staffing
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/staff/people", may="staff.write", status=HTTPStatus.CREATED)
def appoint(draft: StaffDraft) -> StaffMember:
    return staffing.appoint(draft, by=caller())


@app.get("/staff/people", may="staff.read")
def list_staff(limit: Limit = 20, cursor: Cursor = None) -> Page[StaffMember]:
    caller().need_store(None)
    return paged(lambda position: store.staff(limit, position), cursor, of="staff")


@app.get("/staff/people/{caller_id}", may="staff.read")
def read(caller_id: str) -> StaffMember:
    caller().need_store(None)
    return store.get_staff(caller_id).as_staff()


@app.put("/staff/people/{caller_id}", may="staff.write")
def change(caller_id: str, edit: StaffEdit) -> StaffMember:
    return staffing.change(caller_id, edit, by=caller())
