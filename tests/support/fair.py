"""A fair: two stores and two buyers who know nothing of each other, with one of everything on either side.

Our store is the retailer's, theirs a merchant's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from souk.domains.access.actions import callers
from souk.domains.access.model.callers import CallerRecord
from souk.domains.access.model.rights import ROLES
from souk.kernel import ids
from souk.kernel.caller import Caller
from souk.kernel.owner import owner_of
from tests.support import bills, files, kept, merchants, sales, settlements
from tests.support.market import ADDRESS, RENT, STRAY, Market, draft, option, text
from tests.support.people import PASSWORD, People
from tests.support.pictures import DRAWING, taken
from tests.support.shop import Answer, Shop, client

Side = dict[str, str]
COST = "700300100"  # what the scarf costs the shop, in minor units; unlike any other number of the fair
# What of a side is a secret of its buyer, and of its store besides: texts that they said, and ids.
SAID_BY_BUYER = ("buyer", "nickname", "street", "city", "region", "plea", "phone", "email", "postal_code")
SAID_BY_STORE = ("manager", "clerk", "reference", "note")
OF_ORDERS = ("unpaid_id", "paid_id", "ready_id", "order_id", "number", "case_id", "shortage_id", "waiting_id")
OF_BUYER = (*SAID_BY_BUYER, "address_id", "photo_id", "evidence_id", "method_id", "mandate_id", *OF_ORDERS)
OF_STOCK = ("document_id", "transfer_id", "sent_id", "purchase_id", "stocktake_id", "depot_id")
OF_STORE = (*OF_BUYER, *SAID_BY_STORE, *OF_STOCK, "store_id", "shipment_id", "refund_id", "notice_id")
PHONES = {"ana": "+351 910 000 111", "bo": "+49 30 900 002 22"}


class Reach(NamedTuple):
    """Of which sides a caller has what is the store's, the goods and the merchant before them. It is said by hand:
    what the shop itself makes of a caller is what is tried.

    Of goods their owner's `office` decides, and nobody who is bound to stores.
    """

    stores: Collection[str] = ()
    goods: Collection[str] = ()
    merchants: Collection[str] = ()
    office: bool = False
    head_office: bool = False


_BOTH = ("ours", "theirs")
_NOT_OF_THE_STAFF = ("nobody", "a guest", "our buyer", "their buyer", "staff without a role")


def reach_of(who: str) -> Reach:
    """By a caller's name. Our side is the retailer's, but for its merchant, who has no goods there and no store."""
    if who in _NOT_OF_THE_STAFF:
        return Reach()
    if who == "another merchant":
        return Reach(merchants=["ours"], office=True)
    if who.endswith(" of theirs"):
        return Reach(stores=["theirs"], goods=["theirs"], merchants=["theirs"], office=True)
    if who.endswith(" of theirs' store"):
        return Reach(stores=["theirs"], goods=["theirs"])
    if who.endswith(" of ours"):
        return Reach(stores=["ours"], goods=_BOTH)
    return Reach(stores=(*_BOTH, "absent"), goods=_BOTH, merchants=_BOTH, office=True, head_office=True)


@dataclass(frozen=True)
class Fair:
    """`absent` looks like a side, and nothing of it is there. The callers are named `role`, `role of ours`, ..."""

    shop: Shop
    sides: dict[str, Side]
    callers: dict[str, Caller | None]

    def owns(self, caller: Caller, side: str) -> bool:
        return caller.id == self.sides[side]["buyer_id"]


def said(name: str) -> Side:
    """What the buyer of that name and the store of that side tell the shop: each text is unlike any other."""
    texts = {about: f"canary-{about}-of-{name}" for about in (*SAID_BY_BUYER, *SAID_BY_STORE)}
    return texts | {"phone": PHONES[name], "email": f"{name}@canary.example", "postal_code": f"C4N4RY-{name.upper()}"}


def build(market: Market, people: People) -> Fair:
    client("sesv2").create_email_identity(EmailIdentity="example.com")
    files.make_queues()
    shared, ana, bo = _shared(market), _member(people, "ana"), _member(people, "bo")
    ours, theirs = _merchant(market, ana, "Another"), _merchant(market, bo, "Bazaar")
    ours = _side(market, shared | ours | {"owner": ""}, ana, "ana", "PT")
    theirs = _side(market, shared | theirs, bo, "bo", "DE")
    sides = {"ours": ours, "theirs": theirs, "absent": _absent(ours)}
    return Fair(market.shop, sides, _callers(ana, bo, ours, theirs))


def place(market: Market, side: Side, buyer: Caller) -> Answer:
    """An order of the side's buyer from its store, to the address in the buyer's book."""
    wanted = {side["sku"]: 2, side["pot"]: 1}
    quote_id = market.quote(wanted, side["country"], by=buyer).ok()["quote_id"]
    return market.checkout(wanted, by=buyer, quote_id=quote_id, address=_address(side), contact=_contact(side))


def _merchant(market: Market, applicant: Caller, name: str) -> Side:
    """The buyer's own business. What our side is about is the retailer's nevertheless: that merchant is another."""
    merchant_id, document_id = merchants.approved(market.shop, applicant, name)
    settlements.begin(merchant_id, "2026-09")
    return {"merchant_id": merchant_id, "owner": merchant_id, "licence_id": document_id}


def _catalogue(market: Market, side: Side) -> Side:
    """Goods of the side's owner: two to sell, and a product of which everything is told."""
    shop, by = market.shop, _seller(market, side)
    cup, pot, scarf = (f"{side['mark']}-{name}" if side["owner"] else name for name in ("CUP", "POT", "SCARF"))
    for sku, price in ((cup, 1000), (pot, 4000)):
        _listed(shop, by, draft(side["category_id"], sku.title(), price_minor=price, skus=[{"sku": sku}]))
    black = {"options": {"colour": "black"}, "cost_minor": int(COST)}
    told = draft(side["category_id"], scarf, options=[option("colour", "black", "rose")], skus=[black])
    made = _listed(shop, by, told)
    path, picture = f"/staff/products/{made['product_id']}/media", taken(DRAWING)
    ticket = shop.post(f"{path}/uploads", {"content_type": "image/png", "bytes": len(picture), "name": "s.png"}, as_=by)
    files.send_up(ticket.ok(), picture)
    attached = shop.post(path, {"upload_id": ticket["upload_id"], "role": "outer"}, as_=by).ok()
    return {
        "product_id": made["product_id"],
        "media_id": attached["items"][0]["media_id"],
        "upload_id": ticket["upload_id"],
        "choice": made["skus"][0]["sku"],
        "sku": cup,
        "pot": pot,
    }


