"""The only file that spells a key: every kind of item, where it lies, and what an index says of it."""

from souk.table.entity import Entity, Key, names

INDEXES = ("gsi1", "gsi2", "gsi3")

# -- catalog
PRODUCT = Entity(
    "Product",
    main=Key("PRODUCT#{product_id}", "PRODUCT"),
    by={
        "gsi1": Key("PRODUCTS_OF#{merchant_id}#{status}", "{changed_at}#{product_id}"),
        "gsi2": Key("PRODUCTS#{status}", "{changed_at}#{product_id}"),
    },
    card=names(
        "product_id merchant_id code name category_id status changed_at list_at delist_at image off_for_merchant"
    ),
    audited="{product_id}",
)
SHELF_ENTRY = Entity(
    "ShelfEntry",
    main=Key("PRODUCT#{product_id}", "SHELF"),
    by={
        "gsi1": Key("SHELF#{shelf}", "{listed_at}#{product_id}"),
        "gsi2": Key("SHELF_PRICES#{shelf}", "{price_from_minor:015d}#{product_id}"),
        "gsi3": Key("SHELF_NAMES#{shelf}", "{sort_name}#{product_id}"),
    },
    card=("product_id", "facets"),
)
SKU = Entity("Sku", main=Key("PRODUCT#{product_id}", "SKU#{sku}"), audited="{product_id}")
SKU_STATE = Entity("SkuState", main=Key("PRODUCT#{product_id}", "STATE#{sku}"))
SKU_CLAIM = Entity("SkuClaim", main=Key("SKU#{sku}", "SKU"))
CATEGORY = Entity(
    "Category", main=Key("CATEGORIES", "CATEGORY#{category_id}"), numbers=("products",), audited="{category_id}"
)
TREE_LOCK = Entity("TreeLock", main=Key("CATEGORIES", "TREE_LOCK"))
PRODUCT_CLAIM = Entity("ProductClaim", main=Key("PRODUCT_CODE#{code}", "PRODUCT_CODE"))
PRODUCT_TYPE = Entity(
    "ProductType", main=Key("PRODUCT_TYPES", "TYPE#{type_id}"), numbers=("products",), audited="{type_id}"
)
UPLOAD = Entity(
    "Upload",
    main=Key("UPLOAD#{upload_id}", "UPLOAD"),
    expires="expires_at",
    audited="{product_id}",
    own_history=True,
)
IMPORT = Entity(
    "Import", main=Key("IMPORT#{import_id}", "IMPORT"), expires="expires_at", audited="{import_id}", own_history=True
)
# What has become of rows that stand below each other: found by the first of them, or as those of which some failed.
IMPORTED_ROWS = Entity(
    "ImportedRows",
    main=Key("IMPORT#{import_id}", "ROWS#{number:07d}"),
    by={"gsi1": Key("IMPORT_FAILURES#{failed_in}", "{number:07d}")},
    card=("import_id", "number", "failures"),
    expires="expires_at",
)
# Counted by message, for each has one worker at a time: nobody waits for a counter.
IMPORT_COUNT = Entity(
    "ImportCount",
    main=Key("IMPORT#{import_id}", "COUNT#{number:07d}"),
    numbers=("created", "updated", "unchanged", "failed"),
    expires="expires_at",
)
LISTING_ENTRY = Entity("ListingEntry", main=Key("LISTINGS#{product_id}", "{number:012d}"))

# -- stores
STORE = Entity(
    "Store",
    main=Key("STORES", "STORE#{store_id}"),
    by={"gsi1": Key("STORE_MAP", "{cell}#{store_id}")},
    card=("store_id", "point"),
    audited="{store_id}",
)
# The whole store again in each place where orders look for one: they ask once, and are told nothing of late.
OFFERED_STORE = Entity("OfferedStore", main=Key("OFFERED#{place}", "{rank:08d}#{store_id}"))
SETTINGS = Entity("ShopSettings", main=Key("SETTINGS", "SETTINGS"), audited="settings")
SETTINGS_VERSION = Entity("SettingsVersion", main=Key("SETTINGS", "VERSION#{version:012d}"))

# -- merchants
MERCHANT = Entity(
    "Merchant",
    main=Key("MERCHANT#{merchant_id}", "MERCHANT"),
    by={"gsi1": Key("MERCHANTS#{status}", "{changed_at}#{merchant_id}")},
    card=("merchant_id", "name", "legal_name", "status", "changed_at"),
    audited="{merchant_id}",
)

