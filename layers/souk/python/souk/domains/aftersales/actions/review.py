"""What staff and the buyer say to each other before a case is decided."""

from souk.domains.aftersales import events, store
from souk.domains.aftersales.actions.cases import about, decided
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.review import Said
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.unit import Unit


def ask_more(case_id: str, question: Said, by: Caller) -> RefundCase:
    asked = store.for_staff(case_id, by).moved("more_asked", clock.now(), by.id, question.text)
    with Unit() as unit:
        unit.tell(events.RefundMoreAsked(**about(asked), question=question.text))
        return unit.save(keys.CASE, asked)


def answer(case_id: str, said: Said, by: Caller) -> RefundCase:
    answered = store.for_buyer(case_id, by).moved("requested", clock.now(), by.id, said.text)
    with Unit() as unit:
        unit.tell(events.RefundAnswered(**about(answered)))
        return unit.save(keys.CASE, answered)


def reject(case_id: str, why: Said, by: Caller) -> RefundCase:
    rejected = store.for_staff(case_id, by).moved("rejected", clock.now(), by.id, why.text)
    with Unit() as unit:
        decided(unit, rejected)
        unit.because(why.text)
        unit.tell(events.RefundRejected(**about(rejected), reason=why.text, by=by.id))
        return unit.save(keys.CASE, rejected)
