"""Who pays much from the balance proves who they are: by the payment password, or by a code for this one payment."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from souk.domains.access.model.callers import CallerRecord
from souk.domains.payments.actions import proofs
from souk.domains.payments.model.draw import Subject
from souk.kernel.errors import Refusal
from souk.kernel.paying import PaymentProof
from souk.table import current, keys
from souk.table.unit import Unit
from tests.support import sales, wallets
from tests.support.context import ACCOUNT, REGION
from tests.support.kept import agree, keep, kept
from tests.support.log import written
from tests.support.market import CONTACT, INES, Market
from tests.support.shared_table import SharedTable
from tests.support.shop import Answer, client
from tests.support.table import before_next_write, calls

PASSWORD, OTHER = "tea for 2", "271828"
PHONE = "+351 910 000 118"
Proof = dict[str, str]


class Payer:
    """Inês with a hundred euros at the shop, in which more than ten at once, or 25 a day, need a proof."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        with Unit() as unit:
            unit.save(keys.CALLER, CallerRecord(caller_id=INES.id, kind="member", email=CONTACT["email"]))
        client("sesv2").create_email_identity(EmailIdentity="example.com")
        self.store_id = market.store()
        market.goods({"CUP": 500}, {self.store_id: 50})
        market.set_up(unproved_minor=1000, unproved_day_minor=2500)
        wallets.correct(self.shop, 10_000).ok()

    def buy(self, minor: int, proof: Proof | None = None, key: str = "tea", cups: int = 0, **more: Any) -> Answer:
        """So many cups, or as many as cost what the balance is to pay."""
        said = {"from_balance_minor": minor} | ({"proof": proof} if proof else {}) | more
        return self.market.checkout({"CUP": cups or minor // 500}, key=key, **said)

    def wallet(self) -> tuple[int, int]:
        (one,) = self.shop.get("/me/wallets", as_=INES).ok()["items"]
        return one["available_minor"], one["held_minor"]

    def ask(self, refused: Answer, **more: Any) -> Answer:
        """For a code for what was refused without, a minute after the last."""
        self.shop.pass_time(seconds=61)
        wish = {name: refused[name] for name in ("order_id", "amount_minor", "currency")} | more
        return self.shop.post("/me/payment-proof/code", wish, as_=INES)

    def code_for(self, refused: Answer, **more: Any) -> Proof:
        self.ask(refused, **more).ok()
        return {"code": self.received()}

    def password_code(self) -> Proof:
        self.shop.pass_time(seconds=61)
        self.shop.post("/me/payment-proof/password/code", {}, as_=INES).ok()
        return {"code": self.received()}

    def set(self, password: str, proof: Proof) -> Answer:
        return self.shop.put("/me/payment-proof/password", {"password": password, "proof": proof}, as_=INES)

    @staticmethod
    def mails() -> list[str]:
        return [mail.body for mail in ses_backends[ACCOUNT][REGION].sent_messages]

    def warned(self) -> int:
        """How often a mail has told of another payment password."""
        self.shop.drain()
        return sum("another payment password pays" in one for one in self.mails())

    def received(self) -> str:
        return str(re.findall(r"\b[0-9]{6}\b", self.mails()[-1])[0])

    def locked_until(self) -> str | None:
        found: str | None = self.shop.get("/me/payment-proof", as_=INES).ok()["locked_until"]
        return found


@pytest.fixture
def payer(market: Market) -> Payer:
    return Payer(market)


def wrong(proof: Proof) -> Proof:
    return {"code": f"{(int(proof['code']) + 1) % 10**6:06d}"}


@pytest.mark.capability("PAY-09")
@pytest.mark.parametrize("by", ["password", "code"])
@pytest.mark.parametrize("way", ["whole", "part", "sale"])
def test_whatever_the_balance_pays_above_the_limit_needs_a_proof(payer: Payer, way: str, by: str) -> None:
    payer.set(PASSWORD, payer.password_code()).ok()
    sale_id = sales.running(payer.market, payer.store_id, "CUP", price_minor=1200) if way == "sale" else ""

    def pay(minor: int, key: str, proof: Proof | None = None) -> Answer:
        if way == "sale":
            said: Any = {"proof": proof} if proof else {}
            return sales.buy(payer.market, sale_id, from_balance_minor=minor, key=key, **said)
        return payer.buy(minor, proof, key, cups=4 if way == "part" else 3)

    much = {"whole": 1500, "part": 1001, "sale": 1200}[way]
    assert pay(1000, "little").status == 201
    before = payer.wallet()
    refused = pay(much, "much")
    assert (refused.status, refused["code"], refused["amount_minor"]) == (403, "payment_proof_needed", much)
    assert (payer.wallet(), payer.shop.get("/me/orders", as_=INES)["items"][1:]) == (before, [])

    proof = {"password": PASSWORD} if by == "password" else payer.code_for(refused)
    paid = pay(much, "much", proof)
    assert paid["order"]["order_id"] == refused["order_id"]
    assert paid["order"]["status"] == ("awaiting_payment" if way == "part" else "paid")
    assert payer.wallet()[0] == before[0] - much


@pytest.mark.capability("PAY-09")
def test_a_paid_checkout_that_is_sent_again_needs_no_proof_and_no_other(payer: Payer) -> None:
    code = payer.code_for(payer.buy(1500))
    first = payer.buy(1500, code)
    payer.shop.pass_time(hours=1)
    for proof in (None, code, wrong(code), {"password": PASSWORD}):
        assert payer.buy(1500, proof).ok()["order"]["order_id"] == first.ok()["order"]["order_id"]
    assert (payer.wallet(), payer.locked_until()) == ((8500, 0), None)
    assert {row["made"] for row in payer.shop.rows("ProofTries")} == {0}


@pytest.mark.capability("PAY-09")
def test_a_code_pays_the_order_and_the_sum_that_it_was_sent_for_and_no_other(payer: Payer) -> None:
    code = payer.code_for(payer.buy(1500))
    assert "EUR 15.00" in payer.mails()[-1]
    for minor, key in ((2000, "tea"), (1500, "another")):
        other = payer.buy(minor, code, key)
        assert (other.status, other["code"]) == (409, "code_for_something_else")
    assert payer.set(PASSWORD, code)["code"] == "code_for_something_else"
    assert payer.wallet() == (10_000, 0)
    assert payer.buy(1500, code).status == 201

    late = payer.code_for(payer.buy(1500, key="late"))
    newer = payer.code_for(payer.buy(1500, key="late"))
    if late != newer:
        assert payer.buy(1500, late, key="late")["code"] == "wrong_payment_proof"
    payer.shop.pass_time(minutes=10)
    assert payer.buy(1500, newer, key="late")["code"] == "no_code"


@pytest.mark.capability("PAY-09")
@pytest.mark.parametrize("fifth", ["password", "code", "setting"])
def test_five_wrong_of_either_kind_lock_for_half_an_hour_the_right_one_too(payer: Payer, fifth: str) -> None:
    payer.set(PASSWORD, payer.password_code()).ok()
    code = payer.code_for(payer.buy(1500))
    tries: list[Proof] = [wrong(code), {"password": OTHER}, {"password": PASSWORD.upper()}, wrong(code)]
    told = [payer.buy(1500, proof) for proof in tries]
    if fifth == "setting":
        told.append(payer.set("another 1", {"password": OTHER}))
    else:
        told.append(payer.buy(1500, {"password": OTHER} if fifth == "password" else wrong(code)))
    assert [(one.status, one["code"]) for one in told] == [(422, "wrong_payment_proof")] * 5
    assert [one["tries_left"] for one in told] == [4, 3, 2, 1, 0]

    payer.shop.pass_time(minutes=1)
    for proof in (code, {"password": PASSWORD}, {"password": OTHER}):
        locked = payer.buy(1500, proof)
        assert (locked.status, locked["code"], locked.headers["Retry-After"]) == (429, "payment_proof_locked", "1740")
    assert payer.set(OTHER, {"password": PASSWORD}).status == 429
    assert payer.wallet() == (10_000, 0) and payer.locked_until()
    assert payer.buy(500, key="little").status == 201, "what needs no proof"

    payer.shop.pass_time(minutes=28, seconds=59)
    assert payer.buy(1500, {"password": PASSWORD}).status == 429
    payer.shop.pass_time(seconds=1)
    assert payer.locked_until() is None
    assert payer.buy(1500, {"password": OTHER})["tries_left"] == 4
    assert payer.buy(1500, {"password": PASSWORD}).status == 201


@pytest.mark.capability("PAY-09")
def test_a_right_one_ends_the_row_of_wrong_ones(payer: Payer) -> None:
    payer.set(PASSWORD, payer.password_code()).ok()
    for number in range(2):
        for left in (4, 3, 2, 1):
            assert payer.buy(1500, {"password": OTHER}, key=f"k{number}")["tries_left"] == left
        assert payer.buy(1500, {"password": PASSWORD}, key=f"k{number}").status == 201


@pytest.mark.capability("PAY-09")
def test_of_many_wrong_at_once_each_is_counted_and_five_are_compared(market: Market) -> None:
    table = SharedTable()
    current.use(table)
    payer = Payer(market)
    payer.set(PASSWORD, payer.password_code()).ok()
    table.gate = threading.Barrier(16)

    def guess(number: int) -> str:
        try:
            proofs.need(INES.id, PaymentProof(password=f"guess {number}"), Subject("ord_1", 1500, "EUR"))
        except Refusal as refusal:
            return refusal.code()
        return "right"

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(guess, range(16)))
    assert outcomes == {"wrong_payment_proof": 5, "payment_proof_locked": 11}
    assert payer.buy(1500, {"password": PASSWORD}).status == 429


@pytest.mark.capability("PAY-09")
def test_many_small_sums_are_no_way_round(payer: Payer) -> None:
    taken = [payer.buy(500, key=f"cup {number}").status for number in range(6)]
    assert taken == [201] * 5 + [403]
    assert payer.buy(500, key="cup 0").status == 201, "was placed before"
    refused = payer.buy(500, key="cup 5")
    assert payer.buy(500, payer.code_for(refused), key="cup 5").status == 201
    payer.shop.pass_time(days=1)
    assert payer.buy(500, key="cup 6").status == 201
    payer.market.set_up(unproved_minor=100_000, unproved_day_minor=400)
    assert payer.buy(500, key="cup 7").status == 403, "more than a day's share at once"
    payer.market.set_up(unproved_day_minor=100_000)
    assert payer.buy(3000, key="all").status == 201


@pytest.mark.capability("PAY-09")
def test_the_password_is_set_by_a_code_and_changed_by_a_code_or_the_one_before(payer: Payer) -> None:
    assert payer.buy(1500, {"password": PASSWORD})["code"] == "no_payment_password"
    assert payer.set(PASSWORD, {"password": OTHER})["code"] == "no_payment_password"
    assert payer.set(PASSWORD, {"code": "271828"})["code"] == "no_code"
    assert payer.shop.get("/me/payment-proof", as_=INES).ok() == {"password_set_at": None, "locked_until": None}
    code = payer.password_code()
    assert payer.set(PASSWORD, wrong(code)).status == 422
    set_at = payer.set(PASSWORD, code).ok()["password_set_at"]
    assert payer.set(PASSWORD, code).ok()["password_set_at"] == set_at, "an answer that got lost"
    assert payer.set(OTHER, code).status == 422, "a code is used once"

    assert payer.warned() == 1, "told once"

    payer.shop.pass_time(minutes=1)
    later = payer.set(OTHER, {"password": PASSWORD}).ok()["password_set_at"]
    assert later > set_at
    assert payer.set(OTHER, {"password": PASSWORD}).ok()["password_set_at"] == later, "an answer that got lost"
    assert payer.buy(1500, {"password": PASSWORD}).status == 422
    assert payer.buy(1500, {"password": OTHER}).status == 201
    assert payer.set(PASSWORD, payer.password_code()).ok()["password_set_at"] > later
    assert payer.warned() == 3


@pytest.mark.capability("PAY-09")
def test_the_new_password_proves_nothing_so_that_each_try_is_one_guess(payer: Payer) -> None:
    code = payer.password_code()
    payer.set(PASSWORD, code).ok()
    told = [payer.set(PASSWORD, {"password": f"guess {number}"}) for number in range(4)]
    assert payer.set(PASSWORD, code).status == 200, "an answer that got lost"
    told += [payer.set(PASSWORD, proof) for proof in ({"password": OTHER}, wrong(code))]
    assert [(one.status, one["tries_left"]) for one in told] == [(422, left) for left in (4, 3, 2, 1, 4, 3)]


@pytest.mark.capability("PAY-09")
def test_a_code_sets_one_password_whoever_is_quicker(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> None:
    code = payer.password_code()
    before_next_write(monkeypatch, lambda: payer.set(OTHER, code).ok(), of="KeptPassword")
    assert payer.set(PASSWORD, code).status == 422
    assert payer.warned() == 1, "of the one that holds"
    assert payer.buy(1500, {"password": OTHER}).status == 201


@pytest.mark.capability("PAY-13")
@pytest.mark.parametrize(("charge", "day"), [(1_001, 2_000), (1_000, 2_501)])
def test_to_let_much_be_charged_is_proved_and_whatever_is_agreed_to_is_told(
    payer: Payer, charge: int, day: int
) -> None:
    """As much as is paid out of the balance without a proof."""
    market, method_id = payer.market, keep(payer.market)
    agree(market, method_id, 1_000, 2_500).ok()
    market.shop.drain()
    assert ["EUR 10.00 at once and EUR 25.00 a day" in mail for mail in payer.mails()] == [True]
    agree(market, method_id, 1_000, 2_500).ok()
    market.shop.drain()
    with market.shop.unchanged():
        refused = agree(market, method_id, charge, day)
        assert (refused.status, refused["code"]) == (403, "mandate_proof_needed")
        assert agree(market, method_id, charge, day, payment_password=PASSWORD)["code"] == "no_payment_password"
    assert len(payer.mails()) == 1
    payer.set(PASSWORD, payer.password_code()).ok()
    told = agree(market, method_id, charge, day, payment_password=OTHER)
    assert (told.status, told["tries_left"]) == (422, 4)
    made = agree(market, method_id, charge, day, payment_password=PASSWORD).ok()
    market.shop.drain()
    assert "write to us at once" in payer.mails()[-1] and kept(market)[0]["mandate_id"] == made["mandate_id"]
    assert agree(market, method_id, charge, day).ok() == made, "an answer that got lost"
    assert PASSWORD not in str(market.shop.rows("Mandate"))


GUESSED = ("111111", "123456", "890123", "654321", "121212", "123123", "112233", "5201314", "Password", "abcdef")


def test_passwords_that_are_guessed_first_are_refused_and_so_is_what_is_no_proof(payer: Payer) -> None:
    code = payer.password_code()
    for password in (*GUESSED, "12345", " 12345 ", "x" * 65, "tea\x00for2", "\ud800tea-for", 271828, None):
        refused = payer.set(password, code)  # type: ignore[arg-type]
        assert refused.status == 422, password
        assert str(password) not in str(refused.body)
    no_proofs: Any = ({}, {"password": PASSWORD, "code": "000000"}, {"code": "00000"}, {"code": 271828}, "x", [])
    for proof in no_proofs:
        assert payer.market.checkout({"CUP": 3}, from_balance_minor=1500, proof=proof).status == 422
    assert payer.shop.rows("ProofTries") == []


@pytest.mark.capability("PAY-09")
def test_whoever_changes_the_address_waits_a_day_for_codes_there(payer: Payer) -> None:
    refused = payer.buy(1500)
    assert payer.ask(refused, channel="phone")["code"] == "not_reached_there"
    payer.shop.put("/me/profile/phone", {"phone": PHONE}, as_=INES).ok()
    texts = sns_backends[ACCOUNT][REGION].sms_messages
    told = re.findall(r"\b[0-9]{6}\b", list(texts.values())[-1][1])[0]
    payer.shop.post("/me/profile/phone/confirm", {"code": told}, as_=INES).ok()
    assert payer.ask(refused, channel="phone")["code"] == "contact_too_new"
    # Asking for the next change does not make the last one older.
    payer.shop.put("/me/profile/phone", {"phone": PHONE[:-1] + "9"}, as_=INES).ok()
    assert payer.ask(refused, channel="phone").status == 409
    payer.shop.pass_time(days=1)
    sent = payer.ask(refused, channel="phone")
    assert (sent.status, sent["sent_to"]) == (202, "••••0118")
    (to, text) = list(texts.values())[-1]
    assert (to, "EUR 15.00" in text) == ("+351910000118", True)
    code = {"code": re.findall(r"\b[0-9]{6}\b", text)[0]}
    assert payer.buy(1500, code).status == 201


def test_codes_are_sent_a_minute_apart_and_so_many_a_day(payer: Payer) -> None:
    refused = payer.buy(1500)
    payer.ask(refused).ok()
    wish = {name: refused[name] for name in ("order_id", "amount_minor", "currency")}
    early = payer.shop.post("/me/payment-proof/code", wish, as_=INES)
    assert (early.status, early["code"], early.headers["Retry-After"]) == (429, "too_soon", "60")
    assert [payer.ask(refused).status for _ in range(20)] == [202] * 19 + [429]


@pytest.mark.capability("PAY-09")
def test_nothing_that_proves_anything_is_kept_told_or_logged(payer: Payer) -> None:
    with written() as log:
        code = payer.password_code()
        told = [payer.set(PASSWORD, code), payer.set(PASSWORD, {"password": OTHER})]
        for_tea = payer.code_for(payer.buy(1500))
        told += [payer.buy(1500, wrong(for_tea)), payer.buy(1500, {"password": PASSWORD})]
    everything = log.getvalue() + str([one.body for one in told]) + str(current.table().rows)  # type: ignore[attr-defined]
    for secret in (PASSWORD, OTHER, code["code"], for_tea["code"]):
        assert secret not in everything
    changes = [one for row in payer.shop.rows("AuditEntry") for one in row["changes"] if one["kind"] == "KeptPassword"]
    assert changes and {one["after"]["password_hash"] for one in changes} == {"withheld"}


@pytest.mark.capability("PAY-09")
def test_whoever_breaks_off_anywhere_tries_again_and_pays_once(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> None:
    payer.set(PASSWORD, payer.password_code()).ok()
    proof, had = {"password": PASSWORD}, payer.wallet()

    def break_off(at: int) -> Callable[[int], float]:
        return lambda number: 1 / (at - number)

    for number in range(1, 60):
        sent = {"key": f"key {number}", "quote_id": payer.market.quote({"CUP": 3}).ok()["quote_id"]}
        with monkeypatch.context() as patch:
            made = calls(patch, then=break_off(number))
            broken = payer.buy(1500, proof, **sent)
        if number > len(made):
            break
        paid = payer.buy(1500, proof, **sent)
        assert (broken.status, paid.status, payer.wallet()) == (500, 201, (had[0] - 1500, 0))
        payer.market.cancel(paid["order"]["order_id"]).ok()
    assert (broken.status, number > 8) == (201, True)