def _seller(market: Market, side: Side) -> Caller:
    return merchants.people_of(side["owner"]) if side["owner"] else market.shop.boss


def _listed(shop: Shop, by: Caller, said: dict[str, Any]) -> dict[str, Any]:
    made = shop.post("/staff/products", said, as_=by).ok()
    shop.post(f"/staff/listings/{made['product_id']}/list", as_=by).ok()
    return dict(made)


def _member(people: People, name: str) -> Caller:
    session = people.sign_up(said(name)["email"]).ok()
    return callers.recognise(f"Bearer {session['id_token']}")


def _shared(market: Market) -> Side:
    shop = market.shop
    category_id = market.category("Goods")
    market.category_id = category_id
    kind = {"name": text("Teaware"), "attributes": [{"code": "glaze", "name": text("Glaze"), "kind": "text"}]}
    begun = shop.post("/staff/imports", {"format": "csv", "bytes": 100}, as_=shop.boss).ok()
    return {
        **bills.differing(shop),
        "voucher_id": shop.post("/staff/ledger/vouchers", RENT, as_=shop.boss).ok()["voucher_id"],
        "stray_id": shop.post("/staff/bank-transfers", STRAY, as_=shop.boss).ok()["transfer_id"],
        "category_id": category_id,
        "type_id": shop.post("/staff/product-types", kind, as_=shop.boss).ok()["type_id"],
        "import_id": begun["import_id"],
        "option": "colour",
        "value": "black",
        "status": "paid",
        "channel": "inbox",
        "field": "hours",
        "month": "2026-09",
        "currency": "EUR",
    }


def _side(market: Market, shared: Side, buyer: Caller, name: str, country: str) -> Side:
    side = {**shared, **said(name), "mark": name.upper(), "buyer_id": buyer.id, "country": country}
    side["member_id"] = buyer.id
    market.shop.call("PATCH", "/me/profile", {"nickname": side["nickname"]}, as_=buyer).ok()
    side["photo_id"] = _send_up(market.shop, "/me/profile/avatar/uploads", buyer)
    side["method_id"] = kept.keep(market, by=buyer)
    side["mandate_id"] = kept.agree(market, side["method_id"], 3000, 5000, by=buyer).ok()["mandate_id"]
    side |= _catalogue(market, side)
    side |= _store(market, side)
    side |= _orders(market, side, buyer)
    return side | _traces(market.shop, side, buyer)


