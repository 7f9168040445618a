"""Which topic tells of what became of a return or of a merchant; what is not here nobody is written to of."""

RETURN_TOPICS = {
    "to_pay": "exchange_to_pay",
    "awaiting_return": "return_approved",
    "received": "return_received",
    "refunding": "return_refunded",
    "refused": "return_refused",
    "sent_back": "return_sent_back",
    "replacing": "exchange_passed",
    "replaced": "exchange_sent",
    "lapsed": "return_lapsed",
    "refunded": "return_closed",
}

# What it was, and is now.
MERCHANT_TOPICS = {
    ("applied", "asked"): "merchant_asked",
    ("applied", "active"): "merchant_approved",
    ("applied", "rejected"): "merchant_rejected",
    ("asked", "rejected"): "merchant_rejected",
    ("active", "suspended"): "merchant_suspended",
    ("suspended", "active"): "merchant_reinstated",
}
