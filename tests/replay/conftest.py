"""A small folder in the layout of a replay, to be changed by the test that needs it otherwise."""

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "categories.csv": "CategoryID,CategoryName,Description\n1,Tea,Leaves\n",
    "products.csv": (
        "ProductID,ProductName,CategoryID,UnitPrice\n1,Green tea,1,10\n2,Black tea,1,7.3\n3,White tea,1,5\n"
    ),
    "customers.csv": "CustomerID,CompanyName,Address,City,Country\nANA,Ana's,Rua 1,Porto,Portugal\n",
    "shippers.csv": "ShipperID,CompanyName\n1,Caravan\n",
    "orders.csv": (
        "OrderID,CustomerID,OrderDate,ShippedDate,ShipVia,Freight,ShipName,ShipAddress,ShipCity,ShipCountry\n"
        "12,ANA,2025-02-01 09:30:00.000,2025-02-03,1,4.5,Ana,Rua 1,Porto,Portugal\n"
        "11,ANA,2025-01-31,2025-01-31,1,32.38,Ana,Rua 1,Porto,Portugal\n"
        "13,ANA,2025-02-01,,,14,Ben,Weg 2,Bonn,Germany\n"
    ),
    "order_details.csv": (
        "OrderID,ProductID,UnitPrice,Quantity,Discount\n"
        "11,1,9.8,3,0.0\n11,2,7.3,5,0.05\n12,1,10,2,0.25\n13,3,4.5,5,0.15\n13,2,0.3,1,0.5\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def rewrite(folder: Path) -> Callable[[str, str, str], None]:
    """Replace a text of one file, which must be there."""

    def rewrite(file: str, old: str, new: str) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return rewrite
