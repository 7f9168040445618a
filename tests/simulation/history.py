"""One history: a shop that trades, buyers and staff at once, and the end, when everything comes to rest."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, partial
from random import Random
from typing import NamedTuple, cast

from souk.domains.access.model.callers import CallerRecord
from souk.domains.members.actions import profile
from souk.domains.members.model.profile import TierEdit
from souk.domains.merchants.model.merchant import Merchant
from souk.domains.payments.model.refund import LOOKS, Refund
from souk.kernel import clock
from souk.kernel.owner import merchant_id_of
from souk.table import keys
from souk.table.port import At, Row
from souk.table.unit import Unit
from tests.simulation import faults
from tests.simulation.accounting import Accountant
from tests.simulation.bills import reconcile, the_balance_is_the_providers
from tests.simulation.buyers import Buyer
from tests.simulation.clicks import Clicker
from tests.simulation.delivery import Clocks, regularly
from tests.simulation.faults import Plan
from tests.simulation.invariants import Violation
from tests.simulation.keepers import Keeper
from tests.simulation.staff import Clerk
from tests.simulation.verdict import judge
from tests.simulation.world import COSTS, GOODS, World, opened
from tests.support import merchants
from tests.support.market import CONTACT, Market
from tests.support.settlements import FEE
from tests.support.shop import Shop
from tests.support.stripe import Stripe

OPENS = 3600.0  # seconds after the goods were put on the shelves
MONTH_ENDS = 28 * 86400.0  # the same where merchants are settled with some days later
AGAIN_EVERY = 4
KEPT = timedelta(days=14)  # how long a dead letter waits to be sent again
HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0
INSPECTIONS = (1.5, 4.0)  # days after which somebody goes over everything that waits
IMPORTS = 0.1  # of the histories have a file of products that is sent up
RUSHES = 0.3  # of the histories have a flash sale
BANKS = 0.15  # of the histories have a bank that takes a payment back
BOOKKEEPERS = 0.3  # of them, somebody who closes a month
CHINESE = 0.06  # of the shops are in China, and take WeChat Pay and Alipay besides cards
SAVERS = 0.1  # of them, somebody who pays from a balance
ABROAD = 0.1  # of them, buyers who are charged in dollars for most of their orders
CLICKERS = 0.2  # of them, somebody who has a card kept, and buys with one click
AUTHORISING = 0.15  # of them, take the money when the goods are there, and not before
AT_SHIPMENT = 0.15  # of the others, take it when the goods leave
BAZAARS = 0.12  # of the shops have a merchant beside the retailer, who sells the pots
SUSPENDED = 0.4  # of these merchants are suspended one day
REFUSING = 0.2  # of the shops are sent back what they have not sold
NAMES = ("Chiado", "Baixa")
AHEAD = ("mem_hasty0", "mem_hasty1")  # members of a tier that may go first
LOST = 15  # of a hundred refunds at WeChat Pay
POTTER = merchant_id_of("mem_potter")
ROUNDS = 40  # of coming to rest, before it counts as never


class Ground(NamedTuple):
    """A shop that is about to open: a store or two with few goods."""

    rows: Mapping[At, Row]
    products: dict[str, str]
    stores: list[str]
    methods: tuple[str, ...]


@cache
def ground(
    by_hand: bool,
    units: int,
    names: tuple[str, ...] = NAMES,
    review: bool = False,
    authorise: bool = False,
    at_shipment: bool = False,
    china: bool = False,
    bazaar: bool = False,
) -> Ground:
    world, products = World(0), dict[str, str]()
    stores: list[str] = []
    methods = ("card", *world.telephones) if china else ("card",)

    def furnish() -> None:
        market = Market(cast(Shop, world), cast(Stripe, None))
        edit = {"currency": "EUR", "confirm_by_hand": by_hand, "tax_basis_points": 2300, "version": 0}
        edit |= {"capture": "at_shipment" if at_shipment else "when_paid" if authorise else "at_once"}
        edit |= {"currency": "CNY", "payment_methods": methods} if china else {"charged_currencies": ["USD"]}
        outward = [{"topic": "order_paid", "channels": ["sms", "mail"]}]
        if review:
            edit |= {"review_above_minor": 6000, "review_new_address": True}
        world.put("/staff/settings", edit | {"outward": outward}, as_=world.boss).ok()
        world.post("/staff/rates", {"rates": {"USD": "1.0843"}}, as_=world.boss).ok()
        stores.extend(market.store(name, freight_minor=490, pickup=True) for name in names)
        prices = dict(zip(GOODS, (590, 1250, 5900), strict=True))
        pots = {"POT": prices.pop("POT")} if bazaar else {}
        products.update(market.goods(prices, dict.fromkeys(stores, units), costs=COSTS))
        with Unit() as unit:
            for member in ("mem_ines", "mem_clicker"):
                unit.add(keys.CALLER, CallerRecord(caller_id=member, kind="member", email=CONTACT["email"]))
        if pots:
            let_in(POTTER)
            stores.append(market.store("Potter", freight_minor=250, merchant_id=POTTER))
            pottery = merchants.Trader(market, POTTER, stores[-1], merchants.people_of(POTTER))
            products.update(pottery.goods(pots, units))
            fee = FEE | {"reference": "F-1", "currency": edit["currency"], "basis_points": 1250}
            world.ask("POST", "/staff/fee-rules", fee, as_=world.boss).ok()
        for member_id in AHEAD:
            profile.set_tier(member_id, TierEdit(tier=5))

    with opened(world):
        world.schedule.spawn("furnish", furnish)
        world.schedule.run()
    return Ground(world.table.rows, products, stores, methods)


def let_in(merchant_id: str) -> None:
    """A merchant that sells, without the documents that it had shown."""
    said = merchants.application(name="Potter") | {"merchant_id": merchant_id, "member_id": "mem_potter"}
    applied = Merchant.model_validate(said | {"changed_at": clock.now()})
    with Unit() as unit:
        unit.save(keys.MERCHANT, applied.moved("active", clock.now(), "boss", "as agreed"))


class Outcome(NamedTuple):
    world: World
    violation: Violation | None


def play(seed: int, plan: Plan | None = None) -> Outcome:
    """The history of that seed, to its end or to where a promise was broken."""
    chance = Random(f"{seed}/ground")
    china = Random(f"{seed}/china").random() < CHINESE
    bazaar = Random(f"{seed}/bazaar").random() < BAZAARS
    authorise = not china and Random(f"{seed}/authorise").random() < AUTHORISING
    at_shipment = not (china or authorise) and Random(f"{seed}/at shipment").random() < AT_SHIPMENT
    by_hand, units, review = chance.random() < 0.5, chance.choice((2, 3, 6)), chance.random() < 0.3
    way = {"authorise": authorise, "at_shipment": at_shipment}
    shop = ground(by_hand, units, review=review, china=china, bazaar=bazaar, **way)
    world = World(seed, plan or faults.drawn(seed), shop.rows)
    return concluded(world, lambda: trade(world, shop), regularly(), MONTH_ENDS if bazaar else OPENS)


def concluded(world: World, begin: Callable[[], object], clocks: Clocks, opens: float = OPENS) -> Outcome:
    """What is begun goes on until everything has come to rest, and is judged."""
    world.schedule.now = opens
    with opened(world):
        try:
            world.delivery.start_clocks(clocks)
            begin()
            world.schedule.run(WEEK)
            settle(world)
            if world.seed % AGAIN_EVERY == 0:
                tell_again(world)
            if any(refund.look_at for refund in world.checker.rows(keys.REFUND, Refund)):
                world.schedule.spawn("weeks later", lambda: look_around(world, max(LOOKS).total_seconds()))
                settle(world)
            judge(world)
            if world.seed % AGAIN_EVERY == 1:
                world.schedule.spawn("bills", lambda: reconcile(world))
                world.schedule.run(WEEK)
                the_balance_is_the_providers(world)
        except Violation as violation:
            return Outcome(world, violation)
    return Outcome(world, None)


def judge_merchants(world: World) -> None:
    """Suspended while others buy, and let back in or not."""
    head, chance = Clerk(world, "head"), Random(f"{world.seed}/suspension")
    head.decide(POTTER, "suspended")
    if chance.random() < 0.5:
        world.schedule.pause(chance.choice((0.5, 30.0, HOUR)))
        head.decide(POTTER, "active")


def trade(world: World, shop: Ground) -> None:
    chance = world.schedule.chance
    haste = chance.choice((0.1, 1.0, 30.0))
    world.wechat_pay.lost_of_hundred = LOST
    abroad = shop.methods == ("card",) and Random(f"{world.seed}/dollars").random() < ABROAD
    for number in range(chance.randint(1, 4)):
        buyer = Buyer(world, f"buyer{number}", haste, steady=False)
        buyer.methods = shop.methods
        buyer.currency = "USD" if abroad else None
        world.schedule.spawn(f"buyer {number}", buyer.visit)
    for number in range(chance.randint(0, 2)):
        world.schedule.spawn(f"clerk {number}", partial(Clerk(world, f"clerk{number}").work, 10))
    for days in INSPECTIONS:
        world.schedule.spawn("inspection", head_of(world).finish, after=days * DAY)
    if chance.random() < 0.5:
        world.schedule.spawn("trader", partial(Clerk(world, "trader").trade, 5, shop.products, shop.stores))
    if chance.random() < 0.5:
        world.schedule.spawn("keeper", partial(Keeper(world, "keeper").keep, 6, sorted(shop.products), shop.stores))
    if Random(f"{world.seed}/import").random() < IMPORTS:
        world.schedule.spawn("importer", Keeper(world, "importer").import_goods)
    if Random(f"{world.seed}/books").random() < BOOKKEEPERS:
        world.schedule.spawn("bookkeeper", partial(Accountant(world, "bookkeeper").keep_books, 6))
    if abroad:
        world.schedule.spawn("rates", Accountant(world, "treasurer").change_rates)
    if len(shop.stores) > len(NAMES) and shop.methods == ("card",):
        world.schedule.spawn("settles", partial(Accountant(world, "settler").settle_with, POTTER, "2026-11"))
    if Random(f"{world.seed}/savings").random() < SAVERS:
        world.schedule.spawn("saver", Buyer(world, "saver", haste, steady=False).spend_savings)
    if Random(f"{world.seed}/clicks").random() < CLICKERS:
        world.schedule.spawn("clicker", Clicker(world, "clicker", haste, steady=False).buy_by_clicks)
    if len(shop.stores) > len(NAMES) and Random(f"{world.seed}/standing").random() < SUSPENDED:
        after = chance.uniform(0.0, HOUR)
        world.schedule.spawn("standing", lambda: judge_merchants(world), after=after)
    if Random(f"{world.seed}/bank").random() < BANKS:
        world.schedule.spawn("bank", lambda: dispute(world), after=chance.choice((HOUR, DAY)))
    if Random(f"{world.seed}/rush").random() < RUSHES:
        world.schedule.spawn("rush", lambda: rush(world, shop))


def head_of(world: World) -> Keeper:
    """Who goes over everything that waits."""
    head = Keeper(world, "head", steady=True)
    head.refuses = Random(f"{world.seed}/inspection").random() < REFUSING
    return head


def dispute(world: World) -> None:
    """Of one of the payments, whatever has become of its order; the bank thinks about it for some days."""
    chance = Random(f"{world.seed}/bank decides")
    if paid := [one for one in world.provider.objects("charge") if one["captured"]]:
        world.provider.dispute(chance.choice(paid)["metadata"]["order_id"])
        world.schedule.pause(chance.uniform(HOUR, 3 * DAY))
        world.provider.decide(won=chance.random() < 0.5)


def rush(world: World, shop: Ground) -> None:
    """A flash sale of less than they want, in which members may go first; now and then it is ended before its time."""
    chance = world.schedule.chance
    begins, lasts = chance.uniform(20.0, 600.0), chance.choice((60.0, 2400.0))
    first = {"tier": 5, "starts_at": clock.text(world.now() + timedelta(seconds=begins / 2)), "units": 1}
    clerk = Clerk(world, "promoter")
    terms = {"sku": chance.choice(GOODS), "units": chance.randint(1, 4), "per_buyer": chance.randint(1, 2)}
    windows = [first] if chance.random() < 0.3 else []
    sale_id = clerk.plan_sale(chance.choice(shop.stores), begins, lasts, windows=windows, **terms)
    if not sale_id:
        return
    if chance.random() < 0.2:
        clerk.besides("promoter ends", clerk.end_sale, sale_id, after=chance.uniform(0.0, begins + lasts))
    for number in range(3):
        hasty = Buyer(world, f"hasty{number}", chance.choice((0.1, 1.0, 30.0)), steady=False)
        after = begins * (0.5 if windows and hasty.caller.id in AHEAD else 1.0)
        world.schedule.spawn(hasty.name, partial(hasty.hurry, sale_id), after=after)


def settle(world: World) -> None:
    """Nothing goes wrong any more, dead letters are sent again, staff finish what waits for them: until all is done."""
    world.wire.faulty = False
    world.provider.mend_cards()
    world.wechat_pay.lost_of_hundred = 0
    clerk = head_of(world)
    for _ in range(ROUNDS):
        before = world.table.commits
        world.delivery.redrive()
        world.schedule.spawn("head", clerk.finish)
        world.schedule.run(WEEK)
        world.schedule.spawn("hours later", lambda: look_around(world, 6 * HOUR))
        world.schedule.run(WEEK)
        if world.table.commits == before and world.schedule.idle and not world.delivery.dead:
            return
    world.checker.violated("I24", "it never comes to rest")


def tell_again(world: World) -> None:
    """I24: what was told of late is told once more, by the bus and by the provider, and nothing comes of it.

    Of a card to be kept the browser and a webhook tell, and nobody else: where both were given up, staff have the
    provider send it first.
    """
    _send_webhooks(world, "setup_intent.")
    before = business(world)
    since = clock.text(world.now() - KEPT)
    for event in list(world.delivery.told.values()):
        if event["detail"]["told_at"] > since:
            world.delivery.tell(event)
    for row in [row for row in world.table.rows.values() if row["kind"] == keys.JOURNAL_ENTRY.kind]:
        world.delivery.record(row)
    _send_webhooks(world)
    for direct in world.telephones.values():
        for notice in direct.told:
            world.schedule.spawn("webhook again", partial(direct.hand_over, notice))
    world.schedule.run(WEEK)
    after, now = business(world), world.timestamp()
    changed = [
        at
        for at in {**before, **after}
        if before.get(at) != after.get(at) and (at in after or not _is_over(before[at], now))
    ]
    world.checker.need(not changed, "I24", changed)


def _send_webhooks(world: World, kind: str = "") -> None:
    for event in world.provider.objects("event"):
        if event["type"].startswith(kind):
            world.schedule.spawn("webhook again", partial(world.provider.hand_over, event["id"]))
    world.schedule.run(WEEK)


def business(world: World) -> dict[At, Row]:
    """All but what remembers who was told."""
    memories = {keys.SEEN.kind, keys.PROVIDER_EVENT.kind, keys.FACT.kind}
    return {at: row for at, row in world.table.rows.items() if row["kind"] not in memories}


def _is_over(row: Row, now: float) -> bool:
    """Whether the table may have deleted it by itself."""
    return int(row.get("expires_at", now + 1)) <= now


def look_around(world: World, after: float) -> None:
    """What the template calls within such a time is called once more."""
    world.schedule.pause(after)
    for function, every in regularly():
        if every <= after:
            world.alone(function, {})
