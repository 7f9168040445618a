"""What is no body of this shop is refused by every route that takes one, before anything is done."""

import json
import re
from typing import Any, NamedTuple

import pytest

from tests.hostile.requests import EVE, address, at, bodies, fields, names, said
from tests.house.pages.routes import entries
from tests.support.shop import Shop

NO_JSON, NOT_VALID, REFUSED = (400, "malformed"), (422, "not_valid"), (422, "refused")
TOO_LARGE, NOT_TAKEN = (413, "body_too_large"), (415, "wrong_media_type")


class Case(NamedTuple):
    row: str
    body: str
    answer: tuple[int, str]
    headers: dict[str, str] = {}


UNREADABLE = [
    Case("6 NaN", '{"quantity": NaN}', REFUSED),
    Case("6 infinity", '{"quantity": -Infinity}', REFUSED),
    Case("6 larger than any fraction", '{"quantity": 1e400}', REFUSED),
    Case("8 five thousand digits", f'{{"quantity": {"9" * 5000}}}', NO_JSON),
    Case("9 a name twice", '{"quantity": 1, "quantity": -5}', NO_JSON),
    Case("9 a name twice, once in escapes", '{"sku": "A", "\\u0073ku": "B"}', NO_JSON),
    Case("9 a name twice, deep down", '{"lines": [{"sku": "A", "sku": "A"}]}', NO_JSON),
    Case("12 a hundred thousand brackets", "[" * 100_000, NO_JSON),
    Case("12 brackets behind a quote", '{"a": "\\"", "b": ' + "[" * 5000 + "]" * 5000 + "}", NO_JSON),
    Case("12 five thousand objects deep", '{"a":' * 5000 + "1" + "}" * 5000, NO_JSON),
    Case("12 one level too deep", '{"a":' * 21 + "1" + "}" * 21, NO_JSON),
    Case("12 as deep as may be", '{"a":' * 20 + "1" + "}" * 20, NOT_VALID),
    Case("15 a list", "[1]", REFUSED),
    Case("15 an object in a list", "[{}]", REFUSED),
    Case("15 null", "null", REFUSED),
    Case("15 a text", '"x"', REFUSED),
    Case("15 true", "true", REFUSED),
    Case("15 nothing", "", NOT_VALID),
    Case("15 a space", " ", NO_JSON),
    Case("15 a byte order mark", "\ufeff{}", NO_JSON),
    Case("15 a comma too many", '{"sku": "A",}', NO_JSON),
    Case("15 something behind it", "{} {}", NO_JSON),
    Case("15 single quotes", "{'sku': 'A'}", NO_JSON),
    Case("15 a control character in a text", '{"sku": "A\x01"}', NO_JSON),
    Case("15 half a character that is not escaped", '{"sku": "\ud800"}', NO_JSON),
    Case("15 cut short", '{"sku": "A', NO_JSON),
    Case("17 half a character", '{"name": "\\ud800"}', REFUSED),
    Case("17 the halves in the wrong order", '{"name": "\\udc00\\ud800"}', REFUSED),
    Case("17 half a character in a name", '{"\\ud800": 1}', REFUSED),
]
# Refused whether or not the route takes a body.
UNTAKEN = [
    Case("13 of 300 kilobytes", f'{{"sku": "{"x" * 300 * 1024}"}}', TOO_LARGE),
    Case("13 of 300 kilobytes in 100,000 characters", f'{{"sku": "{"好" * 100_000}"}}', TOO_LARGE),
    Case("13 of 11 megabytes", " " * 11 * 1024 * 1024, TOO_LARGE),
    Case("14 gzip", "\x1f\x8b", NOT_TAKEN, {"content-encoding": "gzip"}),
    Case("14 br beside identity", "{}", NOT_TAKEN, {"content-encoding": "identity, br"}),
    Case("16 no media type", "{}", NOT_TAKEN, {"content-type": ""}),
    Case("16 XML", "<sku/>", NOT_TAKEN, {"content-type": "text/xml"}),
    Case("16 a form", "sku=A", NOT_TAKEN, {"content-type": "application/x-www-form-urlencoded"}),
    Case("16 a form in parts", "--x", NOT_TAKEN, {"content-type": "multipart/form-data; boundary=x"}),
    Case("16 a media type like it", "{}", NOT_TAKEN, {"content-type": "application/jsonp"}),
    Case("16 two media types", "{}", NOT_TAKEN, {"content-type": "application/json, text/xml"}),
]

# The one route that takes forms, and a signature in each.
TAKEN_ELSEWHERE = {("16 a form", "/hooks/alipay"): (400, "bad_signature")}


@pytest.mark.parametrize("case", UNREADABLE, ids=lambda case: case.row)
def test_what_cannot_be_read_is_refused_by_every_route_that_takes_a_body(shared: Shop, case: Case) -> None:
    assert len(bodies()) > 30
    with shared.unchanged():
        for entry, _ in bodies():
            answer = shared.call(entry.method, address(entry), raw=case.body, as_=EVE)
            assert (entry.path, said(answer)) == (entry.path, case.answer)


