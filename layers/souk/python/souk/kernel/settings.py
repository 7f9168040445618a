"""What the deployment tells the code: the only reader of the environment."""

import os
from datetime import timedelta


def _text(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise RuntimeError(f"the setting {name} is missing from this function's environment") from None


def table_name() -> str:
    return _text("TABLE_NAME")


def bus_name() -> str:
    return _text("BUS_NAME")


def user_pool_id() -> str:
    return _text("USER_POOL_ID")


def user_pool_client_id() -> str:
    return _text("USER_POOL_CLIENT_ID")


def region() -> str:
    return _text("AWS_REGION")


def mail_from() -> str:
    """The sender of the shop's mail: an address that SES has verified."""
    return _text("MAIL_FROM")


def stripe_secret() -> str:
    """Name or ARN of the secret with api_key, publishable_key and webhook_secrets."""
    return _text("STRIPE_SECRET")


def stripe_api() -> str:
    return os.environ.get("STRIPE_API", "https://api.stripe.com")


def wechat_pay_secret() -> str:
    """Name or ARN of the secret with the merchant's mchid, appid, serial_no, private_key, api_v3_keys, notify_url,
    the public_keys of WeChat Pay by their ids, and whether the merchant takes `live` money. It is asked to sign with
    the last of the keys that is not a certificate's.
    """
    return _text("WECHAT_PAY_SECRET")


def wechat_pay_api() -> str:
    return os.environ.get("WECHAT_PAY_API", "https://api.mch.weixin.qq.com")


def alipay_secret() -> str:
    """Name or ARN of the secret with the merchant's app_id, seller_id, private_key, notify_url and return_url, the
    public_keys of Alipay, and whether the merchant takes `live` money.
    """
    return _text("ALIPAY_SECRET")


def alipay_api() -> str:
    return os.environ.get("ALIPAY_API", "https://openapi.alipay.com/gateway.do")


def live_money() -> bool:
    """Whether this stack takes real cards; a provider's event for the other mode is set aside."""
    return _text("LIVE_MONEY") == "on"


def cursor_secret() -> str:
    """Name or ARN of the secret that seals the cursors of lists."""
    return _text("CURSOR_SECRET")


def hash_secret() -> str:
    """Name or ARN of the secret that keys the hashes of what must not be guessed."""
    return _text("HASH_SECRET")


def files_bucket() -> str:
    return _text("FILES_BUCKET")


def media_url() -> str:
    """Where everybody fetches the pictures of products; a file's key follows it."""
    return _text("MEDIA_URL")


def rows_queue() -> str:
    """URL of the queue of rows that wait to be imported."""
    return _text("ROWS_QUEUE")


def bills_queue() -> str:
    """URL of the queue of bills that wait to be compared."""
    return _text("BILLS_QUEUE")


def rates_url() -> str:
    """Where the rates of exchange of the day are published."""
    return _text("RATES_URL")


def timer_role() -> str:
    """ARN of the role with which timers call their function."""
    return _text("TIMER_ROLE")


def timer_group() -> str:
    return _text("TIMER_GROUP")


def timer_dead_letters() -> str:
    """ARN of the queue for timers that could not be delivered."""
    return _text("TIMER_DEAD_LETTERS")


def arn_of(target: str) -> str:
    """ARN of a function or workflow this function may start: `arn_of("close_unpaid")` reads CLOSE_UNPAID_ARN."""
    return _text(f"{target.upper()}_ARN")


def shipment_time() -> timedelta:
    """After how long the workflow reminds the store of a paid order that has not left it."""
    return timedelta(seconds=int(_text("SHIPMENT_SECONDS")))


def review_time() -> timedelta:
    """After how long the workflow brings a case that waits for its review before head office."""
    return timedelta(seconds=int(_text("REVIEW_SECONDS")))


def goods_time() -> timedelta:
    """The same of goods that are on their way back."""
    return timedelta(seconds=int(_text("GOODS_SECONDS")))


def inspection_time() -> timedelta:
    """The same of goods that are back."""
    return timedelta(seconds=int(_text("INSPECTION_SECONDS")))


def refund_time() -> timedelta:
    """The same of a case that waits for its money."""
    return timedelta(seconds=int(_text("REFUND_SECONDS")))


def identity_endpoint() -> str | None:
    """Where the user pool's keys are read from, when not from Amazon (the local cloud)."""
    return os.environ.get("AWS_ENDPOINT_URL")


def trace_is_recorded() -> bool:
    """Whether X-Ray records the call under way; Lambda says so anew for each."""
    return "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", "")


def allowed_origins() -> frozenset[str]:
    """The web origins that browsers may call from, each exact (scheme, host and port)."""
    return frozenset(_text("ALLOWED_ORIGINS").split(","))
