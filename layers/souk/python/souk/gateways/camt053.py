"""A bank's statement as ISO 20022's camt.053, of whichever version: a transfer for each detail of a booked entry.

https://www.iso20022.org/iso-20022-message-definitions
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

from souk.gateways.statements import WrongStatement
from souk.kernel import money

LONGEST = 200  # what may be remitted is 140 characters, and a reference
NONE_GIVEN = {"NONREF", "NOTPROVIDED"}


class WrongCamt(WrongStatement):
    title = "The statement is no camt.053, or has an entry that is not as it must be"


def read(text: str) -> Iterator[tuple[int, Mapping[str, object] | None]]:
    """By the number of the entry what came in; what went out or is only announced is passed over.

    None is what came in and the bank takes back. The same statement always names its transfers alike, and no two of
    them the same, whatever the bank does.
    """
    if "<!DOCTYPE" in text:  # it could declare entities; no bank sends one
        raise WrongCamt()
    try:
        # The encoding that it declares was the file's.
        document = ElementTree.fromstring(text, ElementTree.XMLParser(encoding="utf-8"))
    except (ParseError, ValueError):
        raise WrongCamt() from None
    statements = document.findall("{*}BkToCstmrStmt/{*}Stmt")
    if not statements:
        raise WrongCamt()
    entries = [(_text(one, "Id"), *place) for one in statements for place in enumerate(one.findall("{*}Ntry"), 1)]
    given = Counter[str]()
    for number, (statement, place, entry) in enumerate(entries, start=1):
        if _text(entry, "Sts/Cd", "Sts") != "BOOK":
            continue
        if _text(entry, "CdtDbtInd") != "CRDT":
            if _text(entry, "RvslInd") in ("true", "1"):
                yield number, None
            continue
        try:
            for transfer in _transfers(entry, f"{statement}#{place}"):
                name = str(transfer["bank_reference"])
                given[name] += 1
                yield number, transfer if given[name] == 1 else {**transfer, "bank_reference": f"{name}#{given[name]}"}
        except ValueError as error:
            raise WrongCamt(f"Entry {number}: {error}", entry=number) from None


def _transfers(entry: Element, name: str) -> list[Mapping[str, object]]:
    """One, or several that make up the entry; ValueError where they do not. `name` is the entry's where it has none.

    An entry may be what came in less what went out: then its details say which they are.
    """
    whole, details = _amount(entry, "Amt"), entry.findall("{*}NtryDtls/{*}TxDtls") or [entry]
    parts = [_amount(one, "Amt", "AmtDtls/TxAmt/Amt") for one in details] if len(details) > 1 else [whole]
    signs = [-1 if _text(one, "CdtDbtInd") == "DBIT" else 1 for one in details]
    total = sum(sign * minor for sign, (minor, _) in zip(signs, parts, strict=True))
    if {currency for _, currency in parts} != {whole[1]} or total != whole[0]:
        raise ValueError("its details are not its amount")
    name = _reference(entry, "AcctSvcrRef") or name
    return [
        {
            "bank_reference": _reference(one, "Refs/AcctSvcrRef") or (f"{name}#{place}" if place else name),
            "received_on": _text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")[:10],
            "amount_minor": minor,
            "currency": currency,
            **_told(one),
        }
        for place, (one, sign, (minor, currency)) in enumerate(zip(details, signs, parts, strict=True))
        if sign > 0 and minor
    ]


def _told(details: Element) -> dict[str, object]:
    """Who sent it, and what for; the reference for the creditor first."""
    written = [*details.findall("{*}RmtInf/{*}Strd/{*}CdtrRefInf/{*}Ref"), *details.findall("{*}RmtInf/{*}Ustrd")]
    said = {
        "text": " ".join(" ".join(one.text or "" for one in written).split())[:LONGEST],
        "payer": _text(details, "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm"),
        "payer_account": _text(details, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
    }
    return {name: text for name, text in said.items() if text}


def _reference(within: Element, path: str) -> str:
    """The bank's own, of which there is no other; some write that they give none."""
    said = _text(within, path)
    return "" if said in NONE_GIVEN else said


def _amount(within: Element, *paths: str) -> tuple[int, str]:
    found = _first(within, *paths)
    if found is None:
        raise ValueError("it has no amount")
    currency = found.get("Ccy", "")
    return money.coins((found.text or "").strip(), currency), currency


def _text(within: Element, *paths: str) -> str:
    """Of the first of these places that there is; versions have moved some."""
    found = _first(within, *paths)
    return "" if found is None else (found.text or "").strip()


def _first(within: Element, *paths: str) -> Element | None:
    places = (within.find("/".join(f"{{*}}{name}" for name in path.split("/"))) for path in paths)
    return next((place for place in places if place is not None), None)