# -- inventory
STOCK = Entity(
    "Stock",
    main=Key("STOCK#{sku}", "STORE#{store_id}"),
    by={"gsi2": Key("STORE_STOCK#{store_id}", "{sku}")},
    card=("sku", "store_id"),
    numbers=("on_hand", "reserved", "available", "incoming", "entries"),
    audited="{sku}",
    own_history=True,
)
STOCK_ENTRY = Entity("StockEntry", main=Key("STOCK_ENTRIES#{sku}#{store_id}", "{sequence:012d}"))
STOCK_DOCUMENT = Entity(
    "StockDocument",
    main=Key("STOCK_DOCUMENT#{document_id}", "STOCK_DOCUMENT"),
    by={"gsi2": Key("STOCK_DOCUMENTS#{store_id}", "{at}#{document_id}")},
    card=("document_id", "kind", "store_id", "reference", "at", "status"),
    audited="{document_id}",
    own_history=True,
)
STOCKTAKE = Entity(
    "Stocktake",
    main=Key("STOCKTAKE#{stocktake_id}", "STOCKTAKE"),
    by={"gsi2": Key("STOCKTAKES#{store_id}", "{at}#{stocktake_id}")},
    card=("stocktake_id", "store_id", "reference", "status", "at"),
    audited="{stocktake_id}",
    own_history=True,
)
STOCKTAKE_LINE = Entity(
    "StocktakeLine", main=Key("STOCKTAKE#{stocktake_id}", "LINE#{sku}"), audited="{stocktake_id}", own_history=True
)
# What has become of their goods is read from the items themselves: a list is not long.
TRANSFER = Entity(
    "Transfer",
    main=Key("TRANSFER#{transfer_id}", "TRANSFER"),
    by={
        "gsi1": Key("TRANSFERS_FROM#{from_store_id}#{status}", "{due}#{transfer_id}"),
        "gsi2": Key("TRANSFERS_TO#{store_id}#{status}", "{due}#{transfer_id}"),
    },
    card=("transfer_id", "from_store_id", "store_id", "status", "due"),
    audited="{transfer_id}",
    own_history=True,
)
PURCHASE_ORDER = Entity(
    "PurchaseOrder",
    main=Key("PURCHASE#{purchase_id}", "PURCHASE"),
    by={"gsi2": Key("PURCHASES#{store_id}#{status}", "{due}#{purchase_id}")},
    card=("purchase_id", "store_id", "status", "due"),
    audited="{purchase_id}",
    own_history=True,
)

# -- carts
CART = Entity("Cart", main=Key("CART#{owner_id}", "CART"), expires="expires_at")

# -- orders
ORDER = Entity(
    "Order",
    main=Key("ORDER#{order_id}", "ORDER"),
    by={
        "gsi1": Key("BUYER#{buyer_id}", "ORDER#{placed_at}#{order_id}"),
        "gsi2": Key("DESK#{store_id}#{status}#{crowd:shard8}", "{moved_at}#{order_id}"),
        "gsi3": Key("ORDERS#{placed_at:month}#{number:shard8}", "{number}"),
    },
    card=names("order_id number status store_id buyer_id buyer_name phone_tail placed_at total_minor currency"),
    audited="{order_id}",
    own_history=True,
)
LIFE = Entity(
    "Life",
    main=Key("ORDER#{order_id}", "LIFE"),
    by={"gsi2": Key("LIVES#{parked}", "{parked_at}#{order_id}")},
    card=("order_id", "parked_at", "failure"),
    audited="{order_id}",
    own_history=True,
)
PICKUP = Entity(
    "Pickup",
    main=Key("ORDER#{order_id}", "PICKUP"),
    numbers=("tries_left",),
    audited="{order_id}",
    own_history=True,
)
PICK = Entity(
    "Pick",
    main=Key("ORDER#{order_id}", "PICK"),
    by={"gsi2": Key("PICKS#{store_id}#{status}", "{made_at}#{order_id}")},
    card=("order_id", "number", "store_id", "status", "made_at"),
    audited="{order_id}",
    own_history=True,
)

# -- shipping
SHIPMENT = Entity(
    "Shipment", main=Key("ORDER#{order_id}", "SHIPMENT#{shipment_id}"), audited="{order_id}", own_history=True
)

PRINT_COUNT = Entity("PrintCount", main=Key("ORDER#{order_id}", "PRINT_COUNT"), audited="{order_id}", own_history=True)

