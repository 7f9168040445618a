"""Read a folder of CSV files laid out as the README beside this file says, refusing what is not exact."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from infra.local.replay.rows import Row, rows_of

NEEDED_COLUMNS = {
    "categories.csv": ("CategoryID", "CategoryName"),
    "products.csv": ("ProductID", "ProductName", "CategoryID", "UnitPrice"),
    "customers.csv": ("CustomerID", "CompanyName"),
    "shippers.csv": ("ShipperID", "CompanyName"),
    "orders.csv": (
        *("OrderID", "CustomerID", "OrderDate", "ShippedDate", "ShipVia", "Freight"),
        *("ShipName", "ShipAddress", "ShipCity", "ShipCountry"),
    ),
    "order_details.csv": ("OrderID", "ProductID", "UnitPrice", "Quantity", "Discount"),
}

LONGEST_PRODUCT_ID = 16  # it becomes a SKU of the shop, which has 32 characters at most
MOST_QUANTITY = 9_999
MOST_IN_STOCK = 1_000_000
MOST_LINES = 40

Found = TypeVar("Found")


@dataclass(frozen=True)
class Category:
    category_id: str
    name: str


@dataclass(frozen=True)
class Product:
    product_id: str
    sku: str
    name: str
    category_id: str
    pack: str
    price_minor: int
    units_in_stock: int


@dataclass(frozen=True)
class Address:
    name: str
    street: str
    city: str
    region: str | None
    postal_code: str
    country: str


@dataclass(frozen=True)
class Customer:
    """A buyer; `email` is made from the id, so that a replay never writes to a real mailbox."""

    customer_id: str
    contact: str
    email: str
    phone: str


@dataclass(frozen=True)
class Carrier:
    carrier_id: str
    name: str


@dataclass(frozen=True)
class Line:
    """The unit price is that of the day; the discount is the fraction of the gross that is taken off."""

    sku: str
    quantity: int
    unit_price_minor: int
    discount: Decimal

    @property
    def discount_basis_points(self) -> int:
        return int(self.discount * 10_000)


@dataclass(frozen=True)
class Order:
    order_id: str
    customer_id: str
    ordered_on: date
    shipped_on: date | None
    carrier_id: str | None
    freight_minor: int
    ship_to: Address
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Dataset:
    """A folder's content, its references checked; the orders by date, those of a day as the file has them."""

    currency: str
    categories: tuple[Category, ...]
    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    carriers: tuple[Carrier, ...]
    orders: tuple[Order, ...]


def read(folder: Path, currency: str) -> Dataset:
    """Read the whole folder, or raise `BadData` at the first cell that is wrong."""

    def rows(file: str) -> Iterator[Row]:
        return rows_of(folder / file, NEEDED_COLUMNS[file])

    categories = _by_id(rows("categories.csv"), "CategoryID", _category)
    products = _by_id(rows("products.csv"), "ProductID", lambda row: _product(row, currency, categories))
    customers = _by_id(rows("customers.csv"), "CustomerID", _customer)
    carriers = _by_id(rows("shippers.csv"), "ShipperID", _carrier)

    order_rows = list(rows("orders.csv"))
    lines: dict[str, dict[str, Line]] = {row.identifier("OrderID"): {} for row in order_rows}
    for row in rows("order_details.csv"):
        of_order = row.known("OrderID", lines)
        line = _line(row, currency, products)
        if line.sku in of_order:
            raise row.bad("ProductID", "stands twice in this order")
        if len(of_order) == MOST_LINES:
            raise row.bad("OrderID", f"has more than {MOST_LINES} lines")
        of_order[line.sku] = line

    orders = _by_id(order_rows, "OrderID", lambda row: _order(row, currency, customers, carriers, lines))
    return Dataset(
        currency,
        tuple(categories.values()),
        tuple(products.values()),
        tuple(customers.values()),
        tuple(carriers.values()),
        tuple(sorted(orders.values(), key=lambda order: order.ordered_on)),
    )


def _category(row: Row) -> Category:
    return Category(row.identifier("CategoryID"), row.text("CategoryName"))


def _product(row: Row, currency: str, categories: Mapping[str, Category]) -> Product:
    product_id = row.identifier("ProductID", LONGEST_PRODUCT_ID)
    return Product(
        product_id=product_id,
        sku=f"P-{product_id.upper()}",
        name=row.text("ProductName"),
        category_id=row.known("CategoryID", categories).category_id,
        pack=row.get("QuantityPerUnit"),
        price_minor=row.minor("UnitPrice", currency),
        units_in_stock=row.whole("UnitsInStock", 0, MOST_IN_STOCK) if row.get("UnitsInStock") else 0,
    )


def _customer(row: Row) -> Customer:
    customer_id = row.identifier("CustomerID")
    company = row.text("CompanyName")
    return Customer(
        customer_id=customer_id,
        contact=row.get("ContactName") or company,
        email=f"{customer_id.lower()}@example.com",
        phone=row.phone("Phone"),
    )


def _carrier(row: Row) -> Carrier:
    return Carrier(row.identifier("ShipperID"), row.text("CompanyName"))


def _line(row: Row, currency: str, products: Mapping[str, Product]) -> Line:
    discount = row.decimal("Discount", decimals=4) if row.get("Discount") else Decimal(0)
    if discount > 1:
        raise row.bad("Discount", "is not a fraction between 0 and 1")
    quantity = row.whole("Quantity", 1, MOST_QUANTITY)
    return Line(row.known("ProductID", products).sku, quantity, row.minor("UnitPrice", currency), discount)


def _order(
    row: Row,
    currency: str,
    customers: Mapping[str, Customer],
    carriers: Mapping[str, Carrier],
    lines: Mapping[str, Mapping[str, Line]],
) -> Order:
    ordered_on = row.day("OrderDate")
    shipped_on = row.day("ShippedDate") if row.get("ShippedDate") else None
    if shipped_on and shipped_on < ordered_on:
        raise row.bad("ShippedDate", "is before the day of the order")
    if shipped_on and not row.get("ShipVia"):
        raise row.bad("ShipVia", "is empty in an order that was shipped")
    order_id = row.identifier("OrderID")
    if not lines[order_id]:
        raise row.bad("OrderID", "has no line in order_details.csv")
    return Order(
        order_id=order_id,
        customer_id=row.known("CustomerID", customers).customer_id,
        ordered_on=ordered_on,
        shipped_on=shipped_on,
        carrier_id=row.known("ShipVia", carriers).carrier_id if row.get("ShipVia") else None,
        freight_minor=row.minor("Freight", currency) if row.get("Freight") else 0,
        ship_to=_address(row),
        lines=tuple(lines[order_id].values()),
    )


def _address(row: Row) -> Address:
    return Address(
        name=row.text("ShipName"),
        street=row.text("ShipAddress"),
        city=row.text("ShipCity"),
        region=row.get("ShipRegion") or None,
        postal_code=row.postal_code("ShipPostalCode"),
        country=row.country("ShipCountry"),
    )


def _by_id(rows: Iterable[Row], column: str, make: Callable[[Row], Found]) -> dict[str, Found]:
    """What the rows say, by id; SKUs and e-mail addresses are made of ids: case alone is no difference."""
    found: dict[str, Found] = {}
    seen: set[str] = set()
    for row in rows:
        key = row.identifier(column)
        if key.upper() in seen:
            raise row.bad(column, "stands twice in this file")
        seen.add(key.upper())
        found[key] = make(row)
    return found