def _contact(side: Side) -> Side:
    return {"name": side["buyer"], "phone": side["phone"], "email": side["email"]}


def _address(side: Side) -> Side:
    return {
        "name": side["buyer"],
        **{name: side[name] for name in ("street", "city", "region", "postal_code", "country")},
    }


def _send_up(shop: Shop, path: str, buyer: Caller) -> str:
    """A photograph that is nothing's yet; its upload's id."""
    picture = taken()
    said = {"content_type": "image/jpeg", "bytes": len(picture)}
    ticket = shop.post(path, said, as_=buyer).ok()
    files.send_up(ticket, picture)
    return str(ticket["upload_id"])


def _store(market: Market, side: Side) -> Side:
    """A store with goods and a clerk."""
    name, country = f"Souk {side['country']}", side["country"]
    place = ADDRESS | {"name": name, "country": country}
    owner = {"merchant_id": side["owner"] or None}
    store_id = market.store(name, serves=[country], address=place, manager=side["manager"], pickup=True, **owner)
    depot_id = market.store("Depot", serves=["SE"], **owner)  # where nobody lives
    market.receive(depot_id, {side["sku"]: 50})
    clerk = {"name": side["clerk"], "email": clerk_email(side), "password": PASSWORD, "roles": ["store_manager"]}
    appointed = market.shop.post("/staff/people", clerk | {"stores": [store_id]} | owner, as_=market.shop.boss).ok()
    goods = {side["sku"]: 500, side["pot"]: 500}
    document = market.receive(store_id, goods, side["reference"], note=side["note"])
    held = {
        "store_id": store_id,
        "depot_id": depot_id,
        "caller_id": appointed["caller_id"],
        "document_id": document["document_id"],
        "sale_id": sales.scheduled(market, store_id, side["sku"], starts_at=24, ends_at=25),
    }
    return held | _goods_to_come(market.shop, side | held)


def _goods_to_come(shop: Shop, side: Side) -> Side:
    """A transfer from the depot and one to it, a purchase, and a stocktake that takes counts."""
    store_id, depot_id = side["store_id"], side["depot_id"]
    said = {"due": "2026-11-20", "lines": [{"sku": side["sku"], "units": 5}], "note": side["note"]}

    def send(there: str, here: str) -> str:
        route = {"from_store_id": there, "store_id": here, "reference": f"{side['reference']}-{here}"[-64:]}
        return str(shop.post("/staff/transfers", said | route, as_=shop.boss).ok()["transfer_id"])

    named = {"store_id": store_id, "reference": side["reference"]}
    purchase = shop.post("/staff/purchases", said | named | {"supplier": side["note"]}, as_=shop.boss).ok()
    stocktake = shop.post("/staff/stocktakes", named | {"note": side["note"]}, as_=shop.boss).ok()
    shop.drain()
    return {
        "transfer_id": send(depot_id, store_id),
        "sent_id": send(store_id, depot_id),
        "purchase_id": purchase["purchase_id"],
        "stocktake_id": stocktake["stocktake_id"],
    }


def clerk_email(side: Side) -> str:
    return f"{side['mark'].lower()}@souk.example"


def _orders(market: Market, side: Side, buyer: Caller) -> Side:
    """Five of them: not paid, paid, laid out to be picked, on its way, and waiting to be fetched."""
    saved = market.shop.post("/me/addresses", {"address": _address(side)}, as_=buyer).ok()
    placed = [place(market, side, buyer) for _ in range(4)]
    for paid in placed[1:]:
        market.pay(paid)
    market.hear()
    unpaid_id, paid_id, ready_id, order_id = (str(one["order"]["order_id"]) for one in placed)
    disputed = _ask_about(market, placed[1])
    for prepared in (ready_id, order_id):
        market.lay_out(prepared)
    waiting_id = market.pickup({side["sku"]: 1}, side["store_id"], buyer, contact=_contact(side))
    market.shop.post(f"/staff/pickups/{waiting_id}/ready", as_=market.shop.boss).ok()
    parcel = market.ship(order_id, tracking_number=f"FIRST-{side['mark']}").ok()
    said = {"reference": "SHORT-1", "sku": side["pot"], "units": 1, "reason": "not found"}
    short = market.shop.post(f"/staff/shortages/{ready_id}", said, as_=market.shop.boss).ok()
    return {
        "address_id": saved["address_id"],
        "unpaid_id": unpaid_id,
        "paid_id": paid_id,
        "dispute_id": disputed,
        "ready_id": ready_id,
        "waiting_id": waiting_id,
        "order_id": order_id,
        "number": placed[3]["order"]["number"],
        "shipment_id": parcel["shipment_id"],
        "shortage_id": short["shortages"][0]["shortage_id"],
    }