# -- payments
PAYMENT = Entity(
    "Payment",
    main=Key("ORDER#{order_id}", "PAYMENT"),
    by={"gsi2": Key("PAYMENTS#{awaited}#{order_id:shard8}", "{deadline}#{order_id}")},
    card=("order_id", "deadline"),
    numbers=("captured_minor", "refundable_minor", "pledged_minor", "goodwill_minor", "disputed_minor", "lost_minor"),
    audited="{order_id}",
    own_history=True,
)
# In the index is what a provider's bill must tell of, in as many parts as the bill is compared in.
MONEY_EVENT = Entity(
    "MoneyEvent",
    main=Key("ORDER#{order_id}", "MONEY#{effect}"),
    by={"gsi1": Key("CLEARED#{cleared_by}#{at:day}#{transaction_number:shard16}", "{at}#{order_id}#{effect}")},
    card=("order_id", "transaction_number", "cleared_minor", "currency", "at", "charged"),
)
REFUND = Entity(
    "Refund",
    main=Key("ORDER#{order_id}", "REFUND#{refund_id}"),
    by={"gsi2": Key("REFUNDS#{awaited}#{order_id:shard4}", "{due_at}#{refund_id}")},
    card=("order_id", "refund_id", "asked_at"),
    audited="{order_id}",
    own_history=True,
)
WALLET = Entity(
    "Wallet",
    main=Key("WALLETS#{buyer_id}", "WALLET#{currency}"),
    numbers=("available_minor", "held_minor"),
)
# An entry is its own idempotency row: what caused it is its name.
WALLET_MOVEMENT = Entity(
    "WalletMovement",
    main=Key("WALLET#{buyer_id}#{currency}", "MOVEMENT#{movement_id}"),
    by={"gsi1": Key("WALLET_STATEMENT#{buyer_id}#{currency}", "{at}#{movement_id}")},
    card=("movement_id",),
    audited="{buyer_id}",
    own_history=True,
)
PAYMENT_PASSWORD = Entity("KeptPassword", main=Key("MEMBER#{member_id}", "PAYMENT_PASSWORD"), audited="{member_id}")
PAYMENT_CODE = Entity("PaymentCode", main=Key("MEMBER#{member_id}", "PAYMENT_CODE"), expires="expires_at")
PROOF_TRIES = Entity("ProofTries", main=Key("MEMBER#{member_id}", "PROOF_TRIES"))
METHOD_BOOK = Entity("MethodBook", main=Key("MEMBER#{member_id}", "PAYMENT_METHODS"), audited="{member_id}")
MANDATE = Entity("Mandate", main=Key("MANDATES#{member_id}", "MANDATE#{mandate_id}"), audited="{member_id}")
MANDATE_DAY = Entity(
    "MandateDay",
    main=Key("MANDATES#{member_id}", "DAY#{method_id}#{day}"),
    numbers=("charged_minor",),
    expires="expires_at",
)
DISPUTE = Entity(
    "Dispute",
    main=Key("ORDER#{order_id}", "DISPUTE#{dispute_id}"),
    by={
        "gsi1": Key("DISPUTES_AWAITED#{awaited}", "{look_at}#{dispute_id}"),
        "gsi2": Key("DISPUTES#{store_id}#{status}", "{opened_at}#{dispute_id}"),
    },
    card=names("order_id dispute_id store_id status reason amount_minor currency opened_at respond_by"),
    audited="{order_id}",
    own_history=True,
)
BANK_TRANSFER = Entity(
    "BankTransfer",
    main=Key("BANK_TRANSFER#{transfer_id}", "BANK_TRANSFER"),
    by={"gsi2": Key("BANK_TRANSFERS#{status}", "{received_on}#{transfer_id}")},
    card=("transfer_id", "received_on"),
    audited="{transfer_id}",
    own_history=True,
)
PROVIDER_EVENT = Entity("ProviderEvent", main=Key("PROVIDER_EVENT#{event_id}", "PROVIDER_EVENT"), expires="expires_at")

