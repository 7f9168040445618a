"""With what a buyer's device pays."""

from souk.kernel.shapes import Noun


class PaymentStart(Noun):
    """With these the buyer's device pays at the provider: a browser confirms with the two keys, or does the `action`.

    Of that, `code_url` is to be shown as a QR code, `redirect_url` to be gone to; within WeChat and Alipay it is what
    the bridge is called with, of a transfer what goes where: `amount`, `currency`, `holder`, `number`, `reference`.
    """

    intent_id: str
    method: str = "card"
    client_secret: str
    publishable_key: str
    action: dict[str, str] = {}
