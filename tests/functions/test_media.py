"""Pictures and films of products: sent up to the bucket, attached in order, shown to everybody."""

from typing import Any

import pytest

from souk.gateways import files as gateway
from souk.kernel.uploads import SIGNATURES
from tests.support import files
from tests.support.market import Market, text
from tests.support.pictures import DRAWING, opened, taken, tells
from tests.support.shop import Answer, Shop, client

PNG = taken(DRAWING)
# A file of each kind: those that are shown rewritten, whole; of those that are shown as they are, how they begin.
REWRITTEN = {"image/jpeg": taken(), "image/png": PNG, "image/webp": taken("a light photograph")}
CONTENTS = REWRITTEN | {
    "image/gif": b"GIF89a and the rest of it",
    "image/avif": b"\x00\x00\x00\x20ftypavif and the rest of it",
    "video/mp4": b"\x00\x00\x00\x20ftypisom and the rest of it",
    "video/webm": b"\x1a\x45\xdf\xa3\x9f and the rest of it",
}
PAGE = b"<script>alert(1)</script>"


@pytest.fixture
def path(market: Market) -> str:
    """Where the pictures of a listed product are."""
    return f"/staff/products/{market.listed(market.category())['product_id']}/media"


def begin(shop: Shop, path: str, content: bytes = PNG, content_type: str = "image/png", **more: Any) -> Answer:
    said = {"content_type": content_type, "bytes": len(content), "name": "pot.png", **more}
    return shop.post(f"{path}/uploads", said, as_=shop.boss)


def attach(shop: Shop, path: str, upload_id: str, role: str = "outer", **more: Any) -> Answer:
    return shop.post(path, {"upload_id": upload_id, "role": role, **more}, as_=shop.boss)


def picture(shop: Shop, path: str, role: str = "outer", **more: Any) -> str:
    """Sent up and attached; its id."""
    ticket = begin(shop, path).ok()
    assert files.send_up(ticket, PNG) == 200
    there = {one["media_id"] for one in media(shop, path)}
    items = attach(shop, path, ticket["upload_id"], role, **more).ok()["items"]
    return str(next(one["media_id"] for one in items if one["media_id"] not in there))


def media(shop: Shop, path: str) -> list[dict[str, Any]]:
    return list(shop.get(path, as_=shop.boss).ok()["items"])


def stored() -> set[str]:
    found = client("s3").list_objects_v2(Bucket="souk-test-files").get("Contents", [])
    return {one["Key"] for one in found}


def product_id(path: str) -> str:
    return path.split("/")[3]


@pytest.mark.capability("PRD-03")
@pytest.mark.parametrize("content_type", CONTENTS)
def test_a_file_of_each_kind_is_sent_up_attached_and_shown(
    shop: Shop, market: Market, path: str, content_type: str
) -> None:
    assert set(CONTENTS) == set(SIGNATURES)
    content = CONTENTS[content_type]
    ticket = begin(shop, path, content, content_type).ok()
    assert files.send_up(ticket, content) == 200
    (one,) = attach(shop, path, ticket["upload_id"], "inner", alt=text("From inside")).ok()["items"]
    assert (one["content_type"], one["role"], one["position"]) == (content_type, "inner", 0)

    (shown,) = shop.get(f"/shop/products/{product_id(path)}").ok()["media"]
    assert shown == {"url": one["url"], "content_type": content_type, "role": "inner", "alt": "From inside"}
    key = one["url"].removeprefix("https://media.example.com/")
    found = client("s3").get_object(Bucket="souk-test-files", Key=key)
    kept = found["Body"].read()
    assert (found["ContentType"], one["bytes"]) == (content_type, len(kept))
    if content_type in REWRITTEN:
        assert opened(kept).tobytes() == opened(content).tobytes() and tells(kept) == set()
    else:
        assert kept == content


