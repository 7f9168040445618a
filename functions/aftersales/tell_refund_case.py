"""What was decided of a case, or became of its goods or money, is told to the step of its workflow that waits."""

from souk.domains.aftersales.actions import workflow
from souk.domains.aftersales.events import RefundApproved, RefundCaseMoved, RefundRejected, ReturnMoved
from souk.edge.task import on


def tell_refund_case(fact: RefundApproved | RefundRejected | RefundCaseMoved | ReturnMoved) -> None:
    workflow.tell(fact.case_id)


handler = on(
    (RefundApproved, tell_refund_case),
    (RefundRejected, tell_refund_case),
    (RefundCaseMoved, tell_refund_case),
    (ReturnMoved, tell_refund_case),
)
