"""A working day of head office: every command that staff have, one after the other."""

from souk.domains.access.model.callers import CallerRecord
from souk.kernel import kept
from souk.table import keys
from souk.table.unit import Unit
from tests.support import bills, files, merchants, settlements
from tests.support.desk import Desk
from tests.support.market import ADDRESS, COLOURS, CONTACT, INES, RENT, STORE, STRAY, draft, text
from tests.support.people import PASSWORD
from tests.support.pictures import DRAWING, taken
from tests.support.shop import START

LATE = {"reason": "late"}
REASON, SAID = {"reason": "as agreed"}, {"text": "as agreed"}
RITA = {"email": "rita@souk.example", "name": "Rita Lopes", "roles": ["service"], "stores": []}
PERSONAL = [*CONTACT.values(), ADDRESS["name"], ADDRESS["street"], "rita@", "Rita L", PASSWORD]


def work_a_day(desk: Desk) -> None:
    """Each command at least once."""
    store_id = _furnish(desk)
    _sell(desk, store_id)
    _sell_in_store(desk)
    _look_after(desk)
    _take_back(desk)
    _promote(desk, store_id)
    _keep_books(desk)
    _let_in(desk)
    _appoint(desk)


def _furnish(desk: Desk) -> str:
    """The store and its goods; answers the store."""
    store_id = str(desk.send("POST /staff/stores", STORE)["store_id"])
    desk.send("PUT /staff/stores/{store_id}", STORE | {"rank": 7, "version": 1}, store_id=store_id)
    desk.send("POST /staff/stores/push", {"values": {"daily_orders": 90}, "conflicts": "keep", "store_ids": [store_id]})
    clerk = desk.shop.staff("stores.write", stores=(store_id,))
    own = STORE | {"rank": 7, "daily_orders": 5, "version": 3}
    desk.shop.put(f"/staff/stores/{store_id}", own, as_=clerk).ok()
    desk.send("DELETE /staff/stores/{store_id}/own/{field}", store_id=store_id, field="daily_orders")
    desk.send("PUT /staff/settings", {"confirm_by_hand": True, "version": 0})
    kept.forget_all()
    category_id = str(desk.send("POST /staff/categories", {"name": text("Tea")})["category_id"])
    desk.send("PUT /staff/categories/{category_id}", {"name": text("Teas"), "version": 1}, category_id=category_id)
    pot = str(desk.send("POST /staff/products", draft(category_id, code="POT"))["product_id"])
    edit = {"version": 1, "name": text("Kettle"), "category_id": category_id, "description": text("Iron. " * 90)}
    desk.send("PUT /staff/products/{product_id}", edit, product_id=pot)
    price = {"version": 1, "price_minor": 6100}
    desk.send("PATCH /staff/products/{product_id}/skus/{sku}", price, product_id=pot, sku="POT")
    lamp = str(desk.market.product(category_id, "Lamp", code="LAMP", options=[COLOURS])["product_id"])
    values = "/staff/products/{product_id}/options/{option}/values"
    red = {"version": 1, "value": {"code": "red", "name": text("Red")}, "price_minor": 900}
    desk.send(f"POST {values}", red, product_id=lamp, option="colour")
    desk.send(f"DELETE {values}/{{value}}", product_id=lamp, option="colour", value="red", version="2")
    listing = "/staff/listings/{product_id}"
    desk.send(f"PUT {listing}/schedule", {"list_at": "2026-12-01T00:00:00Z"}, product_id=pot)
    desk.send(f"DELETE {listing}/schedule", product_id=pot)
    desk.send(f"POST {listing}/list", product_id=pot)
    desk.send(f"PUT {listing}/sold-out", {"sold_out": "keep"}, product_id=pot)
    desk.send(f"POST {listing}/delist", REASON, product_id=pot)
    for product_id in (pot, lamp):
        desk.market.put_on_shelf(product_id)
    _describe(desk, pot)
    desk.send("POST /staff/listings/delist", REASON | {"product_ids": [pot, lamp]}, subjects=2)
    desk.send("DELETE /staff/products/{product_id}", product_id=lamp)
    desk.market.goods({"CUP": 1000}, {store_id: 90})
    document = {"kind": "receipt", "store_id": store_id, "reference": "IN-7", "lines": [{"sku": "POT", "units": 5}]}
    posted = desk.send("POST /staff/stock-documents", document)
    desk.send("POST /staff/stock-documents/{document_id}/void", document_id=posted["document_id"])
    alert = {"threshold": 3, "version": 0}
    desk.send("PUT /staff/stock/{sku}/{store_id}", alert, sku="CUP", store_id=store_id)
    _restock(desk, store_id)
    return store_id


