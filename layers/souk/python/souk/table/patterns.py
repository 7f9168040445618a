"""Every question the shop asks of the table, named; each is one query a page (one for each shard where sharded)."""

from dataclasses import dataclass

from souk.table import keys
from souk.table.entity import Entity


@dataclass(frozen=True)
class Pattern:
    """`sk` is what the sort keys begin with; `index` None is the table itself; `shards` fills `{shard}` in `pk`."""

    title: str
    pk: str
    sk: str = ""
    index: str | None = None
    returns: tuple[Entity, ...] = ()
    newest_first: bool = False
    shards: int = 1


# -- catalog
PRODUCT_PAGE = Pattern(
    "A product with its SKUs, what is in stock, and its place in lists",
    "PRODUCT#{product_id}",
    returns=(keys.PRODUCT, keys.SHELF_ENTRY, keys.SKU, keys.SKU_STATE),
)
SHELF = Pattern(
    "Listed products of a category, newest first",
    "SHELF#{category_id}",
    index="gsi1",
    returns=(keys.SHELF_ENTRY,),
    newest_first=True,
)
SHELF_BY_PRICE = Pattern(
    "Listed products of a category, cheapest first",
    "SHELF_PRICES#{category_id}",
    index="gsi2",
    returns=(keys.SHELF_ENTRY,),
)
SHELF_BY_PRICE_DOWN = Pattern(
    "Listed products of a category, dearest first",
    "SHELF_PRICES#{category_id}",
    index="gsi2",
    returns=(keys.SHELF_ENTRY,),
    newest_first=True,
)
SHELF_BY_NAME = Pattern(
    "Listed products of a category by name", "SHELF_NAMES#{category_id}", index="gsi3", returns=(keys.SHELF_ENTRY,)
)
PRODUCTS_BY_STATUS = Pattern(
    "Products for staff by status, last changed first",
    "PRODUCTS#{status}",
    index="gsi2",
    returns=(keys.PRODUCT,),
    newest_first=True,
)
PRODUCTS_OF_MERCHANT = Pattern(
    "Products of a merchant by status, last changed first",
    "PRODUCTS_OF#{merchant_id}#{status}",
    index="gsi1",
    returns=(keys.PRODUCT,),
    newest_first=True,
)
CATEGORY_TREE = Pattern("All categories", "CATEGORIES", "CATEGORY#", returns=(keys.CATEGORY,))
PRODUCT_TYPES = Pattern("All product types", "PRODUCT_TYPES", "TYPE#", returns=(keys.PRODUCT_TYPE,))
IMPORTED_ROWS = Pattern(
    "Rows of an import with what has become of them", "IMPORT#{import_id}", "ROWS#", returns=(keys.IMPORTED_ROWS,)
)
IMPORT_FAILURES = Pattern(
    "Rows of an import that failed",
    "IMPORT_FAILURES#{import_id}",
    index="gsi1",
    returns=(keys.IMPORTED_ROWS,),
)
IMPORT_COUNTS = Pattern(
    "How far an import is, message by message", "IMPORT#{import_id}", "COUNT#", returns=(keys.IMPORT_COUNT,)
)
LISTING_HISTORY = Pattern(
    "Listing history of a product, in order", "LISTINGS#{product_id}", returns=(keys.LISTING_ENTRY,)
)

# -- stores
ALL_STORES = Pattern("All stores", "STORES", "STORE#", returns=(keys.STORE,))
STORES_OF_MERCHANT = Pattern("Stores of a merchant", "STORES", "STORE#{merchant_id}", returns=(keys.STORE,))
STORE_MAP = Pattern("Open stores in a cell of the map", "STORE_MAP", "{cell}", "gsi1", returns=(keys.STORE,))
OFFERED_STORES = Pattern(
    "Stores that may deliver to a place, by rank", "OFFERED#{place}", returns=(keys.OFFERED_STORE,)
)
SETTINGS_HISTORY = Pattern(
    "Versions of the settings, newest first",
    "SETTINGS",
    "VERSION#",
    returns=(keys.SETTINGS_VERSION,),
    newest_first=True,
)

# -- merchants
MERCHANTS = Pattern(
    "Merchants by status, the longest waiting first", "MERCHANTS#{status}", index="gsi1", returns=(keys.MERCHANT,)
)