# -- ledger
# An entry is its own idempotency row; `counted` says that the balances know it.
JOURNAL_ENTRY = Entity(
    "JournalEntry",
    main=Key("JOURNAL#{subject}", "{cause}"),
    by={"gsi1": Key("JOURNAL_DAY#{at:day}#{subject:shard4}", "{at}#{subject}#{cause}")},
    card=("subject", "cause"),
    numbers=("counted",),
)
VOUCHER = Entity(
    "Voucher",
    main=Key("VOUCHER#{voucher_id}", "VOUCHER"),
    by={"gsi1": Key("VOUCHERS#{at:month}", "{at}#{voucher_id}")},
    card=("voucher_id",),
    audited="{voucher_id}",
)
PERIOD = Entity(
    "AccountingPeriod", main=Key("PERIOD#{month}", "PERIOD"), numbers=("by_hand", "closed"), audited="{month}"
)
_EARNED = ("sold_minor", "credited_minor", "cost_minor", "commission_minor", "other_minor")
ACCOUNT_BALANCE = Entity(
    "AccountBalance", main=Key("BALANCES", "{month}#{account}#{currency}"), numbers=("debit_minor", "credit_minor")
)
DAY_BALANCE = Entity(
    "DayBalance", main=Key("BALANCES#{month}", "{day}#{account}#{currency}"), numbers=("debit_minor", "credit_minor")
)
PRODUCT_PROFIT = Entity("ProductProfit", main=Key("PROFIT#{month}", "SKU#{sku}#{currency}"), numbers=_EARNED)
CAMPAIGN_PROFIT = Entity(
    "CampaignProfit", main=Key("PROFIT#{month}", "CAMPAIGN#{campaign}#{currency}"), numbers=_EARNED
)

# -- settlement
FEE_RULE = Entity(
    "FeeRule",
    main=Key("FEE_RULES#{merchant_id}", "{rule_id}"),
    by={"gsi1": Key("FEE_RULE_DAYS#{merchant_id}", "{from_day}#{rule_id}")},
    audited="{rule_id}",
)
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
    numbers=names(
        "brought_forward_minor sales_minor refunds_minor fees_minor adjustments_minor taken_minor movements closed"
    ),
    card=("merchant_id", "month", "currency"),
    audited="{merchant_id}",
)
MERCHANT_ACCOUNT = Entity(
    "MerchantAccount",
    main=Key("MERCHANT_ACCOUNTS#{merchant_id:shard8}", "{merchant_id}#{currency}"),
    numbers=("owed_minor", "closed_through"),
)

# -- reconciliation
BILL = Entity(
    "Bill",
    main=Key("BILL#{bill_id}", "BILL"),
    by={"gsi1": Key("BILLS#{month}", "{day}#{bill_id}")},
    card=("bill_id", "day"),
    audited="{bill_id}",
    own_history=True,
)
DIFFERENCE = Entity(
    "Difference",
    main=Key("BILL#{bill_id}", "DIFFERENCE#{difference_id}"),
    by={"gsi2": Key("DIFFERENCES#{provider}#{status}", "{day}#{difference_id}")},
    card=("bill_id", "difference_id", "number", "currency"),
    audited="{bill_id}",
    own_history=True,
)

# -- exchange
RATE_SHEET = Entity("RateSheet", main=Key("RATES", "{at}#{source}"), audited="rates")

# -- aftersales
CASE = Entity(
    "RefundCase",
    main=Key("CASE#{case_id}", "CASE"),
    by={
        "gsi1": Key("BUYER#{buyer_id}", "CASE#{opened_at}#{case_id}"),
        "gsi2": Key("CASES#{store_id}#{status}", "{opened_at}#{case_id}"),
        "gsi3": Key("CASES_OF_ORDER#{order_id}", "{case_id}"),
    },
    card=names("case_id order_id order_number status store_id buyer_id opened_at amount_minor currency kind escalated"),
    audited="{case_id}",
    own_history=True,
)
# A line for each case in the log of all of them; what waits for head office stands in a list of its own besides.
CASE_RECORD = Entity(
    "CaseRecord",
    main=Key("CASE#{case_id}", "RECORD"),
    by={
        "gsi1": Key("CASE_RECORDS", "{opened_at}#{case_id}"),
        "gsi2": Key("OVERDUE_CASES", "{overdue_since}#{case_id}"),
    },
    card=names(
        "case_id order_id order_number store_id status reason units amount_minor asked_minor currency opened_at "
        "closed_at overdue_since is_late handled_by assisted_by stars passages"
    ),
)
OPEN_CASE = Entity("OpenCase", main=Key("ORDER#{order_id}", "OPEN_CASE#{sku}"))
CASE_WAIT = Entity("CaseWait", main=Key("CASE#{case_id}", "WAIT"))

# -- access
CALLER = Entity(
    "CallerRecord",
    main=Key("CALLER#{caller_id}", "CALLER"),
    by={"gsi2": Key("CALLERS#{directory}", "{email}#{caller_id}")},
    card=("caller_id", "email", "name", "roles", "stores", "merchant_id", "status", "version"),
    expires="expires_at",
    audited="{caller_id}",
)
TRIES = Entity("Tries", main=Key("TRIES#{limit}#{subject}", "{window:012d}"), numbers=("tries",), expires="expires_at")
STAFF_COUNT = Entity("StaffCount", main=Key("STAFF_COUNT", "STAFF_COUNT"), numbers=("owners",))
AUDIT_ENTRY = Entity(
    "AuditEntry", main=Key("AUDIT#{subject}", "{at}#{entry_id}"), by={"gsi1": Key("ACTOR#{by}", "{at}#{entry_id}")}
)

