"""A member lets the shop charge a kept method without asking each time: whoever finds the account open does not."""

from souk.domains.messaging.model import amount
from souk.domains.payments import store
from souk.domains.payments.actions import mandates, proofs
from souk.domains.payments.model.mandate import Mandate, MandateDraft, MandateProofNeeded
from souk.domains.payments.model.proof import Subject
from souk.domains.stores.store import at_hand
from souk.flows import letters
from souk.flows.payment_proof import address_of
from souk.kernel.caller import Caller
from souk.kernel.paying import PaymentProof
from souk.kernel.shapes import Language


def agree(draft: MandateDraft, language: Language, by: Caller) -> Mandate:
    """Told before it holds, as another payment password is; what is agreed to already is neither proved nor told."""
    currency, book = at_hand().settings.currency, store.methods_of(by.id)
    method = book.get(draft.method_id)
    known = store.find_mandate(by.id, book.mandates.get(method.method_id))
    if known and known.is_for(draft, currency):
        return known
    _need_proof(draft, by)
    once, in_a_day = amount(draft.charge_limit_minor, currency), amount(draft.day_limit_minor, currency)
    said = {"last4": method.last4, "once": once, "day": in_a_day}
    letters.send("email", address_of("email", by), "mandate_agreed", language, **said)
    return mandates.agree(draft, currency, by)


def _need_proof(draft: MandateDraft, by: Caller) -> None:
    if draft.payment_password is not None:
        proofs.need(by.id, PaymentProof(password=draft.payment_password), Subject())
    elif not at_hand().settings.passes_unproved(draft.charge_limit_minor, draft.day_limit_minor):
        raise MandateProofNeeded()