# -- inventory
STOCK_OF_SKU = Pattern("Stock of a SKU in every store", "STOCK#{sku}", "STORE#", returns=(keys.STOCK,))
STOCK_OF_STORE = Pattern("SKUs that a store keeps", "STORE_STOCK#{store_id}", index="gsi2", returns=(keys.STOCK,))
STOCK_LEDGER = Pattern(
    "Stock entries of a SKU in a store, in order", "STOCK_ENTRIES#{sku}#{store_id}", returns=(keys.STOCK_ENTRY,)
)
STOCK_DOCUMENTS = Pattern(
    "Goods in and out of a store, newest first",
    "STOCK_DOCUMENTS#{store_id}",
    index="gsi2",
    returns=(keys.STOCK_DOCUMENT,),
    newest_first=True,
)
STOCKTAKES = Pattern(
    "Stocktakes of a store, newest first",
    "STOCKTAKES#{store_id}",
    index="gsi2",
    returns=(keys.STOCKTAKE,),
    newest_first=True,
)
STOCKTAKE_LINES = Pattern(
    "Lines of a stocktake by SKU", "STOCKTAKE#{stocktake_id}", "LINE#", returns=(keys.STOCKTAKE_LINE,)
)
TRANSFERS_TO = Pattern(
    "Transfers to a store in one status, the first due first",
    "TRANSFERS_TO#{store_id}#{status}",
    index="gsi2",
    returns=(keys.TRANSFER,),
)
TRANSFERS_FROM = Pattern(
    "Transfers from a store in one status, the first due first",
    "TRANSFERS_FROM#{store_id}#{status}",
    index="gsi1",
    returns=(keys.TRANSFER,),
)
PURCHASES = Pattern(
    "Purchase orders of a store in one status, the first due first",
    "PURCHASES#{store_id}#{status}",
    index="gsi2",
    returns=(keys.PURCHASE_ORDER,),
)

# -- orders
ORDER_WHOLE = Pattern(
    "An order with its payment, refunds, shipments and tasks",
    "ORDER#{order_id}",
    returns=(
        keys.ORDER,
        keys.LIFE,
        keys.PICKUP,
        keys.PICK,
        keys.SHIPMENT,
        keys.PRINT_COUNT,
        keys.PAYMENT,
        keys.MONEY_EVENT,
        keys.REFUND,
        keys.DISPUTE,
        keys.OPEN_CASE,
    ),
)
ORDERS_OF_BUYER = Pattern(
    "Orders of a buyer, newest first", "BUYER#{buyer_id}", "ORDER#", "gsi1", returns=(keys.ORDER,), newest_first=True
)
ORDER_DESK = Pattern(
    "Orders of a store in one status, longest in it first",
    "DESK#{store_id}#{status}#{crowd:shard8}",
    index="gsi2",
    returns=(keys.ORDER,),
)
ORDER_DESK_CROWDED = Pattern(
    "Orders of a store in a status to which many come at once, longest in it first",
    "DESK#{store_id}#{status}#{shard}",
    index="gsi2",
    returns=(keys.ORDER,),
    shards=8,
)
ORDERS_OF_MONTH = Pattern(
    "Orders of a month, all stores, newest first",
    "ORDERS#{month}#{shard}",
    index="gsi3",
    returns=(keys.ORDER,),
    newest_first=True,
    shards=8,
)
ORDER_BY_NUMBER = Pattern(
    "The order with a number", "ORDERS#{month}#{number:shard8}", "{number}", "gsi3", returns=(keys.ORDER,)
)
PARKED_LIVES = Pattern(
    "Orders whose workflow is parked, longest first", "LIVES#{parked}", index="gsi2", returns=(keys.LIFE,)
)
PICKS = Pattern("Pick tasks of a store, oldest first", "PICKS#{store_id}#{status}", index="gsi2", returns=(keys.PICK,))

# -- shipping
SHIPMENTS_OF_ORDER = Pattern("Parcels of an order", "ORDER#{order_id}", "SHIPMENT#", returns=(keys.SHIPMENT,))

# -- payments
PAYMENTS_AWAITED = Pattern(
    "Payments whose outcome is not known yet (awaited), that are authorised, or whose late money is undecided (held)",
    "PAYMENTS#{awaited}#{shard}",
    index="gsi2",
    returns=(keys.PAYMENT,),
    shards=8,
)
REFUNDS_AWAITED = Pattern(
    "Refunds that a provider is to confirm (awaited), staff to send (by_hand), or that may come back (posted), by date",
    "REFUNDS#{awaited}#{shard}",
    index="gsi2",
    returns=(keys.REFUND,),
    shards=4,
)
REFUNDS_OF_ORDER = Pattern("Refunds of an order", "ORDER#{order_id}", "REFUND#", returns=(keys.REFUND,))

