"""Alipay's webhook: forms, which it repeats until it is answered with one word."""

from functools import partial

from souk.edge.http import FORM, PlainText, http_api, plain
from souk.edge.webhook import heard
from souk.flows import hear_provider

app, handler = http_api(FORM)
HEARD = {"description": "Heard", "content": {"text/plain": {"schema": {"type": "string", "const": "success"}}}}


@app.post("/hooks/alipay", public=True, responses={200: HEARD})
def hear() -> PlainText:
    heard(app, partial(hear_provider.hear, "alipay"))
    return plain("success")