@pytest.mark.capability("PRD-03")
def test_media_are_listed_in_the_order_of_their_positions_however_they_were_put_there(shop: Shop, path: str) -> None:
    first, second = picture(shop, path), picture(shop, path, "inner")
    third = picture(shop, path, "scene", position=0)
    assert [one["media_id"] for one in media(shop, path)] == [third, first, second]
    assert [one["position"] for one in media(shop, path)] == [0, 1, 2]

    moved = shop.put(f"{path}/{third}", {"role": "outer", "position": 2, "alt": text("Lid")}, as_=shop.boss).ok()
    assert [one["media_id"] for one in moved["items"]] == [first, second, third]
    assert (moved["items"][2]["role"], moved["items"][2]["alt"]) == ("outer", text("Lid"))
    left = shop.delete(f"{path}/{first}", as_=shop.boss).ok()["items"]
    assert [one["media_id"] for one in left] == [second, third] == [one["media_id"] for one in media(shop, path)]
    for method in ("PUT", "DELETE"):
        gone = shop.call(method, f"{path}/{first}", {"role": "outer", "position": 0}, as_=shop.boss)
        assert (gone.status, gone["code"]) == (404, "no_such_medium")


@pytest.mark.capability("PRD-03")
def test_what_is_no_picture_or_film_is_refused_when_it_is_announced_and_when_it_is_there(shop: Shop, path: str) -> None:
    for kind in ("application/pdf", "image/svg+xml", "text/html", "image/*", "IMAGE/PNG", "image/png; charset=x"):
        refused = begin(shop, path, content_type=kind)
        assert (refused.status, refused["code"]) == (415, "not_an_image_or_video"), kind
    others = list(CONTENTS.values())
    for kind, other in [*zip(CONTENTS, others[1:] + others[:1], strict=True), *((kind, PAGE) for kind in CONTENTS)]:
        ticket = begin(shop, path, other, kind).ok()
        files.send_up(ticket, other)
        assert attach(shop, path, ticket["upload_id"]).status == 415, (kind, other)
    assert media(shop, path) == []
    assert {key.split("/")[0] for key in stored()} == {"uploads"}


@pytest.mark.capability("PRD-03")
@pytest.mark.parametrize(("kind", "most"), [("image/png", 10_000_000), ("video/mp4", 200_000_000)])
def test_what_is_too_large_is_refused_before_it_is_sent(shop: Shop, path: str, kind: str, most: int) -> None:
    for size, status in ((most, 201), (most + 1, 413), (10**9, 413), (10**15, 413), (0, 422), (-1, 422), (1.5, 422)):
        assert begin(shop, path, content_type=kind, bytes=size).status == status, size


@pytest.mark.capability("PRD-03")
def test_type_and_length_are_part_of_the_signature(shop: Shop, path: str) -> None:
    ticket = begin(shop, path).ok()
    assert "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost" in ticket["url"]
    assert ticket["headers"] == {"Content-Type": "image/png", "Content-Length": str(len(PNG))}