WALLETS_OF_BUYER = Pattern("A buyer's balances with the shop", "WALLETS#{buyer_id}", "WALLET#", returns=(keys.WALLET,))
WALLET_STATEMENT = Pattern(
    "What changed a buyer's balance, newest first",
    "WALLET_STATEMENT#{buyer_id}#{currency}",
    index="gsi1",
    returns=(keys.WALLET_MOVEMENT,),
    newest_first=True,
)
MANDATES_OF_MEMBER = Pattern(
    "What a member lets be charged to kept methods, newest first",
    "MANDATES#{member_id}",
    "MANDATE#",
    returns=(keys.MANDATE,),
    newest_first=True,
)
DISPUTES_AWAITED = Pattern(
    "Disputes that are not decided yet, first to be looked at again first",
    "DISPUTES_AWAITED#awaited",
    index="gsi1",
    returns=(keys.DISPUTE,),
)
DISPUTE_DESK = Pattern(
    "Disputes of a store in one status, oldest first",
    "DISPUTES#{store_id}#{status}",
    index="gsi2",
    returns=(keys.DISPUTE,),
)
BANK_TRANSFERS = Pattern(
    "Transfers to the shop's bank account in a status, newest first",
    "BANK_TRANSFERS#{status}",
    index="gsi2",
    returns=(keys.BANK_TRANSFER,),
    newest_first=True,
)
MONEY_CLEARED = Pattern(
    "What a provider's bill of a day must tell of, part by part",
    "CLEARED#{provider}#{day}#{shard}",
    index="gsi1",
    returns=(keys.MONEY_EVENT,),
    shards=16,
)

# -- ledger
JOURNAL_OF_SUBJECT = Pattern(
    "What was booked of an order, or of another subject", "JOURNAL#{subject}", returns=(keys.JOURNAL_ENTRY,)
)
JOURNAL_OF_DAY = Pattern(
    "What was booked on a day, in order",
    "JOURNAL_DAY#{day}#{shard}",
    index="gsi1",
    returns=(keys.JOURNAL_ENTRY,),
    shards=4,
)
VOUCHERS_OF_MONTH = Pattern(
    "Vouchers of a month, newest first",
    "VOUCHERS#{month}",
    index="gsi1",
    returns=(keys.VOUCHER,),
    newest_first=True,
)
BALANCES = Pattern("What was booked on each account, by month", "BALANCES", returns=(keys.ACCOUNT_BALANCE,))
DAY_BALANCES = Pattern("The same of a month, by day", "BALANCES#{month}", returns=(keys.DAY_BALANCE,))
PROFIT_OF_PRODUCTS = Pattern(
    "What was earned with each SKU in a month", "PROFIT#{month}", "SKU#", returns=(keys.PRODUCT_PROFIT,)
)
PROFIT_OF_CAMPAIGNS = Pattern(
    "The same of each campaign", "PROFIT#{month}", "CAMPAIGN#", returns=(keys.CAMPAIGN_PROFIT,)
)

# -- settlement
FEE_RULES = Pattern("Fee rules of a merchant, or of all", "FEE_RULES#{merchant_id}", returns=(keys.FEE_RULE,))
FEE_RULES_BY_DAY = Pattern(
    "Fee rules of a merchant, or of all, the last to begin first",
    "FEE_RULE_DAYS#{merchant_id}",
    index="gsi1",
    returns=(keys.FEE_RULE,),
    newest_first=True,
)
SETTLEMENTS_OF_MERCHANT = Pattern(
    "Settlements of a merchant, newest first",
    "SETTLEMENTS#{merchant_id}",
    returns=(keys.SETTLEMENT,),
    newest_first=True,
)
SETTLEMENTS_DUE = Pattern(
    "Settlements that are to be paid out, oldest first",
    "SETTLEMENTS_AWAITED#awaited",
    index="gsi2",
    returns=(keys.SETTLEMENT,),
)
MOVEMENTS_OF_SETTLEMENT = Pattern(
    "What a settlement is made of, in order",
    "SETTLEMENT#{merchant_id}#{month}#{currency}",
    index="gsi1",
    returns=(keys.MERCHANT_MOVEMENT,),
)
MERCHANT_ACCOUNTS = Pattern(
    "What each merchant is owed", "MERCHANT_ACCOUNTS#{shard}", returns=(keys.MERCHANT_ACCOUNT,), shards=8
)

