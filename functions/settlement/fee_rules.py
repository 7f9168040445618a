"""Fee rules: what the shop keeps of merchants' sales, from a day on."""

from http import HTTPStatus

from souk.domains.settlement.model.fees import EVERY_MERCHANT, FeeRule, FeeRuleDraft
from souk.domains.settlement.store import fees as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import fee_rules as commission
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.post("/staff/fee-rules", may="ledger.write", status=HTTPStatus.CREATED)
def make(draft: FeeRuleDraft) -> FeeRule:
    """The most specific holds: merchant and category, merchant, category, all; of those the newest that has begun."""
    return commission.make_rule(draft, by=caller())


@app.get("/staff/fee-rules", may="ledger.read")
def of_merchant(merchant_id: Id = EVERY_MERCHANT, limit: Limit = 20, cursor: Cursor = None) -> Page[FeeRule]:
    """Those of one merchant alone, or those for every merchant; the last to begin first."""
    caller().need_store(None)
    return paged(lambda position: store.rules(merchant_id, limit, position), cursor, of=f"fee rules of {merchant_id}")
