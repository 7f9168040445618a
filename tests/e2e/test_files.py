"""Files as staff and buyers meet them: sent up by a signed address, shown, and imported by themselves."""

from typing import Any
from uuid import uuid4

import pytest
import requests

from infra.local.client import Client, Refused
from tests.e2e.shopping import until
from tests.support.files import fetched, send_up
from tests.support.pictures import DRAWING, opened, taken, tells


@pytest.mark.capability("PRD-03")
def test_a_picture_is_sent_up_attached_and_fetched_by_a_buyer(card: dict[str, Any], owner: Client) -> None:
    category_id = owner.post("/staff/categories", {"name": {"en": "Pictured"}})["category_id"]
    product = owner.post(
        "/staff/products", {"name": {"en": "Pot"}, "category_id": category_id, "skus": [{"price_minor": 1}]}
    )
    owner.post(f"/staff/listings/{product['product_id']}/list")
    path, content = f"/staff/products/{product['product_id']}/media", taken(DRAWING)
    ticket = owner.post(f"{path}/uploads", {"content_type": "image/png", "bytes": len(content), "name": "pot.png"})
    with pytest.raises(Refused, match="not_uploaded"):
        owner.post(path, {"upload_id": ticket["upload_id"], "role": "outer"})
    assert send_up(ticket, content) == 200
    owner.post(path, {"upload_id": ticket["upload_id"], "role": "outer"})
    (shown,) = Client(card["api"]).get(f"/shop/products/{product['product_id']}")["media"]
    answer = requests.get(shown["url"], timeout=10)
    assert answer.headers["Content-Type"] == "image/png" and tells(answer.content) == set()
    assert opened(answer.content).tobytes() == opened(content).tobytes()
    assert owner.get(f"/shop/categories/{category_id}/products")["items"][0]["image"] == shown["url"]


@pytest.mark.capability("USR-06")
def test_a_member_sends_up_a_picture_sees_it_and_takes_it_away(card: dict[str, Any]) -> None:
    email, password, content = f"{uuid4().hex}@example.com", "Correct-horse-7-battery", taken()
    Client(card["api"]).post("/access/sign-up", {"email": email, "name": "Nia", "password": password})
    member = Client(card["api"]).sign_in(email, password)
    ticket = member.post("/me/profile/avatar/uploads", {"content_type": "image/jpeg", "bytes": len(content)})
    assert send_up(ticket, content) == 200
    member.put("/me/profile/avatar", {"upload_id": ticket["upload_id"]})
    url = member.get("/me/profile")["avatar"]["url"]
    seen = fetched(url)
    assert opened(seen).tobytes() == opened(content).tobytes() and tells(seen) == set()
    member.delete("/me/profile/avatar")
    assert member.get("/me/profile")["avatar"] is None
    assert not requests.get(url, timeout=10).ok


@pytest.mark.capability("PRD-06")
def test_a_file_of_products_is_sent_up_and_imported_by_itself(owner: Client) -> None:
    mark = uuid4().hex[:6].upper()
    header, *_ = requests.get(owner.get("/staff/imports/template")["url"], timeout=10).content.splitlines()
    category_id = owner.post("/staff/categories", {"name": {"en": f"Imported {mark}"}})["category_id"]
    rows = [f"{mark}-{n},Pot {n},,,,JP,{category_id},{mark}-{n}-A,12.50,,,,,,,,," for n in range(60)]
    rows[30] = rows[30].replace("12.50", "free")
    content = b"\n".join([header, *(row.encode() for row in rows)])

    def imported() -> dict[str, Any]:
        ticket = owner.post("/staff/imports", {"format": "csv", "bytes": len(content)})
        assert send_up(ticket, content) == 200
        path = f"/staff/imports/{ticket['import_id']}"
        until(lambda: owner.get(path)["status"] in {"done", "refused"})
        return dict(owner.get(path))

    first, second = imported(), imported()
    assert (first["status"], first["created"], first["failed"]) == ("done", 59, 1), first
    assert (second["created"], second["updated"], second["unchanged"], second["failed"]) == (0, 0, 59, 1)
    (failed,) = owner.get(f"/staff/imports/{second['import_id']}/rows", outcome="failed")["items"]
    assert (failed["row"], failed["sku"]) == (32, f"{mark}-30-A") and "price" in failed["reason"]