def _restock(desk: Desk, store_id: str) -> None:
    """What is put right, sent away, ordered and counted."""
    here, cups = {"store_id": store_id}, {"lines": [{"sku": "CUP", "units": 1}], "due": "2026-11-20"}
    found = {"reference": "ADJ-1", "reason": "found", "lines": [{"sku": "CUP", "delta": 1}]}
    desk.send("POST /staff/stock-documents/adjustments", found | here)
    depot_id = desk.market.store("Depot", serves=["SE"])
    sent = cups | {"lines": [{"sku": "CUP", "units": 3}], "reference": "TR-1"}
    sent |= {"from_store_id": store_id, "store_id": depot_id}
    made = desk.send("POST /staff/transfers", sent)
    for how in ("receive", "return", "write-off"):
        settled = {"reference": how, "lines": cups["lines"], "note": "as agreed"}
        desk.send(f"POST /staff/transfers/{{transfer_id}}/{how}", settled, transfer_id=made["transfer_id"])
    ordered = {"reference": "PO-1", "supplier": "Kilns & Sons", "lines": [{"sku": "CUP", "units": 2}]}
    made = desk.send("POST /staff/purchases", cups | here | ordered)
    arrived = {"reference": "D-1", "lines": cups["lines"]}
    desk.send("POST /staff/purchases/{purchase_id}/receive", arrived, purchase_id=made["purchase_id"])
    desk.send("POST /staff/purchases/{purchase_id}/cancel", purchase_id=made["purchase_id"])
    opened = desk.send("POST /staff/stocktakes", here | {"reference": "ST-1"})
    desk.shop.drain()
    counted = {"reference": "C-1", "lines": [{"sku": "CUP", "counted": 90}]}
    desk.send("POST /staff/stocktakes/{stocktake_id}/counts", counted, stocktake_id=opened["stocktake_id"])
    desk.send("POST /staff/stocktakes/{stocktake_id}/post", stocktake_id=opened["stocktake_id"])
    given_up = desk.shop.post("/staff/stocktakes", here | {"reference": "ST-2"}, as_=desk.shop.boss).ok()
    desk.send("POST /staff/stocktakes/{stocktake_id}/cancel", stocktake_id=given_up["stocktake_id"])


def _describe(desk: Desk, product_id: str) -> None:
    """Types, pictures, and a file of more products."""
    attribute = {"code": "cups", "name": text("Cups"), "kind": "integer"}
    made = desk.send("POST /staff/product-types", {"name": text("Pots"), "attributes": [attribute]})
    edit = {"name": text("Teapots"), "attributes": [attribute], "version": 1}
    desk.send("PUT /staff/product-types/{type_id}", edit, type_id=made["type_id"])
    media, picture = "/staff/products/{product_id}/media", taken(DRAWING)
    upload = {"content_type": "image/png", "bytes": len(picture), "name": "pot.png"}
    ticket = desk.send(f"POST {media}/uploads", upload, product_id=product_id).ok()
    files.send_up(ticket, picture)
    attachment = {"upload_id": ticket["upload_id"], "role": "outer"}
    (medium,) = desk.send(f"POST {media}", attachment, product_id=product_id)["items"]
    names = {"product_id": product_id, "media_id": medium["media_id"]}
    desk.send(f"PUT {media}/{{media_id}}", {"role": "inner", "position": 0}, **names)
    desk.send(f"DELETE {media}/{{media_id}}", **names)
    desk.send("POST /staff/imports", {"format": "csv", "bytes": 99})


