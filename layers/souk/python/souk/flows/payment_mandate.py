"""A member lets the shop charge a kept method without asking each time: whoever finds the account open does not."""

from souk.domains.messaging.actions import write
from souk.domains.messaging.model import amount
from souk.domains.payments.actions import mandates, proofs
from souk.domains.payments.model.draw import Subject
from souk.domains.payments.model.mandate import Mandate, MandateDraft, MandateProofNeeded, MandateToday, day_of
from souk.domains.payments.store import kept as kept_store
from souk.domains.payments.store import mandates as store
from souk.domains.stores.store.settings import at_hand
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.paying import PaymentProof
from souk.table.unit import Unit


def agree(draft: MandateDraft, by: Caller) -> Mandate:
    """Told by mail once it holds; what is agreed to already is neither proved nor told."""
    currency, book = at_hand().settings.currency, kept_store.methods_of(by.id)
    method = book.get(draft.method_id)
    known = store.find_mandate(by.id, book.mandates.get(method.method_id))
    if known and known.is_for(draft, currency):
        return known
    _need_proof(draft, by)
    return mandates.agree(draft, currency, by, lambda unit, agreed: _tell(unit, agreed, method.last4))


def read(mandate_id: str, by: Caller) -> MandateToday:
    mandate, day = store.mandate(by.id, mandate_id), today()
    return mandate.today(day, store.charged(mandate, day))


def today() -> str:
    """The day of the shop, whose charges are counted together."""
    return day_of(clock.now(), at_hand().settings.time_zone)


def _tell(unit: Unit, agreed: Mandate, last4: str) -> None:
    """Whatever the shop has set: whoever did not agree to it must hear of it."""
    once, in_a_day = (amount(minor, agreed.currency) for minor in (agreed.charge_limit_minor, agreed.day_limit_minor))
    about, said = agreed.mandate_id, {"last4": last4, "once": once, "day": in_a_day}
    write(unit, "mandate_agreed", to=agreed.member_id, cause=about, about=about, channels=("mail",), **said)


def _need_proof(draft: MandateDraft, by: Caller) -> None:
    if draft.payment_password is not None:
        proofs.need(by.id, PaymentProof(password=draft.payment_password), Subject())
    elif not at_hand().settings.passes_unproved(draft.charge_limit_minor, draft.day_limit_minor):
        raise MandateProofNeeded()
