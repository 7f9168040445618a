"""The bank's statement as camt.053: what came in is entered, transfer by transfer, as if staff had."""

import pytest

from tests.support.bank_transfers import balance, market, place, state
from tests.support.market import OTTO, Market
from tests.support.shop import Answer

__all__ = ["market"]


def send(market: Market, statement: dict[str, str]) -> Answer:
    return market.shop.post("/staff/bank-transfers/statement", statement, as_=market.shop.boss)


def entry(amount: str, reference: str, details: str = "", *, side: str = "CRDT", status: str = "BOOK") -> str:
    """As banks write one, by the version of 2009 or, with its code within, by one of 2019."""
    return (
        f'<Ntry><NtryRef>1</NtryRef><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2026-11-02</Dt></BookgDt>{reference}<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def camt053(*entries: str, version: str = "02", of: str = "ST-7") -> dict[str, str]:
    return {
        "camt053": '<?xml version="1.0" encoding="ISO-8859-1"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr/>'
        f"<Stmt><Id>{of}</Id>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    }


def ref(reference: str) -> str:
    return f"<AcctSvcrRef>{reference}</AcctSvcrRef>"


def remitted(text: str, amount: str = "") -> str:
    told = f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>' if amount else ""
    return f"<TxDtls>{told}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"


@pytest.mark.capability("PAY-06")
def test_a_statement_of_the_bank_as_camt_053_is_entered_transfer_by_transfer(market: Market) -> None:
    (first, told), (second, also), (third, last) = place(market), place(market, 1, by=OTTO), place(market, 3)
    referred = (
        "<TxDtls><RltdPties><Dbtr><Pty><Nm>José Sá</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>PT50</IBAN></Id></DbtrAcct>"
        f"</RltdPties><RmtInf><Strd><CdtrRefInf><Ref>{told['reference']}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
    )
    gathered = remitted(also["reference"], "10.00") + remitted(f"cups, {last['reference']}", "30.00")
    statement = camt053(
        entry("20.00", ref("BK-1"), referred, status="<Cd>BOOK</Cd>"),
        entry("40.00", ref("BK-2"), gathered),
        entry("3.50", ref("BK-3"), side="DBIT"),
        entry("7.00", ref("BK-4"), status="PDNG"),
        entry("5", ref("NONREF")),
        entry("5", ref("NONREF")),
        version="08",
    )
    for _ in range(2):
        entered = send(market, statement).ok()["items"]
        assert [one["line"] for one in entered] == [1, 2, 2, 5, 6]
        assert [one["transfer"]["order_id"] for one in entered] == [first, second, third, None, None]
        market.shop.drain()
    assert (entered[0]["transfer"]["payer"], entered[0]["transfer"]["payer_account"]) == ("José Sá", "PT50")
    assert {state(market, one) for one in (first, second, third)} == {("paid", "captured")}
    assert balance(market) == {"bank": 7000, "suspense": -1000, "refunds_payable": 0}
    another_day = camt053(entry("5", ref("NONREF")), of="ST-8")
    send(market, another_day).ok()
    assert balance(market)["suspense"] == -1500


@pytest.mark.capability("PAY-06")
@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"csv": "bank_reference,received_on,amount,currency", **camt053()},
        {"camt053": "<Document/>"},
        {"camt053": "no XML"},
        {"camt053": "\ud800"},
        {"camt053": "<!DOCTYPE Document [<!ENTITY sum '9'>]>" + camt053()["camt053"].partition("?>")[2]},
        camt053(entry("5.00", ref("BK-1")), entry("much", ref("BK-2"))),
        camt053(entry("5.00", ref("BK-1")), entry("5.00", ref("BK-2")).replace("2026-11-02", "")),
        camt053(entry("5.00", ref("BK-1")), entry("-5.00", ref("BK-2"))),
        camt053(entry("5.00", ref("BK-1")), entry("5.005", ref("BK-2"))),
        camt053(entry("9.00", ref("BK-1"), remitted("a", "5.00") + remitted("b", "5.00"))),
        camt053(entry("9.00", ref("BK-1"), remitted("a") + remitted("b", "9.00"))),
    ],
)
def test_a_camt_053_with_a_wrong_entry_enters_none(market: Market, statement: dict[str, str]) -> None:
    refused = send(market, statement)
    assert refused.status == 422
    assert market.shop.rows("BankTransfer") == []


@pytest.mark.capability("PAY-06")
def test_no_two_transfers_of_a_statement_are_one_whatever_the_bank_calls_them(market: Market) -> None:
    same = "<Refs><AcctSvcrRef>BK-1</AcctSvcrRef></Refs>"
    gathered = "".join(remitted(name, "5.00").replace("<AmtDtls>", f"{same}<AmtDtls>") for name in ("Ann", "Bert"))
    statement = camt053(entry("10.00", ref("BK-1"), gathered), entry("5.00", ref("BK-1")), entry("5.00", ""), of="7")
    for _ in range(2):
        entered = send(market, statement).ok()["items"]
        assert [one["refused"] for one in entered] == [None] * 4
        assert balance(market)["suspense"] == -2000
    # Neither is one of this the second of that.
    nested = camt053(entry("10.00", "", remitted("c", "5.00") + remitted("d", "5.00")), of="7#1")
    send(market, nested).ok()
    assert balance(market)["suspense"] == -3000


@pytest.mark.capability("PAY-06")
def test_what_an_entry_is_less_than_its_transfers_went_out_and_nothing_is_entered_of_nothing(market: Market) -> None:
    fee = "<TxDtls><CdtDbtInd>DBIT</CdtDbtInd><AmtDtls><TxAmt><Amt Ccy='EUR'>1.00</Amt></TxAmt></AmtDtls></TxDtls>"
    net = entry("9.00", ref("BK (1), 'x'?"), remitted("a", "10.00") + fee)
    entered = send(market, camt053(net, entry("0.00", ref("BK-2")))).ok()["items"]
    assert [one["transfer"]["amount_minor"] for one in entered] == [1000]


@pytest.mark.capability("PAY-06")
def test_a_transfer_that_the_bank_takes_back_is_told_to_who_enters_the_statement(market: Market) -> None:
    recalled = entry("5.00", ref("BK-1"), side="DBIT").replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")
    (told,) = send(market, camt053(recalled)).ok()["items"]
    assert (told["transfer"], told["refused"]) == (None, "transfer_taken_back")
    assert balance(market)["bank"] == 0