def _sell(desk: Desk, store_id: str) -> None:
    """Orders in every state, and what the store was told of them."""
    market, order = desk.market, "/staff/orders/{order_id}"
    wanted = [{"sku": "CUP", "quantity": 2, "unit_price_minor": 900}]
    assisted = {"buyer_id": INES.id, "address": ADDRESS, "contact": CONTACT, "lines": wanted, **REASON}
    desk.send("POST /staff/assisted-orders", assisted, key="telephone-1")
    handling, other = "POST /staff/handling/{order_id}", market.store("Souk Baixa")
    market.receive(other, {"CUP": 9})
    order_id = market.paid({"CUP": 2})
    desk.send(f"{handling}/decline", REASON | {"store_id": store_id}, order_id=order_id)
    desk.send(f"{handling}/assign", REASON | {"store_id": store_id}, order_id=order_id)
    desk.send("POST /staff/settings/rollback", {"version": 0})
    kept.forget_all()
    desk.send(f"POST {order}/redrive", order_id=order_id)
    desk.send(f"POST {order}/confirm", order_id=order_id)
    desk.send("POST /staff/picks/{order_id}/picked", order_id=order_id)
    tracking = {"carrier": "other", "tracking_number": "PP-1"}
    shipment = desk.send("POST /staff/shipments", tracking | {"order_id": order_id, "units": {"CUP": 2}})
    corrected = tracking | {"tracking_number": "PP-2", "version": 1}
    names = {"order_id": order_id, "shipment_id": shipment["shipment_id"]}
    desk.send("PUT /staff/shipments/{order_id}/{shipment_id}", corrected, **names)
    desk.send(f"POST {order}/received", order_id=order_id)
    desk.send(f"POST {order}/complete", order_id=order_id)
    desk.send(f"POST {order}/cancel", REASON, order_id=market.laid_out({"CUP": 1}))
    parts = [{"store_id": other, "units": {"CUP": 1}}]
    whole = desk.send(f"{handling}/split", REASON | {"parts": parts}, subjects=3, order_id=market.laid_out({"CUP": 3}))
    alike = [market.paid({"CUP": 1}), whole["became"][0]["order_id"]]
    desk.send("POST /staff/handling/merge", REASON | {"order_ids": alike}, subjects=3)
    _find_short(desk, market.laid_out({"CUP": 2}))
    numbers = [market.order(market.laid_out({"CUP": 1}))["number"] for _ in range(2)]
    parcel = {"carrier": "other", "units": {"CUP": 1}}
    rows = [parcel | {"number": number, "tracking_number": f"B-{number[-4:]}"} for number in numbers]
    desk.send("POST /staff/shipments/batch", {"rows": rows}, subjects=2)
    desk.shop.drain()
    message = desk.shop.get("/staff/messages", as_=desk.shop.boss, store_id=store_id)["items"][0]
    names = {"message_id": message["message_id"], "store_id": store_id}
    desk.send("POST /staff/messages/{message_id}/read", **names)
    desk.send("POST /staff/messages/read", store_id=store_id)


def _find_short(desk: Desk, order_id: str) -> None:
    """Goods that are missing, and a mail to a store that did not go out: it has no address."""
    shop, shortages = desk.shop, "/staff/shortages/{order_id}"
    said = {"reference": "S-1", "sku": "CUP", "units": 1, **REASON}
    (found,) = desk.send(f"POST {shortages}", said, order_id=order_id)["shortages"]
    names = {"order_id": order_id, "shortage_id": found["shortage_id"]}
    desk.send(f"POST {shortages}/{{shortage_id}}", {"choice": "refund"}, **names)
    version = shop.get("/staff/settings", as_=shop.boss)["version"]
    rule = {"topic": "order_to_prepare", "channels": ["mail"]}
    shop.put("/staff/settings", {"outward": [rule], "version": version}, as_=shop.boss).ok()
    kept.forget_all()
    shop.drain()
    failed = next(one for one in shop.rows("Delivery") if one["status"] == "failed")
    names = {name: failed[name] for name in ("subject", "message_id", "channel")}
    desk.send("POST /staff/deliveries/{subject}/{message_id}/{channel}/again", **names)


def _sell_in_store(desk: Desk) -> None:
    """Goods that are fetched, sold at the till, and brought back."""
    market, store_id = desk.market, desk.market.store("Souk Alfama", pickup=True)
    market.receive(store_id, {"CUP": 9})
    order_id = market.pickup({"CUP": 1}, store_id)
    for step, said in (("ready", None), ("code", None), ("hand-out", REASON | {"store_id": store_id})):
        desk.send(f"POST /staff/pickups/{{order_id}}/{step}", said, order_id=order_id)
    sale = {"store_id": store_id, "lines": [{"sku": "CUP", "quantity": 1}], "paid_by": "cash"}
    sale |= {"total_minor": market.order(order_id)["total_minor"]}
    sold, offline = desk.send("POST /staff/sales", sale | {"sale_id": "1"}), {"sold_at": f"{START:%FT%TZ}"}
    desk.send("POST /staff/sales/batch", {"sales": [sale | offline | {"sale_id": n} for n in "23"]}, subjects=2)
    brought = {"return_id": "1", "store_id": store_id, "order_id": sold["order_id"], "condition": "restock"}
    desk.send("POST /staff/returns", brought | {"lines": sale["lines"]})


