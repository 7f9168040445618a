"""How a member proves payments out of the balance: set the payment password, have a code sent."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.members.model.profile import CodeSent
from souk.domains.payments.actions import proofs
from souk.domains.payments.model.proof import CodeWish, NewPaymentPassword, PaymentCodeWish, PaymentProofView
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.language import AcceptLanguage, spoken
from souk.flows import payment_proof

app, handler = http_api()


@app.get("/me/payment-proof", may=PROFILE)
def read() -> PaymentProofView:
    return proofs.view(caller().id)


@app.put("/me/payment-proof/password", may=PROFILE)
def set_password(wanted: NewPaymentPassword) -> PaymentProofView:
    """Told to the member; sent again it is done already."""
    return payment_proof.set_password(wanted, by=caller())


@app.post("/me/payment-proof/password/code", may=PROFILE, status=HTTPStatus.ACCEPTED)
def send_password_code(wish: CodeWish, accept_language: AcceptLanguage = None) -> CodeSent:
    return payment_proof.send_password_code(wish, spoken(accept_language), by=caller())


@app.post("/me/payment-proof/code", may=PROFILE, status=HTTPStatus.ACCEPTED)
def send_payment_code(wish: PaymentCodeWish, accept_language: AcceptLanguage = None) -> CodeSent:
    """Good for this order at this sum, and for no other."""
    return payment_proof.send_payment_code(wish, spoken(accept_language), by=caller())
