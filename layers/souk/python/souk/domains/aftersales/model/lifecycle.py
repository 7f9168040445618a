"""The life of a case: where it may go from where it stands, who waits for it there, and where it ends."""

from typing import Literal

from souk.kernel.states import States

STATES: States = {
    "requested": {"more_asked", "approved", "rejected"},
    "more_asked": {"requested", "rejected"},
    "approved": {"refunding", "to_pay", "awaiting_return"},
    "rejected": set(),
    # The goods come back before money or other goods go out; for dearer goods the difference is paid before that.
    "to_pay": {"awaiting_return", "lapsed"},
    "awaiting_return": {"sent", "received", "lapsed"},
    "sent": {"received", "lapsed"},
    "received": {"inspected"},
    "inspected": {"refunding", "replacing", "refused", "lapsed"},
    "refused": {"sent_back"},
    "replacing": {"replaced", "refunded"},
    "lapsed": set(),
    "sent_back": set(),
    "replaced": set(),
    "refunding": {"refunded", "failed"},
    # Another refund may be sent after one that failed, and one that was posted may come back.
    "failed": {"refunding", "refunded"},
    "refunded": {"failed", "refunding"},
}
# What each waiting step of a workflow waits for the case to leave.
WAITING = {
    "AwaitReview": ("requested", "more_asked"),
    "AwaitRefund": ("approved", "refunding", "failed"),
    "AwaitParcel": ("to_pay", "awaiting_return"),
    "AwaitGoods": ("sent",),
    "AwaitInspection": ("received",),
    "AwaitSettlement": ("refunding", "failed", "refused", "replacing"),
}
# A workflow is at work on these.
WATCHED = tuple(dict.fromkeys(status for statuses in WAITING.values() for status in statuses))
# Where a case ends; money that was refunded may still come back.
ENDS = (*(status for status, after in STATES.items() if not after), "refunded")
ESCALATED = "escalated"  # in the history, of a case that has waited too long where it stood before

CaseStatus = Literal[
    "requested",
    "more_asked",
    "approved",
    "rejected",
    "to_pay",
    "awaiting_return",
    "sent",
    "received",
    "inspected",
    "refunding",
    "failed",
    "refunded",
    "refused",
    "sent_back",
    "replacing",
    "replaced",
    "lapsed",
]