@pytest.mark.parametrize("case", UNTAKEN, ids=lambda case: case.row)
def test_what_is_too_large_or_in_another_format_is_refused_by_every_route(shared: Shop, case: Case) -> None:
    with shared.unchanged():
        for entry in entries():
            if entry.method in ("POST", "PUT", "PATCH"):
                answer = shared.call(entry.method, address(entry), raw=case.body, as_=EVE, headers=case.headers)
                expected = TAKEN_ELSEWHERE.get((case.row, entry.path), case.answer)
                assert (entry.path, said(answer)) == (entry.path, expected)


@pytest.mark.parametrize("media", ["Application/JSON", "application/json; charset=utf-8", " application/json ;x=y"])
def test_json_is_taken_however_its_media_type_is_written(shared: Shop, media: str) -> None:
    wanted = {"name": {"en": "Tea"}}
    assert shared.call("POST", "/staff/categories", wanted, as_=EVE, headers={"content-type": media}).status == 201


def test_a_route_that_takes_no_body_looks_into_none(shared: Shop) -> None:
    assert said(shared.call("POST", "/me/messages/read", raw="[", as_=EVE)) == (200, None)


NUMBERS: dict[str, str] = {
    "1 below nothing": "-1",
    "2 nothing": "0",
    "3 true": "true",
    "4 a text": '"1"',
    "4 a text with an underscore": '"1_000"',
    "4 a text with spaces": '" 3 "',
    "5 a power": "1e2",
    "5 a whole fraction": "1.0",
    "7 2 to the 63rd": str(2**63),
    "7 10 to the 18th": str(10**18),
    "7 -2 to the 63rd": str(-(2**63)),
}


@pytest.mark.parametrize("row", NUMBERS)
def test_a_number_that_is_none_of_the_field_is_refused_wherever_it_stands(shared: Shop, row: str) -> None:
    text, tried = NUMBERS[row], 0
    with shared.unchanged():
        for entry, place, schema in fields("integer"):
            if text.lstrip("-").isdigit() and schema["minimum"] <= int(text) <= schema.get("maximum", 10**30):
                assert int(text) <= 0, f"{place} of {entry.path} has no end"
                continue
            tried += 1
            raw = json.dumps(at(place, "?")).replace('"?"', text)
            assert names(shared.call(entry.method, address(entry), raw=raw, as_=EVE), place), (entry.path, place)
    assert tried > 10


UNSHOWN = {
    "18 NUL": "TEA\0",
    "18 a line break inside": "T\nA",
    "18 a right-to-left override": "TE\u202eA",
    "18 a direction isolate": "TE\u2066A",
    "18 a space of no width": "TE\u200bA",
    "18 a soft hyphen": "TE\u00adA",
    "18 a byte order mark": "TE\ufeffA",
    "18 a tag that nobody sees": "TE\U000e0041A",
    "18 a line separator": "TE\u2028A",
    "18 no character": "TE\uffffA",
    "18 two hundred marks on a letter": "T" + "\u0301" * 199,
    "18 ten thousand marks on a letter": "T" + "\u0301" * 10_000,
}
SECRETS = ("password", "refresh_token", "guest_token")  # compared or handed on, never shown
PROSE = 1000  # from here on a text may have several lines


@pytest.mark.parametrize("row", UNSHOWN)
def test_a_text_that_cannot_be_shown_is_refused_wherever_it_stands(shared: Shop, row: str) -> None:
    text, tried = UNSHOWN[row], 0
    with shared.unchanged():
        for entry, place, schema in fields("string"):
            if place[-1] in SECRETS or ("\n" in text and schema.get("maxLength", 0) >= PROSE):
                continue
            tried += 1
            answer = shared.call(entry.method, address(entry), at(place, text), as_=EVE)
            assert names(answer, place), (entry.path, place)
    assert tried > 100


def test_18_a_name_is_kept_composed_and_with_what_holds_its_letters_together(shared: Shop) -> None:
    written = "Cafe\u0301 \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f373"
    made = shared.post("/staff/categories", {"name": {"en": f"  {written} "}}, as_=EVE).ok()
    assert made["name"]["en"] == written.replace("e\u0301", "\u00e9")
    read = shared.get(f"/staff/categories/{made['category_id']}", as_=EVE).ok()
    assert read["name"] == made["name"]


SECONDS = [1_700_000_000, "1700000000", 1_700_000_000_000, "2026-11-01", "2026-11-01T10:00:00", "2026-11-01 10:00:00Z"]


@pytest.mark.parametrize("written", [*SECONDS, "2026-11-31T10:00:00Z", "2026-11-01T24:00:01Z", "９-11-01T10:00:00Z"])
def test_a_time_is_taken_from_its_text_only(shared: Shop, written: Any) -> None:
    times = [(entry, place) for entry, place, schema in fields("string") if schema.get("format") == "date-time"]
    assert len(times) > 4
    with shared.unchanged():
        for entry, place in times:
            assert names(shared.call(entry.method, address(entry), at(place, written), as_=EVE), place), entry.path


def test_every_text_and_every_list_that_a_body_has_is_bounded() -> None:
    limit = {"string": {"maxLength", "enum", "const", "format"}, "array": {"maxItems"}, "object": {"maxProperties"}}
    endless = [
        (entry.path, place)
        for kind in limit
        for entry, place, schema in fields(kind)
        if not limit[kind] & schema.keys() and "properties" not in schema and not _finite(schema.get("pattern", "*"))
    ]
    assert endless == []


def _finite(pattern: str) -> bool:
    return pattern[0] == "^" and pattern[-1] == "$" and not re.search(r"[*+]|,}", pattern)
