"""What events are like at older API versions, of which an endpoint may be: https://docs.stripe.com/webhooks/versioning.

An event never changes: sent again days later, to whichever code, it is as it was.
"""

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.local.stripe.account import Account, Object

REFUND_EVENTS_OF_CHARGES = "2024-10-28.acacia"
CHARGES_BY_NAME = "2022-11-15"


def rendered(account: "Account", event: "Object", version: str) -> "Object | None":
    """As an endpoint of that version is sent it; None where it is sent no such event. To be asked when it happens."""
    if version < REFUND_EVENTS_OF_CHARGES and event["type"].startswith("refund."):
        # https://docs.stripe.com/changelog/acacia/2024-10-28/refund-webhook-update
        return None
    older = copy.deepcopy(event) | {"api_version": version}
    if version < CHARGES_BY_NAME:
        _list_what_was_listed(account, older["data"]["object"])
    return older


def _list_what_was_listed(account: "Account", about: "Object") -> None:
    """An intent had its latest charge, a charge its refunds: https://docs.stripe.com/changelog/2022-11-15."""
    if about["object"] == "payment_intent":
        latest = copy.deepcopy(
            [one for one in account.newest_first("charge") if one["payment_intent"] == about["id"]][:1]
        )
        for charge in latest:
            _list_what_was_listed(account, charge)
        about["charges"] = _listed(f"/v1/charges?payment_intent={about['id']}", latest)
    elif about["object"] == "charge":
        refunds = [one for one in account.newest_first("refund") if one["charge"] == about["id"]]
        about["refunds"] = _listed(f"/v1/charges/{about['id']}/refunds", copy.deepcopy(refunds))


def _listed(url: str, objects: "list[Object]") -> "Object":
    return {"object": "list", "data": objects, "has_more": False, "total_count": len(objects), "url": url}