def _ask_about(market: Market, placed: Answer) -> str:
    """The buyer's bank asks what was paid for; the dispute's id."""
    intents = {one["id"]: one for one in market.stripe.objects("payment_intent")}
    charge_id = intents[placed["payment"]["intent_id"]]["latest_charge"]
    asked = market.stripe.control(f"charges/{charge_id}/dispute", kind="inquiry")
    market.hear()
    return str(asked["id"])


def _traces(shop: Shop, side: Side, buyer: Caller) -> Side:
    """What came of the last order: a case that waits, a refund, a message to the buyer and a notice to the store."""
    evidence_id = _send_up(shop, "/me/refunds/uploads", buyer)
    case_id = ask_back(shop, side, side["sku"], buyer, [evidence_id])
    returned = ask_back(shop, side, side["pot"], buyer)
    shop.post(f"/staff/refunds/{returned}/approve", as_=shop.boss).ok()
    shop.drain()
    money = shop.get(f"/staff/payments/{side['order_id']}", as_=shop.boss).ok()
    messages = shop.get("/me/messages", as_=buyer).ok()["items"]
    notices = shop.get("/staff/messages", as_=shop.boss, store_id=side["store_id"]).ok()["items"]
    return {
        "case_id": case_id,
        "evidence_id": evidence_id,
        "refund_id": money["refunds"][0]["refund_id"],
        "message_id": messages[0]["message_id"],
        "text_id": next(one["message_id"] for one in messages if one["about"] == side["order_id"]),
        "notice_id": notices[0]["message_id"],
    }


def ask_back(shop: Shop, side: Side, sku: str, buyer: Caller, images: Sequence[str] = ()) -> str:
    lines = [{"sku": sku, "quantity": 1}]
    wish = {"order_id": side["order_id"], "lines": lines, "reason": "damaged", "text": side["plea"], "images": images}
    return str(shop.post("/me/refunds", wish, as_=buyer).ok()["case_id"])


def _absent(like: Side) -> Side:
    """Ids of the same make."""
    made = {name: ids.new(value.split("_")[0]) for name, value in like.items() if name.endswith("_id")}
    return like | made | {"number": "01KAJ-6M2C-9XQ4-T7VE", "caller_id": "nobody", "month": "2099-01"}


def _callers(our_buyer: Caller, their_buyer: Caller, ours: Side, theirs: Side) -> dict[str, Caller | None]:
    """Nobody, buyers, and staff of every preset role as it may be bound: to no store, to ours, to theirs.

    Of merchants there are people in none of the stores alone: of the one whose store theirs is, who runs it and who has
    its accounts, and of another.
    """
    found: dict[str, Caller | None] = {
        "nobody": None,
        "a guest": CallerRecord(caller_id="gst_eve", kind="guest").caller(),
        "our buyer": our_buyer,
        "their buyer": their_buyer,
        "staff without a role": CallerRecord(caller_id="idle", kind="staff").caller(),
        "merchant of theirs": merchants.people_of(theirs["merchant_id"]),
        "accounts of theirs": merchants.people_of(theirs["merchant_id"], "accounts"),
        "another merchant": merchants.people_of(ours["merchant_id"]),
    }
    for role in ROLES:
        if role not in ("store_manager", "merchant"):
            found[role] = _staff(role, role)
        if role not in ("owner", "merchant"):
            found[f"{role} of ours"] = _staff(f"{role}-ours", role, ours["store_id"])
        if role != "owner":
            found[f"{role} of theirs' store"] = _staff(f"{role}-theirs", role, theirs["store_id"])
    return found


def _staff(caller_id: str, role: str, *stores: str) -> Caller:
    merchant_id = owner_of(next(iter(stores), None))
    bound = {"roles": [role], "stores": [*stores], "merchant_id": merchant_id}
    return CallerRecord(caller_id=caller_id, kind="staff", **bound).caller()