# -- reconciliation
BILLS_OF_MONTH = Pattern(
    "Bills of payment providers, by the day that they are of, newest first",
    "BILLS#{month}",
    index="gsi1",
    returns=(keys.BILL,),
    newest_first=True,
)
DIFFERENCES_OF_BILL = Pattern(
    "What a bill and the shop tell differently", "BILL#{bill_id}", "DIFFERENCE#", returns=(keys.DIFFERENCE,)
)
DIFFERENCES_BY_STATUS = Pattern(
    "What is open, or resolved, between the bills of a provider and the shop, newest first",
    "DIFFERENCES#{provider}#{status}",
    index="gsi2",
    returns=(keys.DIFFERENCE,),
    newest_first=True,
)

# -- exchange
RATE_SHEETS = Pattern("Rates of exchange, newest first", "RATES", returns=(keys.RATE_SHEET,), newest_first=True)

# -- aftersales
CASES_OF_BUYER = Pattern(
    "After-sales cases of a buyer, newest first",
    "BUYER#{buyer_id}",
    "CASE#",
    "gsi1",
    returns=(keys.CASE,),
    newest_first=True,
)
CASE_DESK = Pattern(
    "After-sales cases of a store in one status, oldest first",
    "CASES#{store_id}#{status}",
    index="gsi2",
    returns=(keys.CASE,),
)
CASES_OF_ORDER = Pattern(
    "After-sales cases of an order", "CASES_OF_ORDER#{order_id}", index="gsi3", returns=(keys.CASE,)
)
CASE_RECORDS = Pattern(
    "All after-sales cases, by when they were opened", "CASE_RECORDS", index="gsi1", returns=(keys.CASE_RECORD,)
)
OVERDUE_CASES = Pattern(
    "After-sales cases that wait for head office, longest first",
    "OVERDUE_CASES",
    index="gsi2",
    returns=(keys.CASE_RECORD,),
)
OPEN_CASES_OF_ORDER = Pattern(
    "Lines of an order with an open case", "ORDER#{order_id}", "OPEN_CASE#", returns=(keys.OPEN_CASE,)
)

# -- access
CALLERS = Pattern("Staff by e-mail", "CALLERS#{directory}", index="gsi2", returns=(keys.CALLER,))
AUDIT_OF_SUBJECT = Pattern(
    "What was done to a subject, newest first", "AUDIT#{subject}", returns=(keys.AUDIT_ENTRY,), newest_first=True
)
AUDIT_OF_ACTOR = Pattern(
    "What somebody did, newest first", "ACTOR#{by}", index="gsi1", returns=(keys.AUDIT_ENTRY,), newest_first=True
)

# -- promotions
SALES_ANNOUNCED = Pattern(
    "Sales that buyers are told of, first to begin first", "SALES#announced", index="gsi1", returns=(keys.FLASH_SALE,)
)
SALES_OF_STORE = Pattern(
    "Sales of a store, last to begin first",
    "SALES_OF_STORE#{store_id}",
    index="gsi2",
    returns=(keys.FLASH_SALE,),
    newest_first=True,
)

# -- messaging
MESSAGES = Pattern(
    "Messages of an inbox, newest first",
    "MESSAGES#{owner_id}",
    index="gsi1",
    returns=(keys.MESSAGE,),
    newest_first=True,
)
UNREAD_MESSAGES = Pattern(
    "Unread messages of an inbox, oldest first", "UNREAD#{unread_by}", index="gsi2", returns=(keys.MESSAGE,)
)

DELIVERIES = Pattern(
    "How the messages about an order or a SKU went out", "DELIVERIES#{subject}", returns=(keys.DELIVERY,)
)
DELIVERIES_AWAITED = Pattern(
    "Messages that have not gone out, or may not have, oldest first",
    "DELIVERIES_AWAITED#awaited#{shard}",
    index="gsi2",
    returns=(keys.DELIVERY,),
    shards=4,
)

# -- reports
# The same sort key may lie in several shards: whoever pages through them asks each shard by itself.
SALES_BY_DAY = Pattern(
    "Sales of a month by day and store", "DAY_SALES#{month}#{shard}", returns=(keys.DAY_SALES,), shards=4
)
SALES_BY_PRODUCT = Pattern(
    "Sales of a month by day, SKU and store",
    "PRODUCT_SALES#{month}#{shard}",
    returns=(keys.PRODUCT_SALES,),
    shards=4,
)
SALES_BY_REGION = Pattern(
    "Sales of a month by day, country, region and store",
    "REGION_SALES#{month}#{shard}",
    returns=(keys.REGION_SALES,),
    shards=4,
)

PATTERNS: tuple[Pattern, ...] = tuple(value for value in globals().values() if isinstance(value, Pattern))
