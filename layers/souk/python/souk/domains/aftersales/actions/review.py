"""What staff and the buyer say to each other about a case."""

from souk.domains.aftersales import events, store
from souk.domains.aftersales.actions import photos
from souk.domains.aftersales.actions.cases import about, decided, save
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.review import Answer, RatingDraft, Said
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table.again import again
from souk.table.unit import Unit


def ask_more(case_id: str, question: Said, by: Caller) -> RefundCase:
    asked = store.for_staff(case_id, by).asked(question.text, clock.now(), by.id)
    with Unit() as unit:
        unit.tell(events.RefundMoreAsked(**about(asked), question=question.text))
        return save(unit, asked)


def answer(case_id: str, said: Answer, by: Caller) -> RefundCase:
    case = store.for_buyer(case_id, by)
    answered = case.moved("requested", clock.now(), by.id, said.text)
    answered = answered.showing(photos.laid(case.order_id, said.images, by))
    with Unit() as unit:
        unit.tell(events.RefundAnswered(**about(answered)))
        return save(unit, answered)


def reject(case_id: str, why: Said, by: Caller) -> RefundCase:
    rejected = store.for_staff(case_id, by).moved("rejected", clock.now(), by.id, why.text)
    with Unit() as unit:
        decided(unit, rejected)
        unit.because(why.text)
        unit.tell(events.RefundRejected(**about(rejected), reason=why.text, by=by.id))
        return save(unit, rejected)


def rate(case_id: str, draft: RatingDraft, by: Caller) -> RefundCase:
    def once() -> RefundCase:
        case = store.for_buyer(case_id, by)
        rated = case.rated(draft, clock.now())
        if rated is case:
            return case
        with Unit() as unit:
            return save(unit, rated)

    return again(once)
