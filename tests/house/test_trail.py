"""The audit trail: nothing that is changed slips past it, nothing changes it, and no person's data gets into it."""

import ast
import re

import pytest

from souk.kernel.audit import withheld
from souk.kernel.shapes import Noun
from souk.table.entity import fields_of
from souk.table.keys import ENTITIES
from tests.house.code import declared, sources

# Kinds that the trail does not tell of, and why.
UNTOLD = {
    "repeats what a product, its stock, a store or a case says": {
        "ShelfEntry",
        "SkuState",
        "OfferedStore",
        "CaseRecord",
    },
    "goes with the noun that claims it": {"SkuClaim", "ProductClaim", "OpenCase", "PhoneOwner"},
    "is a history itself": {
        "ListingEntry",
        "SettingsVersion",
        "StockEntry",
        "MoneyEvent",
        "JournalEntry",
        "AuditEntry",
    },
    "is nobody's business but the buyer's": {"Cart"},
    "only keeps changes apart": {"TreeLock"},
    "only counts": {"StaffCount", "Inbox", "Tries", "DaySales", "ProductSales", "RegionSales", "ImportCount"}
    | {"SaleShard", "SaleBuyer", "AccountBalance", "DayBalance", "ProductProfit", "CampaignProfit", "Wallet"}
    | {"ProofTries", "MerchantAccount", "MandateDay"},
    "remembers what was said to us or by us": {"Fact", "Seen", "ProviderEvent", "CaseWait"},
    "is told by what comes of it": {"ContactCode", "FormerContact", "ImportedRows", "PaymentCode"},
}
# What names and types of fields give away as a person's data or a secret; what is not, though it looks like it.
TELLTALE = re.compile(r"e_?mail|phone|address|contact|birthday|gender|nickname|token|secret|password|hash|salt|manager")
SHOWN = {
    ("Store", "address"),
    ("Store", "phone"),
    ("ShopSettings", "email"),
    ("ShopSettings", "phone"),
    ("ShopSettings", "review_new_address"),
}


def nouns() -> dict[str, type[Noun]]:
    return {one.__name__: one for one in declared(Noun)}


@pytest.mark.capability("SYS-08")
def test_every_kind_is_in_the_trail_or_it_is_said_why_not() -> None:
    told = {entity.kind for entity in ENTITIES if entity.audited}
    untold = [kind for kinds in UNTOLD.values() for kind in kinds]
    assert len(untold) == len(set(untold))
    assert {entity.kind for entity in ENTITIES} == told | set(untold) and not told & set(untold)


def test_the_subject_of_a_kind_is_made_of_its_own_fields() -> None:
    for entity in ENTITIES:
        if entity.audited:
            assert fields_of(entity.audited) <= set(nouns()[entity.kind].model_fields), entity.kind


@pytest.mark.capability("SYS-08")
def test_entries_are_added_and_nothing_else_is_done_to_them() -> None:
    """By their own door only: no other line names the kind but to read it, and they never expire."""
    (entry,) = (entity for entity in ENTITIES if entity.kind == "AuditEntry")
    assert entry.expires is None
    uses = [
        (source.name, ast.unparse(node.func).rsplit(".")[-1])
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and "keys.AUDIT_ENTRY" in map(ast.unparse, node.args)
    ]
    assert {use for use in uses if use[1] != "all"} == {("souk.table.unit", "add")}
    named = sum(source.text.count("keys.AUDIT_ENTRY") for source in sources())
    assert named == len(uses) + 2, "named elsewhere than in a call and in the two patterns"


@pytest.mark.capability("AFS-12")
def test_a_case_is_saved_with_its_line_in_the_log_of_cases() -> None:
    """In one place, so that no command can forget it; and nothing takes either away."""
    uses = {
        (source.name, ast.unparse(node.func).rsplit(".")[-1], entity)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        for entity in {"keys.CASE", "keys.CASE_RECORD"} & set(map(ast.unparse, node.args))
    }
    changes = {use for use in uses if use[1] in ("add", "save", "put", "change", "remove")}
    place = "souk.domains.aftersales.actions.cases"
    assert changes == {(place, "save", "keys.CASE"), (place, "put", "keys.CASE_RECORD")}


@pytest.mark.capability("SYS-08")
def test_the_trail_holds_no_persons_data_and_no_secret() -> None:
    open_fields = {
        (entity.kind, name)
        for entity in ENTITIES
        if entity.audited
        for name in {*nouns()[entity.kind].model_fields} - withheld(nouns()[entity.kind])
        if TELLTALE.search(name)
    }
    assert open_fields == SHOWN
