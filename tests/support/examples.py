"""One example for every route: a request that it takes, and whose thing the request names.

`{...}` in a path, a query or a body is filled from a side of the fair (tests/support/fair.py). The order is that in
which they can be sent one after another: what ends a thing comes last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.market import ADDRESS, CONTACT, RENT, STORE, STRAY, draft, text

# nobody: the route names nothing, or only the caller's own. shop: the retailer's, shared by all stores.
# head office: the same for staff of all stores, and missing for staff who are bound to some or to a merchant.
# goods: one owner's, missing to other merchants' people. office: the retailer's or a merchant's own office, of all that
# is theirs; range: of goods; merchant: of the merchant.
Whose = Literal["nobody", "buyer", "store", "shop", "goods", "range", "office", "merchant", "head office"]


@dataclass(frozen=True, eq=False)
class Example:
    """`absent` and `foreign` are the statuses where the thing is not there, or is there for others only.

    `names` says which field of a side stands in for a parameter, where it is not the one of the same name.
    """

    whose: Whose = "nobody"
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    absent: int = 404
    foreign: int = 404


def of_order(name: str, body: Any = None, whose: Whose = "store") -> Example:
    """Speaks of the order that is in the state it needs."""
    return Example(whose, body, names={"order_id": name})


def of_transfer(body: Any = None) -> Example:
    """Speaks of money that came, and not of goods that went."""
    return Example("head office", body, names={"transfer_id": "stray_id"})


APPLICATION = {
    "name": "Teahouse",
    "legal_name": "Teahouse Lda",
    "registration_number": "501 442 600",
    "address": ADDRESS,
    "contact": CONTACT,
    "documents": ["{licence_id}"],
}
LINES = [{"sku": "{sku}", "quantity": 1}]
STATEMENT = "bank_reference,received_on,amount,currency\nST-9,2026-11-02,7.00,EUR"
SENT_BACK = {"bank_reference": "OUT-7"}
REASON, SAID = {"reason": "as agreed"}, {"text": "as agreed"}
CORRECTION = {"version": 9, "contact": CONTACT} | REASON
SAVED = {"address": ADDRESS | {"name": "{buyer}"}, "default": True}
CHECKOUT = {"lines": LINES, "quote_id": "0" * 32, "contact": CONTACT}
AGREED = {"method_id": "{method_id}", "charge_limit_minor": 3000, "day_limit_minor": 5000, "terms_version": "1"}
TRACKING = {"carrier": "other", "tracking_number": "T-{mark}"}
INSPECTED = {"sku": "{sku}", "quantity": 1, "outcome": "pass", "condition": "restock"}
PARCEL = TRACKING | {"units": {"{sku}": 2, "{pot}": 1}}
STAFF = {"name": "Ana Reis", "roles": ["service"], "stores": ["{store_id}"]}
SIGN_UP = {"email": "new@example.com", "password": "Correct-horse-7-battery"}
PICTURE = {"content_type": "image/png", "bytes": 108, "name": "scarf.png"}
TYPE = {"name": text("Pots"), "attributes": [{"code": "glaze", "name": text("Glaze"), "kind": "text"}]}
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}
AT_STORE = {"store_id": "{store_id}"}
UNITS = {"lines": [{"sku": "{sku}", "units": 1}]}
ARRIVAL = UNITS | {"reference": "D-9"}
SENT = {"from_store_id": "{store_id}", "store_id": "{depot_id}", "reference": "TR-9", "due": "2026-12-01"}
BOUGHT = {"supplier": "Kilns & Sons", "reference": "PO-9", "due": "2026-12-01"}
ADJUSTED = {"reference": "ADJ-9", "reason": "found", "lines": [{"sku": "{sku}", "delta": 1}]}
COUNTED = {"reference": "C-9", "lines": [{"sku": "{sku}", "counted": 500}]}
SALE = {"sale_id": "S-{mark}", "lines": LINES, "total_minor": 1000, "paid_by": "cash"} | AT_STORE
WINDOW = {"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-02T00:00:00Z"}
TERMS = {"price_minor": 700, "units": 5, "per_buyer": 2, "shards": 4} | WINDOW

EXAMPLES: dict[str, tuple[Example, ...]] = {
    # -- everybody
    "GET /shop/categories": (Example(),),
    "GET /shop/categories/{category_id}/products": (Example("shop"),),
    "GET /shop/products/{product_id}": (Example("shop"),),
    "GET /shop/stores": (Example(), Example(query={"near": "38.71,-9.14", "sku": "{sku}"})),
    "GET /shop/info": (Example(),),
    "GET /shop/after-sales-policy": (Example(), Example(query={"version": "0"})),
    "GET /shop/sales": (Example(),),
    "GET /shop/sales/{sale_id}": (Example("shop"),),
    "POST /access/sign-up": (Example(body=SIGN_UP | {"name": "Nuno Dias"}),),
    "POST /access/sign-in": (Example(body=SIGN_UP),),
    "POST /access/refresh": (Example(body={"refresh_token": ""}),),
    "POST /access/guest": (Example(),),
    "POST /access/orders": (Example(body={"number": "01KAJ-6M2C-9XQ4-T7VE", "phone_tail": "0117"}),),
    "POST /access/sign-out": (Example(),),
    "POST /hooks/stripe": (Example(body={}),),
    "POST /hooks/wechat-pay": (Example(body={}),),
    "POST /hooks/alipay": (Example(body={}),),
    # -- a buyer
    "GET /me/addresses": (Example(),),
    "POST /me/addresses": (Example(body=SAVED),),
    "GET /me/addresses/{address_id}": (Example("buyer"),),
    "PUT /me/addresses/{address_id}": (Example("buyer", SAVED),),
    "GET /me/profile": (Example(),),
    "GET /me/profile/history": (Example(),),
    "PATCH /me/profile": (Example(body={"nickname": "Nia"}),),
    "PUT /me/profile/email": (Example(body={"email": "nia@example.com"}),),
    "POST /me/profile/email/confirm": (Example(body={"code": "000000"}),),
    "PUT /me/profile/phone": (Example(body={"phone": "+351 910 000 118"}),),
    "POST /me/profile/phone/confirm": (Example(body={"code": "000000"}),),
    "POST /me/profile/avatar/uploads": (Example(body={"content_type": "image/jpeg", "bytes": 108}),),
    "PUT /me/profile/avatar": (Example("buyer", {"upload_id": "{photo_id}"}),),
    "DELETE /me/profile/avatar": (Example(),),
    "POST /me/merchant-application/uploads": (Example(body={"content_type": "application/pdf", "bytes": 108}),),
    "POST /me/merchant-application": (Example("buyer", APPLICATION),),
    "GET /me/merchant-application": (Example(),),
    "GET /me/merchant-application/documents/{document_id}": (Example("buyer", names={"document_id": "licence_id"}),),
    "GET /me/cart": (Example(),),
    "POST /me/cart/lines": (Example(body=LINES[0]),),
    "PUT /me/cart/lines/{sku}": (Example(body={"quantity": 2}),),
    "DELETE /me/cart/lines/{sku}": (Example(),),
    "POST /me/cart/merge": (Example(body={"guest_token": "gst_" + "0" * 32}),),
    "POST /me/quotes": (Example(body={"lines": LINES, "country": "PT"}),),
    "POST /me/checkout": (
        Example(body=CHECKOUT | {"address": ADDRESS}),
        Example("buyer", CHECKOUT | {"address_id": "{address_id}"}),
    ),
    "POST /me/sales/{sale_id}/quotes": (Example("shop", {"quantity": 1, "country": "PT"}),),
    "POST /me/sales/{sale_id}/orders": (
        Example("shop", {"quantity": 1, "quote_id": "0" * 32, "contact": CONTACT, "address": ADDRESS}),
    ),
    "GET /me/orders": (Example(),),
    "GET /me/orders/{order_id}": (Example("buyer"),),
    "GET /me/orders/by-number/{number}": (Example("buyer"),),
    "POST /me/orders/{order_id}/received": (of_order("ready_id", whose="buyer"),),
    "GET /me/payments/{order_id}": (Example("buyer"),),
    "GET /me/payments/{order_id}/methods": (Example("buyer", query={"device": "mobile"}),),
    "POST /me/payments": (Example("buyer", {"order_id": "{unpaid_id}"}),),
    "POST /me/payments/top-ups": (Example(body={"amount_minor": 100}),),
    "GET /me/payment-methods": (Example(),),
    "POST /me/payment-methods": (Example(),),
    "POST /me/payment-methods/return": (Example(),),
    "POST /me/payment-methods/{method_id}/default": (Example("buyer"),),
    "GET /me/payment-mandates": (Example(),),
    "POST /me/payment-mandates": (Example("buyer", AGREED),),
    "GET /me/payment-mandates/{mandate_id}": (Example("buyer"),),
    "POST /me/one-click-orders": (
        Example(body={"contact": CONTACT}),
        Example(
            "buyer", {"lines": LINES, "contact": CONTACT, "method_id": "{method_id}", "address_id": "{address_id}"}
        ),
    ),
    "GET /me/wallets": (Example(),),
    "GET /me/wallets/{currency}/movements": (Example(),),
    "GET /me/payment-proof": (Example(),),
    "PUT /me/payment-proof/password": (Example(body={"password": "tea-for-2", "proof": {"code": "000000"}}),),
    "POST /me/payment-proof/password/code": (Example(body={"channel": "phone"}),),
    "POST /me/payment-proof/code": (
        Example(body={"channel": "phone", "order_id": "ord_1", "amount_minor": 1, "currency": "EUR"}),
    ),
    "POST /me/payments/{order_id}/return": (of_order("unpaid_id", whose="buyer"),),
    "POST /me/orders/{order_id}/cancel": (of_order("unpaid_id", REASON, "buyer"),),
    "POST /me/shortages/{order_id}/{shortage_id}": (of_order("ready_id", {"choice": "refund"}, "buyer"),),
    "GET /me/refunds": (Example(),),
    "POST /me/refunds": (Example("buyer", {"order_id": "{order_id}", "lines": LINES, "reason": "late"}),),
    "POST /me/refunds/uploads": (Example(body={"content_type": "image/jpeg", "bytes": 108}),),
    "GET /me/refunds/{case_id}": (Example("buyer"),),
    "GET /me/refunds/{case_id}/photos/{photo_id}": (Example("buyer", names={"photo_id": "evidence_id"}),),
    "POST /me/refunds/{case_id}/answer": (Example("buyer", SAID),),
    "POST /me/refunds/{case_id}/rating": (Example("buyer", {"stars": 5}),),
    "POST /me/refunds/{case_id}/parcel": (Example("buyer", TRACKING),),
    "GET /me/messages": (Example(),),
    "GET /me/messages/unread": (Example(),),
    "POST /me/messages/{message_id}/read": (Example("buyer"),),
    "POST /me/messages/read": (Example(),),
    "DELETE /me/addresses/{address_id}": (Example("buyer"),),
    "DELETE /me/payment-mandates/{mandate_id}": (Example("buyer"),),
    "DELETE /me/payment-methods/{method_id}": (Example("buyer"),),
    # -- staff: the retailer's own
    "GET /staff/categories": (Example(),),
    "POST /staff/categories": (Example("head office", {"name": text("Fair")}),),
    "GET /staff/categories/{category_id}": (Example("shop"),),
    "PUT /staff/categories/{category_id}": (Example("head office", {"name": text("Goods"), "version": 9}),),
    "GET /staff/products": (Example(),),
    "POST /staff/products": (Example("office", draft("{category_id}")),),
    "GET /staff/products/{product_id}": (Example("goods"),),
    "PUT /staff/products/{product_id}": (
        Example("range", {"name": text("Cup"), "category_id": "{category_id}", "version": 9}),
    ),
    "PATCH /staff/products/{product_id}/skus/{sku}": (
        Example("range", {"version": 9, "price_minor": 1000}, names={"sku": "choice"}),
    ),
    "POST /staff/products/{product_id}/options/{option}/values": (
        Example("range", {"version": 1, "value": {"code": "indigo", "name": text("Indigo")}}),
    ),
    "DELETE /staff/products/{product_id}/options/{option}/values/{value}": (Example("range", query={"version": "1"}),),
    "GET /staff/products/{product_id}/media": (Example("goods"),),
    "POST /staff/products/{product_id}/media/uploads": (Example("range", PICTURE),),
    "POST /staff/products/{product_id}/media": (Example("range", {"upload_id": "{upload_id}", "role": "scene"}),),
    "PUT /staff/products/{product_id}/media/{media_id}": (Example("range", {"role": "inner", "position": 0}),),
    "DELETE /staff/products/{product_id}/media/{media_id}": (Example("range"),),
    "GET /staff/product-types": (Example(),),
    "POST /staff/product-types": (Example("head office", TYPE),),
    "GET /staff/product-types/{type_id}": (Example("shop"),),
    "PUT /staff/product-types/{type_id}": (Example("head office", TYPE | {"version": 9}),),
    "GET /staff/imports/template": (Example(),),
    "POST /staff/imports": (Example("head office", {"format": "csv", "bytes": 100}),),
    "GET /staff/imports/{import_id}": (Example("head office"),),
    "GET /staff/imports/{import_id}/rows": (Example("head office"),),
    "GET /staff/listings/{product_id}": (Example("goods"),),
    "GET /staff/listings/{product_id}/history": (Example("goods"),),
    "PUT /staff/listings/{product_id}/schedule": (Example("range", {"list_at": "2026-12-01T00:00:00Z"}),),
    "DELETE /staff/listings/{product_id}/schedule": (Example("range"),),
    "PUT /staff/listings/{product_id}/sold-out": (Example("range", {"sold_out": None}),),
    "POST /staff/listings/{product_id}/list": (Example("range", {}),),
    "POST /staff/listings/{product_id}/delist": (Example("range", REASON),),
    # Each product is answered for itself.
    "POST /staff/listings/delist": (Example("office", {"product_ids": ["{product_id}"]} | REASON),),
    "DELETE /staff/products/{product_id}": (Example("range"),),
    "GET /staff/merchants": (Example("head office"),),
    "GET /staff/merchants/{merchant_id}": (Example("merchant"),),
    "GET /staff/merchants/{merchant_id}/documents/{document_id}": (
        Example("merchant", names={"document_id": "licence_id"}),
    ),
    "PUT /staff/merchants/{merchant_id}/status": (
        Example("head office", {"status": "suspended", "version": 9} | REASON),
    ),
    "GET /staff/settings": (Example("head office"),),
    "PUT /staff/settings": (Example("head office", {"version": 9}),),
    "GET /staff/settings/history": (Example("head office"),),
    "POST /staff/settings/rollback": (Example("head office", {"version": 0}),),
    "GET /staff/people": (Example("head office"),),
    "POST /staff/people": (Example("head office", STAFF | SIGN_UP),),
    "GET /staff/people/{caller_id}": (Example("head office"),),
    "PUT /staff/people/{caller_id}": (
        Example("head office", STAFF | {"merchant_id": None, "status": "active", "version": 9}),
    ),
    "GET /staff/audit": (Example("head office", query={"subject": "{order_id}"}, absent=200),),
    "GET /staff/tiers/{member_id}": (Example("head office"),),
    "PUT /staff/tiers/{member_id}": (Example("head office", {"tier": 3}),),
    # -- staff: a store's
    "GET /staff/stores": (Example(),),
    "POST /staff/stores": (Example("head office", STORE),),
    "POST /staff/stores/push": (Example("head office", {"values": {"daily_orders": 900}, "conflicts": "keep"}),),
    "GET /staff/stores/{store_id}": (Example("store"),),
    "PUT /staff/stores/{store_id}": (Example("store", STORE | {"version": 9}),),
    "DELETE /staff/stores/{store_id}/own/{field}": (Example("store"),),
    "GET /staff/stock": (Example("store", query=AT_STORE, absent=200),),
    "GET /staff/stock/{sku}": (Example(),),
    "GET /staff/stock/{sku}/{store_id}": (Example("store"),),
    "PUT /staff/stock/{sku}/{store_id}": (Example("store", {"threshold": 3, "version": 0}),),
    "GET /staff/stock/{sku}/{store_id}/entries": (Example("store", absent=200),),
    "GET /staff/stock/{sku}/{store_id}/orders": (Example("store"),),
    "GET /staff/stock-documents": (Example("store", query=AT_STORE, absent=200),),
    "POST /staff/stock-documents": (
        Example("store", {"kind": "receipt", "reference": "IN-9", "lines": [{"sku": "{sku}", "units": 1}], **AT_STORE}),
    ),
    "POST /staff/stock-documents/adjustments": (Example("store", ADJUSTED | AT_STORE),),
    "GET /staff/stock-documents/{document_id}": (Example("store"),),
    "POST /staff/stock-documents/{document_id}/void": (Example("store"),),
    "GET /staff/transfers": (Example("store", query=AT_STORE, absent=200),),
    "POST /staff/transfers": (Example("store", SENT | UNITS),),
    "GET /staff/transfers/{transfer_id}": (Example("store"),),
    "POST /staff/transfers/{transfer_id}/receive": (Example("store", ARRIVAL),),
    "POST /staff/transfers/{transfer_id}/return": (Example("store", ARRIVAL, names={"transfer_id": "sent_id"}),),
    "POST /staff/transfers/{transfer_id}/write-off": (
        Example("store", ARRIVAL | {"reference": "D-10", "note": "as agreed"}, names={"transfer_id": "sent_id"}),
    ),
    "GET /staff/purchases": (Example("store", query=AT_STORE, absent=200),),
    "GET /staff/purchases/proposals": (Example("store", query=AT_STORE, absent=200),),
    "POST /staff/purchases": (Example("store", BOUGHT | UNITS | AT_STORE),),
    "GET /staff/purchases/{purchase_id}": (Example("store"),),
    "POST /staff/purchases/{purchase_id}/receive": (Example("store", ARRIVAL),),
    "POST /staff/purchases/{purchase_id}/cancel": (Example("store"),),
    "GET /staff/stocktakes": (Example("store", query=AT_STORE, absent=200),),
    "POST /staff/stocktakes": (Example("store", AT_STORE | {"reference": "ST-9"}),),
    "GET /staff/stocktakes/{stocktake_id}": (Example("store"),),
    "GET /staff/stocktakes/{stocktake_id}/lines": (Example("store"),),
    "POST /staff/stocktakes/{stocktake_id}/counts": (Example("store", COUNTED),),
    "POST /staff/stocktakes/{stocktake_id}/post": (Example("store"),),
    "POST /staff/stocktakes/{stocktake_id}/cancel": (Example("store"),),
    "GET /staff/orders": (Example(query={"month": "2026-11"}), Example("store", query=AT_STORE, absent=200)),
    "GET /staff/orders/waiting/{store_id}/{status}": (Example("store", absent=200),),
    "GET /staff/orders/{order_id}": (Example("store"),),
    "GET /staff/orders/by-number/{number}": (Example("store"),),
    "POST /staff/assisted-orders": (
        Example(body={"buyer_id": "mem_ana", "lines": LINES, "address": ADDRESS, "contact": CONTACT}),
    ),
    "POST /staff/orders/{order_id}/confirm": (of_order("paid_id"),),
    "POST /staff/orders/{order_id}/received": (of_order("order_id", {}),),
    "POST /staff/orders/{order_id}/complete": (of_order("order_id", {}),),
    "POST /staff/orders/{order_id}/redrive": (of_order("paid_id"),),
    "GET /staff/payments/{order_id}": (Example("store"),),
    "GET /staff/picks": (Example("store", query=AT_STORE, absent=200),),
    "GET /staff/picks/{order_id}": (of_order("ready_id"),),
    "POST /staff/picks/{order_id}/picked": (of_order("ready_id"),),
    "POST /staff/shipments": (Example("store", PARCEL | {"order_id": "{ready_id}"}),),
    # Each row of a batch is answered for itself.
    "POST /staff/shipments/batch": (
        Example("store", {"rows": [PARCEL | {"number": "{number}"}]}, absent=200, foreign=200),
    ),
    "POST /staff/packing-slips/{order_id}": (of_order("ready_id", {"units": {"{sku}": 1}}),),
    "GET /staff/shipments": (Example("store", query={"order_id": "{order_id}"}, absent=200, foreign=200),),
    "PUT /staff/shipments/{order_id}/{shipment_id}": (Example("store", TRACKING | {"version": 9}),),
    "GET /staff/handling/{order_id}": (Example("store"),),
    "GET /staff/handling/parked": (Example(),),
    "POST /staff/handling/{order_id}/correct": (of_order("ready_id", CORRECTION),),
    "POST /staff/handling/{order_id}/ask": (of_order("ready_id", SAID),),
    "POST /staff/handling/{order_id}/approve": (of_order("paid_id"),),
    "POST /staff/handling/{order_id}/reject": (of_order("paid_id", REASON),),
    "POST /staff/handling/{order_id}/decline": (of_order("paid_id", AT_STORE | REASON),),
    "POST /staff/handling/{order_id}/assign": (of_order("paid_id", AT_STORE | REASON),),
    "POST /staff/shortages/{order_id}": (
        of_order("paid_id", {"reference": "SHORT-9", "sku": "{pot}", "units": 1} | REASON),
    ),
    "POST /staff/shortages/{order_id}/{shortage_id}": (of_order("ready_id", {"choice": "refund"}),),
    "POST /staff/orders/{order_id}/cancel": (of_order("paid_id", REASON),),
    "GET /staff/pickups/{order_id}": (of_order("waiting_id"),),
    "POST /staff/pickups/{order_id}/ready": (of_order("waiting_id"),),
    "POST /staff/pickups/{order_id}/code": (of_order("waiting_id"),),
    "POST /staff/pickups/{order_id}/hand-out": (of_order("waiting_id", AT_STORE | {"code": "00000000"}),),
    "POST /staff/sales": (Example("store", SALE),),
    # Each sale of a batch is answered for itself.
    "POST /staff/sales/batch": (
        Example("store", {"sales": [SALE | {"sold_at": "2026-11-01T09:00:00Z"}]}, absent=200, foreign=200),
    ),
    "POST /staff/handling/{order_id}/split": (
        of_order("paid_id", {"parts": [AT_STORE | {"units": {"{sku}": 1}}]} | REASON),
    ),
    "POST /staff/handling/merge": (Example("store", {"order_ids": ["{paid_id}", "{ready_id}"]} | REASON),),
    "GET /staff/refunds": (Example("store", query=AT_STORE, absent=200),),
    "GET /staff/refunds/orders/{order_id}": (Example("store", absent=200, foreign=200),),
    "POST /staff/refunds": (Example("store", {"order_id": "{order_id}", "lines": LINES, "reason": "late"}),),
    "GET /staff/refunds/{case_id}": (Example("store"),),
    "GET /staff/refunds/{case_id}/photos/{photo_id}": (Example("store", names={"photo_id": "evidence_id"}),),
    "GET /staff/cases": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/cases/overdue": (Example("head office"),),
    "GET /staff/cases/export": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/cases/statistics": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/cases/satisfaction": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/cases/steps": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/cases/{case_id}/export": (Example("store"),),
    "POST /staff/refunds/{case_id}/ask": (Example("store", SAID),),
    "POST /staff/refunds/{case_id}/approve": (Example("store"),),
    "POST /staff/refunds/{case_id}/reject": (Example("store", SAID),),
    "POST /staff/refunds/{case_id}/close": (Example("store", SAID),),
    "GET /staff/disputes": (Example("store", query=AT_STORE, absent=200),),
    "GET /staff/disputes/{order_id}/{dispute_id}": (of_order("paid_id"),),
    "POST /staff/disputes/{order_id}/{dispute_id}/evidence": (of_order("paid_id", SAID),),
    "POST /staff/disputes/{order_id}/{dispute_id}/accept": (of_order("paid_id"),),
    "POST /staff/payments/{order_id}/refunds": (
        Example("store", {"reference": "G-{mark}", "amount_minor": 1} | REASON),
    ),
    "POST /staff/payments/{order_id}/refunds/{refund_id}/retry": (Example("store"),),
    "POST /staff/returns/{case_id}/receive": (Example("store", AT_STORE),),
    "POST /staff/returns/{case_id}/inspect": (Example("store", {"lines": [INSPECTED]}),),
    "POST /staff/returns/{case_id}/send-back": (Example("store", TRACKING),),
    "POST /staff/returns": (
        Example(
            "store",
            {"return_id": "R-{mark}", "order_id": "{order_id}", "lines": LINES, "condition": "scrap"} | AT_STORE,
        ),
    ),
    "GET /staff/ledger/balances": (Example("head office"),),
    "GET /staff/ledger/balances/export": (Example("head office"),),
    "GET /staff/ledger/journal/export": (Example("head office", query={"day": "2026-11-02"}),),
    "GET /staff/ledger/entries": (Example("head office", query={"day": "2026-11-02"}),),
    "GET /staff/ledger/entries/{subject}": (
        Example("head office", names={"subject": "order_id"}, absent=200, foreign=200),
    ),
    "GET /staff/ledger/vouchers": (Example("head office", query={"month": "2026-11"}),),
    "POST /staff/ledger/vouchers": (Example("head office", RENT | {"reference": "RENT-9"}),),
    "GET /staff/ledger/vouchers/{voucher_id}": (Example("head office"),),
    "POST /staff/ledger/vouchers/{voucher_id}/void": (Example("head office"),),
    "GET /staff/fee-rules": (Example("head office"),),
    "POST /staff/fee-rules": (
        Example("head office", {"reference": "FEE-9", "from_day": "2026-12-01", "currency": "EUR"}),
    ),
    "GET /staff/settlements": (Example("head office"),),
    "GET /staff/settlements/{merchant_id}": (Example("merchant"),),
    "POST /staff/settlements/{merchant_id}/adjustments": (
        Example("head office", {"reference": "ADJ-9", "currency": "EUR", "amount_minor": 1} | REASON),
    ),
    "GET /staff/settlements/{merchant_id}/{month}/{currency}": (Example("merchant"),),
    "GET /staff/settlements/{merchant_id}/{month}/{currency}/movements": (Example("merchant"),),
    "GET /staff/settlements/{merchant_id}/{month}/{currency}/export": (Example("merchant"),),
    "POST /staff/settlements/{merchant_id}/{month}/{currency}/close": (Example("head office"),),
    "POST /staff/settlements/{merchant_id}/{month}/{currency}/payout": (
        Example("head office", {"bank_account": "PT50 0002", "bank_reference": "OUT-9"}),
    ),
    "GET /staff/wallets/{member_id}": (Example("head office"),),
    "GET /staff/wallets/{member_id}/{currency}/movements": (Example("head office"),),
    "POST /staff/wallets/{member_id}/corrections": (
        Example("head office", {"reference": "W-{mark}", "currency": "EUR", "amount_minor": 1} | REASON),
    ),
    "POST /staff/wallets/{member_id}/payouts": (
        Example("head office", {"bank_reference": "OUT-{mark}", "currency": "EUR", "amount_minor": 1} | REASON),
    ),
    "GET /staff/bills": (Example("head office", query={"month": "2026-11"}),),
    "POST /staff/bills": (Example("head office", {"provider": "stripe", "day": "2026-11-01", "bytes": 99}),),
    "GET /staff/bills/{bill_id}": (Example("head office"),),
    "POST /staff/bills/{bill_id}/compare": (Example("head office"),),
    "GET /staff/bills/{bill_id}/differences": (Example("head office"),),
    "GET /staff/differences": (Example("head office", query={"provider": "stripe"}),),
    "POST /staff/differences/{bill_id}/{difference_id}/assign": (Example("head office", {"owner": "rita"}),),
    "POST /staff/differences/{bill_id}/{difference_id}/resolve": (Example("head office", REASON),),
    "GET /staff/bank-transfers": (Example("head office"),),
    "POST /staff/bank-transfers": (Example("head office", STRAY | {"bank_reference": "ST-8"}),),
    "POST /staff/bank-transfers/statement": (Example("head office", {"csv": STATEMENT}),),
    "GET /staff/bank-transfers/refunds": (Example("head office"),),
    "POST /staff/bank-transfers/refunds/{order_id}/{refund_id}/sent": (Example("head office", SENT_BACK),),
    "GET /staff/bank-transfers/{transfer_id}": (of_transfer(),),
    "POST /staff/bank-transfers/{transfer_id}/match": (of_transfer({"number": "{number}"}),),
    "POST /staff/bank-transfers/{transfer_id}/send-back": (of_transfer(SENT_BACK),),
    "GET /staff/rates": (Example(),),
    "POST /staff/rates": (Example("head office", {"rates": {"JPY": "181.55"}}),),
    "GET /staff/ledger/statements/{month}": (Example("head office", absent=200),),
    "GET /staff/ledger/statements/{month}/export": (Example("head office", absent=200),),
    "POST /staff/ledger/periods/{month}/close": (Example("head office", absent=409),),
    "GET /staff/profit/days": (Example("head office", query={"month": "2026-11"}),),
    "GET /staff/profit/products": (Example("head office", query={"month": "2026-11"}),),
    "GET /staff/profit/campaigns": (Example("head office", query={"month": "2026-11"}),),
    "GET /staff/reports/sales": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/reports/products": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/reports/regions": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/reports/owners": (Example(query=DAYS),),
    "GET /staff/reports/stock": (Example(query=DAYS), Example("store", query=DAYS | AT_STORE, absent=200)),
    "GET /staff/clearance": (Example("store", query=AT_STORE, absent=200),),
    "POST /staff/clearance": (
        Example(
            "store",
            AT_STORE | WINDOW | {"reference": "OUT-9", "skus": ["{sku}"], "discount_basis_points": 5000},
            absent=200,
        ),
    ),
    "GET /staff/flash-sales": (Example("store", query=AT_STORE, absent=200),),
    "POST /staff/flash-sales": (Example("store", AT_STORE | TERMS | {"reference": "SALE-9", "sku": "{sku}"}),),
    "GET /staff/flash-sales/{sale_id}": (Example("store"),),
    "PUT /staff/flash-sales/{sale_id}": (Example("store", TERMS | {"version": 9}),),
    "POST /staff/flash-sales/{sale_id}/schedule": (Example("store"),),
    "POST /staff/flash-sales/{sale_id}/end": (Example("store"),),
    "GET /staff/messages": (Example("store", query=AT_STORE, absent=200),),
    "GET /staff/messages/unread": (Example("store", query=AT_STORE, absent=200),),
    "POST /staff/messages/{message_id}/read": (Example("store", query=AT_STORE, names={"message_id": "notice_id"}),),
    "GET /staff/deliveries": (Example(),),
    "GET /staff/deliveries/{subject}": (Example("store", names={"subject": "order_id"}, absent=200, foreign=200),),
    "POST /staff/deliveries/{subject}/{message_id}/{channel}/again": (
        Example("store", names={"subject": "order_id", "message_id": "text_id"}),
    ),
    "POST /staff/messages/read": (Example("store", query=AT_STORE, absent=200),),
}


def filled(node: Any, side: Mapping[str, str]) -> Any:
    """The example with the side's own ids in it."""
    if isinstance(node, str):
        return node.format_map(side) if "{" in node else node
    if isinstance(node, Mapping):
        return {filled(key, side): filled(one, side) for key, one in node.items()}
    return [filled(one, side) for one in node] if isinstance(node, list | tuple) else node