# -- members
PROFILE = Entity("Profile", main=Key("MEMBER#{member_id}", "PROFILE"), audited="{member_id}")
CONTACT_CODE = Entity(
    "ContactCode", main=Key("MEMBER#{member_id}", "CODE#{channel}"), numbers=("tries_left",), expires="expires_at"
)
FORMER_CONTACT = Entity("FormerContact", main=Key("MEMBER#{member_id}", "FORMER#{change_id}"), expires="expires_at")
PHONE_OWNER = Entity("PhoneOwner", main=Key("PHONE#{phone_hash}", "PHONE"))
ADDRESS_BOOK = Entity("AddressBook", main=Key("MEMBER#{member_id}", "ADDRESSES"), audited="{member_id}")

# -- promotions
FLASH_SALE = Entity(
    "FlashSale",
    main=Key("SALE#{sale_id}", "SALE"),
    by={
        "gsi1": Key("SALES#{announced}", "{starts_at}#{sale_id}"),
        "gsi2": Key("SALES_OF_STORE#{store_id}", "{starts_at}#{sale_id}"),
    },
    card=names("sale_id store_id sku product_id name status price_minor currency units per_buyer starts_at ends_at"),
    audited="{sale_id}",
)
# Each shard is a partition of its own: a limit of a thousand write units a second is for each.
SALE_SHARD = Entity("SaleShard", main=Key("SALE_SHARD#{sale_id}#{pool}#{number}", "SHARD"), numbers=("left",))
SALE_BUYER = Entity(
    "SaleBuyer", main=Key("SALE_BUYER#{sale_id}#{buyer_id}", "BUYER"), numbers=("bought",), expires="expires_at"
)

# -- messaging
INBOX = Entity("Inbox", main=Key("INBOX#{owner_id}", "INBOX"), numbers=("unread",))
# A message's id says what caused it, not when; the order of time and what is unread stand in the indexes.
MESSAGE = Entity(
    "Message",
    main=Key("INBOX#{owner_id}", "MESSAGE#{message_id}"),
    by={
        "gsi1": Key("MESSAGES#{owner_id}", "{sent_at}#{message_id}"),
        "gsi2": Key("UNREAD#{unread_by}", "{sent_at}#{message_id}"),
    },
    card=("owner_id", "message_id", "topic", "title", "text", "about", "sent_at", "read_at", "version"),
    audited="{owner_id}",
    own_history=True,
)

DELIVERY = Entity(
    "Delivery",
    main=Key("DELIVERIES#{subject}", "{message_id}#{channel}"),
    by={"gsi2": Key("DELIVERIES_AWAITED#{awaited}#{message_id:shard4}", "{at}#{message_id}#{channel}")},
    card=names("subject message_id channel owner_id store_id topic status tries error at tried_at"),
    expires="expires_at",
    audited="{subject}",
    own_history=True,
)

# -- reports
# Counters of one day would share a partition: they are kept in four, by the order that is counted.
_SALES = (
    "orders",
    "units",
    "goods_minor",
    "discount_minor",
    "freight_minor",
    "tax_minor",
    "total_minor",
    "completed",
    "cancelled",
    "refunded_orders",
    "refunded_minor",
)
DAY_SALES = Entity("DaySales", main=Key("DAY_SALES#{month}#{order_id:shard4}", "{day}#{store_id}"), numbers=_SALES)
PRODUCT_SALES = Entity(
    "ProductSales",
    main=Key("PRODUCT_SALES#{month}#{order_id:shard4}", "{day}#{sku}#{store_id}#{side}"),
    numbers=("units", "goods_minor"),
)
REGION_SALES = Entity(
    "RegionSales",
    main=Key("REGION_SALES#{month}#{order_id:shard4}", "{day}#{country}#{region}#{store_id}"),
    numbers=("orders", "units", "goods_minor", "total_minor", "refunded_minor"),
)

# -- bus
FACT = Entity("Fact", main=Key("FACT#{fact_id}", "FACT"), expires="expires_at")
SEEN = Entity("Seen", main=Key("SEEN#{consumer}#{fact_id}", "SEEN"), expires="expires_at")

ENTITIES: tuple[Entity, ...] = tuple(value for value in globals().values() if isinstance(value, Entity))
NUMBERS: tuple[str, ...] = tuple(sorted({name for entity in ENTITIES for name in entity.numbers}))
