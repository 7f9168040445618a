"""The keys of what the shop settles with merchants."""

from souk.table.entity import Entity, Key

FEE_RULE = Entity("FeeRule", main=Key("FEE_RULES#{merchant_id}", "{from_day}#{rule_id}"), audited="{rule_id}")
# A movement is its own idempotency row: what caused it is its name, whatever settlement it came to fall into.
MERCHANT_MOVEMENT = Entity(
    "MerchantMovement",
    main=Key("MERCHANT_MOVEMENTS#{merchant_id}#{subject}", "{cause}"),
    by={"gsi1": Key("SETTLEMENT#{merchant_id}#{month}#{currency}", "{at}#{subject}#{cause}")},
    card=("merchant_id", "subject", "cause"),
    audited="{merchant_id}",
    own_history=True,
)
SETTLEMENT = Entity(
    "Settlement",
    main=Key("SETTLEMENTS#{merchant_id}", "{month}#{currency}"),
    by={"gsi2": Key("SETTLEMENTS_AWAITED#{awaited}", "{month}#{merchant_id}#{currency}")},
    numbers=(
        "brought_forward_minor",
        "sales_minor",
        "refunds_minor",
        "fees_minor",
        "adjustments_minor",
        "movements",
        "closed",
    ),
    card=("merchant_id", "month", "currency"),
    audited="{merchant_id}",
)
MERCHANT_ACCOUNT = Entity(
    "MerchantAccount",
    main=Key("MERCHANT_ACCOUNTS", "{merchant_id}#{currency}"),
    numbers=("owed_minor", "closed_through"),
)
