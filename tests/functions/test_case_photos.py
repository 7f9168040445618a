"""Photos of a case: sent up by the buyer, judged by their bytes, and shown to whoever may see the case."""

import boto3
import pytest

from tests.functions.case_desk import CaseDesk
from tests.support import files
from tests.support.market import INES, OTTO, Market
from tests.support.pictures import CANARY, KINDS, opened, taken


@pytest.fixture
def desk(market: Market) -> CaseDesk:
    return CaseDesk(market)


def laid() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket="souk-test-files", Prefix="cases/").get("Contents", [])
    return [one["Key"] for one in found]


@pytest.mark.capability("AFS-01")
def test_nine_photos_go_with_a_request_and_buyer_and_store_see_them_without_what_they_tell(desk: CaseDesk) -> None:
    sent = [taken(kind, colour=turn) for turn, kind in enumerate([*KINDS][:9])]
    ids = [desk.send_up(one, f"image/{str(opened(one).format).lower()}") for one in sent]
    case = desk.ask(desk.order(), CUP=1, images=ids).ok()
    assert [photo["photo_id"] for photo in case["timeline"][0]["photos"]] == ids
    for photo_id, content in zip(ids, sent, strict=True):
        for path, who in (("/me", INES), ("/staff", desk.shop.boss)):
            shown = desk.shop.get(f"{path}/refunds/{case['case_id']}/photos/{photo_id}", as_=who).ok()
            seen = files.fetched(shown["url"])
            assert opened(seen).tobytes() == opened(content).tobytes()
            assert CANARY not in seen
        foreign = desk.shop.get(f"/me/refunds/{case['case_id']}/photos/{photo_id}", as_=OTTO)
        assert (foreign.status, foreign["code"]) == (404, "no_such_case")
    assert desk.shop.get(f"/me/refunds/{case['case_id']}/photos/upl_none", as_=INES)["code"] == "no_such_photo"


@pytest.mark.capability("AFS-01")
def test_ten_photos_or_what_is_no_photo_are_refused_and_open_nothing(desk: CaseDesk) -> None:
    order_id = desk.order()
    assert desk.ask(order_id, CUP=1, images=["upl_1"] * 10).status == 422
    assert desk.announce("image/svg+xml")["code"] == "not_a_picture"
    assert (desk.announce(size=5_000_001).status, desk.announce(size=0).status) == (413, 422)
    script = desk.send_up(b"<svg onload='alert(1)'/>" * 20)
    torn = desk.send_up(taken()[:200])
    foreign = desk.send_up(taken(), by=OTTO)
    for upload_id, code in ((script, "not_a_picture"), (torn, "broken_picture"), (foreign, "no_photo_sent")):
        refused = desk.ask(order_id, CUP=1, images=[upload_id])
        assert refused["code"] == code
    assert not desk.shop.rows("RefundCase") and not laid()


@pytest.mark.capability("AFS-01")
def test_a_request_that_is_refused_lays_no_photo_anywhere(desk: CaseDesk) -> None:
    order_id = desk.order()
    desk.ask(order_id, CUP=1).ok()
    photo = desk.send_up(taken())
    assert desk.ask(order_id, CUP=1, images=[photo])["code"] == "case_already_open"
    assert desk.ask(order_id, POT=9, images=[photo])["code"] == "too_many_units"
    assert not laid()
    desk.ask(order_id, POT=1, images=[photo, photo]).ok()
    assert laid() == [f"cases/{order_id}/{photo}"]


@pytest.mark.capability("AFS-02")
def test_a_buyer_answers_a_question_with_photos(desk: CaseDesk) -> None:
    case_id = desk.ask(desk.order(), CUP=1).ok()["case_id"]
    desk.decide(case_id, "ask", "Where is it broken?").ok()
    photo = desk.send_up(taken())
    answer = {"text": "At the handle", "images": [photo]}
    seen = desk.shop.post(f"/me/refunds/{case_id}/answer", answer, as_=INES).ok()
    assert [[one["photo_id"] for one in step["photos"]] for step in seen["timeline"]] == [[], [], [photo]]
    assert desk.shop.get(f"/staff/refunds/{case_id}/photos/{photo}", as_=desk.shop.boss).status == 200


def test_a_buyer_sends_up_so_many_photos_a_day(desk: CaseDesk) -> None:
    answers = [desk.announce().status for _ in range(51)]
    assert answers == [201] * 50 + [429]
