"""Packing slips as they are printed: read as a scanner and as a packer would read them."""

import base64
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from tests.support.market import ADDRESS, Market
from tests.support.shop import Answer, Shop

PACKER = ("orders.pick", "orders.read")
NAMES = ("Iron <b>kettle</b> & lid", "铸铁壶（中文）", "Łódzki czajnik", "Чайник", "抹茶碗 まっちゃ", "x" * 190)


@pytest.fixture
def store_id(shop: Shop, market: Market) -> str:
    store_id = market.store()
    market.goods({"TEA": 500, "CUP": 900}, {store_id: 50})
    return store_id


class Document:
    """A PDF, looked at."""

    def __init__(self, content: str) -> None:
        self.pages = list(pypdfium2.PdfDocument(base64.b64decode(content)))
        self.text = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in self.pages)

    def barcodes(self) -> list[tuple[str, str]]:
        """Of every page at the resolution of an office printer."""
        found = [one for page in self.pages for one in zxingcpp.read_barcodes(page.render(scale=300 / 72).to_pil())]
        return [(one.text, one.format.name) for one in found]


def printed(shop: Shop, order_id: str, language: str = "en", **said: Any) -> Answer:
    headers = {"accept-language": language}
    return shop.post(f"/staff/packing-slips/{order_id}", said, as_=shop.staff(*PACKER), headers=headers)


@pytest.mark.capability("ORD-16")
def test_a_slip_tells_lines_and_address_and_its_barcode_scans_as_the_orders_number(
    shop: Shop, market: Market, store_id: str
) -> None:
    order_id = market.laid_out({"TEA": 2, "CUP": 1})
    number = market.order(order_id)["number"]
    answer = printed(shop, order_id).ok()
    assert (answer["content_type"], answer["number"]) == ("application/pdf", number)
    slip = Document(answer["content"])
    assert slip.barcodes() == [(number, "Code128")]
    for said in (*ADDRESS.values(), "Souk Chiado", "TEA", "Tea", "CUP", "Cup", number, "Packing slip", "Page 1 of 1"):
        assert said in slip.text, said
    assert slip.text.endswith("Units in this parcel 3") and "910" not in slip.text, "no telephone number"


@pytest.mark.capability("ORD-16")
def test_each_print_is_counted_and_stands_with_the_order(shop: Shop, market: Market, store_id: str) -> None:
    order_id = market.laid_out({"TEA": 1})
    for number in (1, 2, 3):
        answer = printed(shop, order_id).ok()
        assert answer["prints"] == number and f"Print {number}" in Document(answer["content"]).text
    timeline = shop.get(f"/staff/handling/{order_id}", as_=shop.boss).ok()
    last = timeline["steps"][-1]
    assert (timeline["prints"], last["step"], last["by"]) == (3, "printed", "clerk")


def test_a_slip_is_of_what_goes_into_the_parcel(shop: Shop, market: Market, store_id: str) -> None:
    order_id = market.laid_out({"TEA": 3, "CUP": 1})

    def packed(**said: Any) -> list[str]:
        return Document(printed(shop, order_id, **said).ok()["content"]).text.partition(" 1 Tea TEA ")[2].split()

    assert packed() == ["3", "3", "2", "Cup", "CUP", "1", "1", "Units", "in", "this", "parcel", "4"]
    elsewhere = "More of this order comes, or came, in another parcel."
    assert packed(units={"TEA": 2}) == f"3 2 2 Cup CUP 1 – Units in this parcel {elsewhere} 2".split()
    market.ship(order_id, units={"TEA": 2}).ok()
    assert packed() == f"3 1 2 Cup CUP 1 1 Units in this parcel {elsewhere} 2".split()
    market.ship(order_id, tracking_number="T-REST").ok()
    assert packed() == packed(units={"TEA": 3, "CUP": 1}), "all of it, where all has left"
    for wrong in ({"TEA": 4}, {"POT": 1}):
        with shop.unchanged():
            assert printed(shop, order_id, units=wrong)["code"] == "not_in_this_order"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_order_of_any_names_runs_over_pages_in_the_packers_language(
    shop: Shop, market: Market, store_id: str, language: str
) -> None:
    skus = {f"GOODS-OF-THE-LONGEST-NUMBER-{n:02}": NAMES[n % len(NAMES)] for n in range(40)}
    for sku, name in skus.items():
        market.listed(market.category_id, name, skus=[{"sku": sku}])
    market.receive(store_id, dict.fromkeys(skus, 5))
    order_id = market.laid_out(dict.fromkeys(skus, 2))
    slip = Document(printed(shop, order_id, language).ok()["content"])
    pages = len(slip.pages)
    assert pages > 2 and len(slip.barcodes()) == 1
    for page in range(1, pages + 1):
        # On a machine without Chinese fonts pdfium leaves out a character that stands alone: 第, and the last 页.
        assert {"en": f"Page {page} of {pages}", "zh": f"{page} 页，共 {pages} "}[language] in slip.text
    plain = slip.text.replace(" ", "")
    assert all(sku in plain for sku in skus)
    for name in ("Iron<b>kettle</b>&lid", "铸铁壶", "まっちゃ", "Чайник"):
        assert name in plain, name


@pytest.mark.parametrize("state", ["unpaid", "paid", "cancelled", "another store's"])
def test_what_is_not_to_be_packed_is_not_printed(shop: Shop, market: Market, store_id: str, state: str) -> None:
    order_id = market.place({"TEA": 1}) if state == "unpaid" else market.paid({"TEA": 1})
    who = shop.boss
    if state == "cancelled":
        market.cancel(order_id).ok()
    if state == "another store's":
        market.lay_out(order_id)
        who = shop.staff(*PACKER, stores=(market.store("Souk Baixa"),))
    with shop.unchanged():
        refused = shop.post(f"/staff/packing-slips/{order_id}", as_=who)
    assert refused["code"] == ("no_such_order" if state == "another store's" else "not_to_pack")