def _look_after(desk: Desk) -> None:
    """Orders that are reviewed, set right and printed before they leave; the shop itself does nothing to them."""
    market, handling = desk.market, "POST /staff/handling/{order_id}"
    market.set_up(review_above_minor=0, confirm_by_hand=True)
    approved, rejected = (market.laid_out({"CUP": 1}) for _ in range(2))
    desk.send(f"{handling}/approve", order_id=approved)
    desk.send(f"{handling}/reject", REASON, order_id=rejected)
    market.set_up(review_above_minor=None, confirm_by_hand=False)
    correction = {"version": market.order(approved)["version"], "contact": CONTACT | {"name": "I. C."}, **REASON}
    desk.send(f"{handling}/correct", correction, order_id=approved)
    desk.send(f"{handling}/ask", SAID, order_id=approved)
    market.lay_out(approved)
    desk.send("POST /staff/packing-slips/{order_id}", order_id=approved)


def _take_back(desk: Desk) -> None:
    """Money back: asked about, refused, granted, and sent again where the bank did not take it."""
    market, case = desk.market, "/staff/refunds/{case_id}"
    placed = market.checkout({"CUP": 9})
    market.pay(placed, "pm_card_refundFail")
    market.hear()
    order_id = str(placed["order"]["order_id"])
    market.prepare(order_id)
    market.ship(order_id)
    case_id = desk.case(order_id)
    desk.send(f"POST {case}/ask", SAID, case_id=case_id)
    desk.send(f"POST {case}/reject", SAID, case_id=case_id)
    asked = desk.send("POST /staff/refunds", {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": 1}], **LATE})
    desk.send(f"POST {case}/approve", case_id=asked["case_id"])
    desk.shop.drain()
    desk.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    market.hear()
    (refund,) = (one for one in desk.shop.rows("Refund") if one["status"] == "voided")
    names = {"order_id": order_id, "refund_id": refund["refund_id"]}
    desk.send("POST /staff/payments/{order_id}/refunds/{refund_id}/retry", **names)
    given = {"reference": "G-1", "amount_minor": 1, **REASON}
    desk.send("POST /staff/payments/{order_id}/refunds", given, order_id=order_id)
    _take_in(desk, order_id)
    _answer_banks(desk)


def _answer_banks(desk: Desk) -> None:
    """One is told why the payment was right, and the other is given in to."""
    for verb, said in (("evidence", SAID), ("accept", None)):
        order_id = desk.market.buy({"CUP": 1})
        charge = desk.market.stripe.objects("charge")[-1]
        opened = desk.market.stripe.control(f"charges/{charge['id']}/dispute")
        desk.market.hear()
        names = {"order_id": order_id, "dispute_id": opened["id"]}
        desk.send(f"POST /staff/disputes/{{order_id}}/{{dispute_id}}/{verb}", said, **names)


def _take_in(desk: Desk, order_id: str) -> None:
    """Goods that are sent back: approved, received, found to be wrong, sent back; and given up."""
    path, store_id = "/staff/returns/{case_id}", desk.market.order(order_id)["store_id"]
    case_id = desk.case(order_id, kind="return")
    desk.shop.post(f"/staff/refunds/{case_id}/approve", as_=desk.shop.boss).ok()
    desk.send(f"POST {path}/receive", {"store_id": store_id}, case_id=case_id)
    wrong = {"sku": "CUP", "quantity": 1, "outcome": "wrong_item"}
    desk.send(f"POST {path}/inspect", {"lines": [wrong]}, case_id=case_id)
    desk.send(f"POST {path}/send-back", {"carrier": "other", "tracking_number": "BACK-1"}, case_id=case_id)
    given_up = desk.case(order_id, kind="return")
    desk.shop.post(f"/staff/refunds/{given_up}/approve", as_=desk.shop.boss).ok()
    desk.send("POST /staff/refunds/{case_id}/close", SAID, case_id=given_up)


def _promote(desk: Desk, store_id: str) -> None:
    """Flash sales, and who goes first in them."""
    times = {"starts_at": "2026-12-01T10:00:00Z", "ends_at": "2026-12-01T11:00:00Z"}
    terms = {"price_minor": 500, "units": 3, "per_buyer": 1, "shards": 2, **times}
    wanted = terms | {"store_id": store_id, "sku": "CUP", "reference": "ADVENT"}
    sale_id = str(desk.send("POST /staff/flash-sales", wanted)["sale_id"])
    desk.send("PUT /staff/flash-sales/{sale_id}", terms | {"price_minor": 400, "version": 1}, sale_id=sale_id)
    for verb in ("schedule", "end"):
        desk.send(f"POST /staff/flash-sales/{{sale_id}}/{verb}", sale_id=sale_id)
    clearance = {"store_id": store_id, "reference": "OUT", "skus": ["CUP"], "discount_basis_points": 5000, **times}
    desk.send("POST /staff/clearance", clearance)
    member = CallerRecord(caller_id=INES.id, kind="member")
    with Unit() as unit:
        unit.add(keys.CALLER, member)
    desk.send("PUT /staff/tiers/{member_id}", {"tier": 5}, member_id=INES.id)
    given = {"reference": "W-1", "currency": "EUR", "amount_minor": 100} | REASON
    desk.send("POST /staff/wallets/{member_id}/corrections", given, member_id=INES.id)
    paid_out = {"bank_reference": "OUT-1", "currency": "EUR", "amount_minor": 40} | REASON
    desk.send("POST /staff/wallets/{member_id}/payouts", paid_out, member_id=INES.id)


def _keep_books(desk: Desk) -> None:
    voucher_id = str(desk.send("POST /staff/ledger/vouchers", RENT)["voucher_id"])
    desk.send("POST /staff/ledger/vouchers/{voucher_id}/void", voucher_id=voucher_id)
    _look_after_bank(desk)
    desk.send("POST /staff/rates", {"rates": {"JPY": "181.55"}})
    files.make_queues()
    bill = {"provider": "stripe", "day": "2026-11-01", "bytes": 99}
    bill_id = str(desk.send("POST /staff/bills", bill)["bill_id"])
    path, task = "POST /staff/differences/{bill_id}/{difference_id}", bills.differing(desk.shop)["difference_id"]
    desk.send(f"{path}/assign", {"owner": "rita"}, bill_id=bill_id, difference_id=task)
    desk.send(f"{path}/resolve", REASON, bill_id=bill_id, difference_id=task)
    desk.send("POST /staff/bills/{bill_id}/compare", bill_id=bill_id)
    desk.send("POST /staff/ledger/periods/{month}/close", month="2026-09")
    _settle(desk)


def _settle(desk: Desk) -> None:
    """With a merchant whose sales of September can be closed."""
    merchant_id = merchants.trader(desk.market, "Kilns").merchant_id
    settlements.begin(merchant_id, "2026-09")
    rule = {"reference": "FEE-1", "from_day": "2026-12-01", "currency": "EUR", "basis_points": 500}
    desk.send("POST /staff/fee-rules", rule)
    given = {"reference": "ADJ-1", "currency": "EUR", "amount_minor": 100} | REASON
    path = "POST /staff/settlements/{merchant_id}"
    desk.send(f"{path}/adjustments", given, merchant_id=merchant_id)
    for verb, said in (("close", None), ("payout", settlements.PAYOUT)):
        route = f"{path}/{{month}}/{{currency}}/{verb}"
        desk.send(route, said, merchant_id=merchant_id, month="2026-09", currency="EUR")


def _look_after_bank(desk: Desk) -> None:
    """Money that came and is too little for its order, with which it goes back, or that belongs to nobody."""
    path, sent = "/staff/bank-transfers", {"bank_reference": "OUT-1"}
    stray = desk.send(f"POST {path}", STRAY)["transfer_id"]
    order_id = desk.market.place({"CUP": 1})
    number = {"number": desk.market.order(order_id)["number"]}
    desk.send(f"POST {path}/{{transfer_id}}/match", number, transfer_id=stray)
    desk.market.cancel(order_id).ok()
    (refund,) = desk.shop.get(f"{path}/refunds", as_=desk.shop.boss).ok()["items"]
    names = {"order_id": order_id, "refund_id": refund["refund_id"]}
    desk.send(f"POST {path}/refunds/{{order_id}}/{{refund_id}}/sent", sent, **names)
    statement = "bank_reference,received_on,amount,currency\nST-9,2026-11-02,7.00,EUR"
    (line,) = desk.send(f"POST {path}/statement", {"csv": statement})["items"]
    transfer_id = line["transfer"]["transfer_id"]
    desk.send(f"POST {path}/{{transfer_id}}/send-back", sent, transfer_id=transfer_id)


def _let_in(desk: Desk) -> None:
    merchant_id = merchants.apply(desk.shop, merchants.member("teahouse")).ok()["merchant_id"]
    decision = {"status": "active", "reason": "as agreed", "version": 1}
    desk.send("PUT /staff/merchants/{merchant_id}/status", decision, merchant_id=merchant_id)


def _appoint(desk: Desk) -> None:
    rita = desk.send("POST /staff/people", RITA | {"password": PASSWORD})
    edit = {
        "name": "Rita L.",
        "roles": ["owner"],
        "stores": [],
        "merchant_id": None,
        "status": "disabled",
        "version": 1,
    }
    desk.send("PUT /staff/people/{caller_id}", edit, caller_id=rita["caller_id"])
