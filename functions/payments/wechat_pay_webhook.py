"""WeChat Pay's webhook: 2xx only once what it says is durable; a bad signature is 400 and leaves nothing behind."""

from souk.domains.payments.model.outcome import Outcome
from souk.edge.caller import headers
from souk.edge.http import http_api, raw_body
from souk.edge.watch import count, logger
from souk.flows import hear_provider
from souk.kernel.shapes import Noun

app, handler = http_api()


class Receipt(Noun):
    outcome: Outcome


@app.post("/hooks/wechat-pay", public=True)
def hear() -> Receipt:
    event = app.current_event.raw_event
    outcome = hear_provider.hear("wechat_pay", raw_body(event), headers(event))
    count(outcome)
    logger.append_keys(outcome=outcome)
    return Receipt(outcome=outcome)
