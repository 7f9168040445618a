"""A folder of somebody's orders is read exactly, or refused with the place to mend."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from infra.local.replay.layout import Address, Line, read
from infra.local.replay.rows import DECIMALS, BadData, Row
from souk.kernel import money

BAZAAR = Path(__file__).parents[1] / "data" / "bazaar"
Rewrite = Callable[[str, str, str], None]


def test_the_bazaar_is_read_whole() -> None:
    bazaar = read(BAZAAR, "EUR")
    nouns = (bazaar.categories, bazaar.products, bazaar.customers, bazaar.carriers, bazaar.orders)
    assert [len(noun) for noun in nouns] == [7, 26, 12, 3, 40]
    assert sum(len(order.lines) for order in bazaar.orders) == 98

    walk_in = next(order for order in bazaar.orders if order.order_id == "5031")
    assert walk_in.customer_id == "WALKI"
    assert walk_in.ship_to == Address("Ahmet Çelik", "Bağdat Caddesi 210", "İstanbul", None, "34728", "TR")
    assert (walk_in.ordered_on, walk_in.shipped_on) == (date(2025, 5, 27), date(2025, 5, 28))
    assert walk_in.lines[0] == Line("P-301", 10, 1025, Decimal("0.15"))
    assert walk_in.lines[0].discount_basis_points == 1500


def test_commas_quotes_and_accents_arrive_as_written() -> None:
    bazaar = read(BAZAAR, "EUR")
    assert {'Medjool Dates, "jumbo"', "Peştemal Towel", "Ras el Hanout “No. 7”"} <= {p.name for p in bazaar.products}
    quince = next(customer for customer in bazaar.customers if customer.customer_id == "QUINC")
    assert (quince.contact, quince.phone) == ('Dolores "Lola" Reyes', "+15055550118")


def test_a_buyer_without_a_contact_is_known_by_the_company(folder: Path) -> None:
    (buyer,) = read(folder, "EUR").customers
    assert (buyer.contact, buyer.email) == ("Ana's", "ana@example.com")


def test_orders_come_by_date_and_those_of_a_day_as_written(folder: Path) -> None:
    assert [order.order_id for order in read(folder, "EUR").orders] == ["11", "12", "13"]


def test_an_order_that_was_not_shipped_may_lack_a_carrier(folder: Path) -> None:
    order = read(folder, "EUR").orders[2]
    assert (order.shipped_on, order.carrier_id) == (None, None)


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("14", "EUR", 1400),
        ("9.8", "EUR", 980),
        ("32.38", "EUR", 3238),
        ("14.0000", "EUR", 1400),
        ("0", "EUR", 0),
        ("10000000000.00", "EUR", 10**12),
        ("100", "JPY", 100),
        ("1.234", "KWD", 1234),
    ],
)
def test_money_becomes_minor_units_exactly(written: str, currency: str, minor: int) -> None:
    assert Row("orders.csv", 2, {"Freight": written}).minor("Freight", currency) == minor


@pytest.mark.parametrize(("written", "currency"), [("9.805", "EUR"), ("9.8", "JPY"), ("9.8001", "KWD")])
def test_money_the_currency_cannot_pay_is_refused(written: str, currency: str) -> None:
    with pytest.raises(BadData, match="has more than"):
        Row("orders.csv", 2, {"Freight": written}).minor("Freight", currency)


def test_the_files_have_the_decimals_of_the_shop() -> None:
    assert DECIMALS == money.EXPONENTS


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UK", "GB"),
        ("USA", "US"),
        ("Venezuela", "VE"),
        ("Ireland", "IE"),
        ("Côte d'Ivoire", "CI"),
        ("türkiye", "TR"),
        ("de", "DE"),
        (" Sweden ", "SE"),
    ],
)
def test_countries_are_known_by_name_and_by_code(folder: Path, rewrite: Rewrite, name: str, code: str) -> None:
    rewrite("orders.csv", "Bonn,Germany", f"Bonn,{name}")
    assert read(folder, "EUR").orders[2].ship_to.country == code


def test_a_spreadsheets_export_is_read_alike(folder: Path) -> None:
    plain = read(folder, "EUR")
    (folder / "shippers.csv").write_bytes("\N{BYTE ORDER MARK}Fax,CompanyName,ShipperID\r\n,Caravan,1\r\n\r\n".encode())
    orders = (folder / "orders.csv").read_text(encoding="utf-8")
    (folder / "orders.csv").write_text(orders.replace("2025-02-01,,,14", "2025-02-01,NULL,NULL,14"), encoding="utf-8")
    assert read(folder, "EUR") == plain


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "products.csv",
            ",1,7.3",
            ",1,7.305",
            "products.csv, line 3, column UnitPrice: '7.305' has more than 2",
        ),
        (
            "products.csv",
            ",1,7.3",
            ",1,-7.3",
            "products.csv, line 3, column UnitPrice: '-7.3' is not a number",
        ),
        ("products.csv", ",1,7.3", ",1,NaN", "line 3, column UnitPrice: 'NaN' is not a number"),
        ("products.csv", ",1,7.3", ",1,1e3", "line 3, column UnitPrice: '1e3' is not a number"),
        ("products.csv", "tea,1,7.3", "tea,9,7.3", "line 3, column CategoryID: '9' is not among the ids"),
        ("products.csv", "2,Black", "1,Black", "line 3, column ProductID: '1' stands twice in this file"),
        ("products.csv", "2,Black", "2/b,Black", "line 3, column ProductID: '2/b' is not an id"),
        ("products.csv", "Black tea", "", "line 3, column ProductName: '' is empty"),
        ("products.csv", "Black tea,", "", "products.csv, line 3: 3 cells for 4 columns"),
        ("products.csv", "2,Black tea", '2,"Black" tea', "products.csv, line 3: not CSV"),
        ("products.csv", "UnitPrice", "Price", "products.csv, line 1: the column UnitPrice is missing"),
        ("customers.csv", "City", "Country", "customers.csv, line 1: the column Country stands twice"),
        (
            "orders.csv",
            "2025-01-31,2025",
            "31/01/2025,2025",
            "line 3, column OrderDate: '31/01/2025' is not a date",
        ),
        (
            "orders.csv",
            "2025-01-31,1",
            "2025-01-30,1",
            "line 3, column ShippedDate: '2025-01-30' is before the day",
        ),
        (
            "orders.csv",
            "2025-01-31,1",
            "2025-01-31,",
            "line 3, column ShipVia: '' is empty in an order that was",
        ),
        (
            "orders.csv",
            "Germany",
            "Freedonia",
            "line 4, column ShipCountry: 'Freedonia' is neither an ISO 3166",
        ),
        ("orders.csv", "13,ANA", "13,EVA", "line 4, column CustomerID: 'EVA' is not among the ids"),
        (
            "orders.csv",
            "13,ANA",
            "12,ANA",
            "order_details.csv, line 5, column OrderID: '13' is not among the ids",
        ),
        ("order_details.csv", "12,1,10,2,0.25\n", "", "orders.csv, line 2, column OrderID: '12' has no line"),
        ("order_details.csv", "13,2", "13,3", "line 6, column ProductID: '3' stands twice in this order"),
        (
            "order_details.csv",
            "10,2,0.25",
            "10,0,0.25",
            "line 4, column Quantity: '0' is not a whole number from 1 to 9999",
        ),
        (
            "order_details.csv",
            "10,2,0.25",
            "10,1.5,0.25",
            "line 4, column Quantity: '1.5' is not a whole number",
        ),
        ("order_details.csv", "10,2,0.25", "10,10000,0.25", "line 4, column Quantity: '10000' is not a whole number"),
        ("order_details.csv", "10,2,0.25", "10000000000.01,2,0", "is more than the shop reckons with"),
        ("products.csv", "3,White", "12345678901234567,White", "is not an id of at most 16 letters"),
        ("products.csv", "Black tea", "Black\x07tea", "line 3, column ProductName: 'Black\\x07tea' has characters"),
        ("products.csv", "Black tea", "\N{RIGHT-TO-LEFT OVERRIDE}aet", "line 3, column ProductName: '\\u202eaet' has"),
        ("products.csv", "Black tea", "tea " * 60, "line 3, column ProductName"),
        ("orders.csv", "2025-01-31,2025", "1969-12-31,2025", "'1969-12-31' is not between 1970-01-01 and yesterday"),
        ("orders.csv", "2025-02-03", "2999-01-01", "'2999-01-01' is not between 1970-01-01 and yesterday"),
        ("order_details.csv", "10,2,0.25", "10,2,25", "line 4, column Discount: '25' is not a fraction"),
        (
            "order_details.csv",
            "10,2,0.25",
            "10,2,0.25001",
            "line 4, column Discount: '0.25001' has more than 4",
        ),
    ],
)
def test_bad_data_is_refused_with_its_place(
    folder: Path, rewrite: Rewrite, file: str, old: str, new: str, sentence: str
) -> None:
    rewrite(file, old, new)
    with pytest.raises(BadData) as refused:
        read(folder, "EUR")
    assert sentence in str(refused.value)


def test_what_the_shop_refuses_of_an_address_is_refused_with_its_place(folder: Path, rewrite: Rewrite) -> None:
    rewrite("orders.csv", "ShipName", "ShipPostalCode")
    rewrite("orders.csv", "ShipAddress", "ShipName,ShipAddress")
    for plain, with_code in (("4.5,", "4.5,1000-001,"), ("32.38,", "32.38,10_00,"), ("14,", "14,,")):
        rewrite("orders.csv", plain, with_code)
    with pytest.raises(BadData, match=r"orders\.csv, line 3, column ShipPostalCode: '10_00' is not a postal code"):
        read(folder, "EUR")
    rewrite("customers.csv", "Address", "Phone")
    rewrite("customers.csv", "Rua 1", "12+34567")
    with pytest.raises(BadData, match=r"customers\.csv, line 2, column Phone: '12\+34567' is not a telephone number"):
        read(folder, "EUR")


def test_an_order_of_more_lines_than_the_shop_takes_is_refused_at_the_line(folder: Path) -> None:
    numbers = range(100, 141)
    with (folder / "products.csv").open("a", encoding="utf-8") as products:
        products.writelines(f"{number},Tea {number},1,10\n" for number in numbers)
    with (folder / "order_details.csv").open("a", encoding="utf-8") as lines:
        lines.writelines(f"11,{number},10,1,0\n" for number in numbers)
    # It has two lines already, and the file six: the 39th added is too many.
    with pytest.raises(BadData, match=r"order_details\.csv, line 45, column OrderID: '11' has more than 40 lines"):
        read(folder, "EUR")


def test_the_line_named_is_the_files_own_even_after_texts_of_several_lines(folder: Path, rewrite: Rewrite) -> None:
    rewrite("products.csv", "Green tea", '"Green\ntea"')
    rewrite("products.csv", ",1,7.3", ",1,dear")
    with pytest.raises(BadData, match=r"products\.csv, line 4, column UnitPrice"):
        read(folder, "EUR")


def test_files_that_are_missing_empty_or_not_utf_8_are_named(folder: Path) -> None:
    shippers = folder / "shippers.csv"
    shippers.write_bytes(b"ShipperID,CompanyName\n1,Cami\xf3n\n")
    with pytest.raises(BadData, match=r"shippers\.csv, line 2: not UTF-8"):
        read(folder, "EUR")
    shippers.write_bytes(b"")
    with pytest.raises(BadData, match=r"shippers\.csv, line 1: the line of column names is missing"):
        read(folder, "EUR")
    shippers.unlink()
    with pytest.raises(BadData, match=r"shippers\.csv cannot be read"):
        read(folder, "EUR")
