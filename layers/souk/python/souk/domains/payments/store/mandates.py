"""What members let the shop charge by itself, as it is asked for."""

from souk.domains.payments.model.mandate import Mandate, MandateDay, NoSuchMandate
from souk.table import ask, keys, patterns


def mandate(member_id: str, mandate_id: str) -> Mandate:
    return ask.get(keys.MANDATE, Mandate, NoSuchMandate, member_id=member_id, mandate_id=mandate_id)


def find_mandate(member_id: str, mandate_id: str | None) -> Mandate | None:
    return mandate(member_id, mandate_id) if mandate_id else None


def mandates(member_id: str, limit: int, position: str | None) -> tuple[list[Mandate], str | None]:
    """Newest first, those that were revoked too."""
    rows = ask.ask(patterns.MANDATES_OF_MEMBER, limit=limit, position=position, member_id=member_id)
    return rows.all(keys.MANDATE, Mandate), rows.position


def charged(mandate: Mandate, day: str) -> int:
    """On that day to its method, by those before it too."""
    named = {"member_id": mandate.member_id, "method_id": mandate.method_id}
    found = ask.find(keys.MANDATE_DAY, MandateDay, day=day, **named)
    return found.charged_minor if found else 0