@pytest.mark.parametrize("content_type", REWRITTEN)
def test_half_a_picture_is_not_attached(shop: Shop, path: str, content_type: str) -> None:
    half = REWRITTEN[content_type][: len(REWRITTEN[content_type]) // 4]
    ticket = begin(shop, path, half, content_type).ok()
    files.send_up(ticket, half)
    refused = attach(shop, path, ticket["upload_id"])
    assert (refused.status, refused["code"]) == (422, "broken_picture")
    assert media(shop, path) == [] and {key.split("/")[0] for key in stored()} == {"uploads"}


def test_only_a_file_that_is_there_and_whole_is_attached(shop: Shop, path: str) -> None:
    ticket = begin(shop, path).ok()
    absent = attach(shop, path, ticket["upload_id"])
    assert (absent.status, absent["code"]) == (409, "not_uploaded")
    files.send_up(ticket, PNG[:-1])
    assert attach(shop, path, ticket["upload_id"]).status == 409
    files.send_up(ticket, PNG)
    attach(shop, path, ticket["upload_id"]).ok()


def test_a_file_that_is_replaced_while_it_is_looked_at_is_not_attached(
    shop: Shop, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = begin(shop, path).ok()
    files.send_up(ticket, PNG)
    beginning = gateway.beginning

    def late(key: str, etag: str, length: int) -> bytes:
        files.send_up(ticket, PAGE + bytes(len(PNG) - len(PAGE)))
        return beginning(key, etag, length)

    monkeypatch.setattr(gateway, "beginning", late)
    refused = attach(shop, path, ticket["upload_id"])
    assert (refused.status, refused["code"]) == (409, "file_replaced")
    assert media(shop, path) == []


def test_an_upload_is_attached_once_to_its_own_product_and_in_time(shop: Shop, market: Market, path: str) -> None:
    ticket = begin(shop, path).ok()
    files.send_up(ticket, PNG)
    other = f"/staff/products/{market.product(market.category())['product_id']}/media"
    absent = attach(shop, other, "upl_0")
    foreign = attach(shop, other, ticket["upload_id"])
    assert (foreign.status, foreign.body) == (404, absent.body)
    first = attach(shop, path, ticket["upload_id"]).ok()
    assert attach(shop, path, ticket["upload_id"], position=0).ok() == first
    late = begin(shop, path).ok()
    files.send_up(late, PNG)
    shop.pass_time(days=1)
    assert attach(shop, path, late["upload_id"]).status == 404


def test_a_late_repeat_does_not_bring_back_what_was_taken_away(shop: Shop, path: str) -> None:
    ticket = begin(shop, path).ok()
    files.send_up(ticket, PNG)
    (one,) = attach(shop, path, ticket["upload_id"]).ok()["items"]
    assert attach(shop, path, ticket["upload_id"]).ok()["items"] == [one]
    shop.delete(f"{path}/{one['media_id']}", as_=shop.boss).ok()
    late = attach(shop, path, ticket["upload_id"])
    assert (late.status, late["code"]) == (404, "no_such_upload")
    assert media(shop, path) == []


def test_a_product_has_at_most_twelve(shop: Shop, path: str) -> None:
    for _ in range(12):
        picture(shop, path)
    ticket = begin(shop, path).ok()
    files.send_up(ticket, PNG)
    assert attach(shop, path, ticket["upload_id"])["code"] == "too_many_media"
    assert len(media(shop, path)) == 12


def test_the_first_picture_stands_for_the_product_in_lists(shop: Shop, market: Market) -> None:
    tea = market.category()
    made = market.listed(tea, images=["https://cdn.example.com/old.jpg"])
    path = f"/staff/products/{made['product_id']}/media"

    def shown() -> str:
        (card,) = shop.get(f"/shop/categories/{tea}/products").ok()["items"]
        return str(card["image"])

    assert shown() == "https://cdn.example.com/old.jpg"
    first = picture(shop, path)
    assert shown() == media(shop, path)[0]["url"]
    second = picture(shop, path, position=0)
    assert shown() == media(shop, path)[0]["url"] and second in {one["media_id"] for one in media(shop, path)}
    for one in (first, second):
        shop.delete(f"{path}/{one}", as_=shop.boss).ok()
    assert shown() == "https://cdn.example.com/old.jpg"
    assert {key.split("/")[0] for key in stored()} == {"uploads"}


def test_media_are_head_offices_and_need_the_permission(shop: Shop, path: str) -> None:
    said = {"content_type": "image/png", "bytes": 1, "name": "a"}
    assert shop.post(f"{path}/uploads", said, as_=shop.staff("catalog.read")).status == 403
    assert shop.post(f"{path}/uploads", said, as_=shop.staff("catalog.write", stores=("sto_1",))).status == 404
    assert shop.post("/staff/products/prd_0/media/uploads", said, as_=shop.boss).status == 404
    assert shop.get("/staff/products/prd_0/media", as_=shop.boss).status == 404
