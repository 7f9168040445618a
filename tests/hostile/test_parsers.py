"""Whatever a parser of strangers' texts is given, it answers or refuses, and what it lets through is what it says."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from unicodedata import category, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from infra.local.stripe.outbox import sign
from souk.domains.orders.model.requests import idempotency_key
from souk.edge import body, paging
from souk.edge.language import spoken
from souk.gateways import stripe, tokens
from souk.gateways.providers import BadSignature
from souk.kernel import address, ids, shapes
from souk.kernel.errors import Malformed, Refusal, Unauthenticated
from tests.support.shop import Shop

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
ANY = st.text(st.characters(exclude_categories=()), max_size=200)
# Pieces from which texts grow that are almost right.
PIECES = [
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "\\",
    "\\u",
    "d800",
    "1",
    "-",
    "e9",
    ".",
    "NaN",
    "null",
    " ",
    "\0",
    "é",
    "a",
]
ALMOST = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(ANY, below, max_size=4),
)


@given(ALMOST | ANY | JSON.map(json.dumps) | st.dictionaries(ANY, JSON).map(json.dumps))
@example("[" * 100_000)
@example('{"a":' * 100_000)
@example('"' * 99_999)
@example('{"a": ' + "1" * 4301 + "}")
@example('{"a": 1' + "0" * 400 + ".0}")
def test_a_body_is_an_object_that_can_be_written_again_or_is_refused(text: str) -> None:
    try:
        value = body.read(text)
    except Refusal:
        return
    assert isinstance(value, dict)
    assert json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False).encode()) == json.loads(text)


@given(st.dictionaries(ANY, st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(), max_size=5))
def test_a_plain_object_is_read_as_it_is(value: dict[str, Any]) -> None:
    written = json.dumps(value)
    try:
        assert body.read(written) == value
    except Refusal:
        assert any(0xD800 <= ord(letter) <= 0xDFFF for name in value for letter in name)


@given(ANY | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode()), ANY)
def test_a_cursor_that_the_shop_did_not_write_is_refused(shared: Shop, cursor: str, of: str) -> None:
    with pytest.raises(paging.ForeignCursor):
        paging.opened(cursor, of)


@given(st.text(min_size=1, max_size=200), st.text(max_size=50), st.integers(0, 300), st.characters())
def test_a_cursor_leads_where_it_was_written_to_and_no_other_text_does(
    shared: Shop, position: str, of: str, place: int, letter: str
) -> None:
    cursor = paging.sealed(position, of)
    assert cursor and paging.opened(cursor, of) == position
    edited = cursor[:place] + letter + cursor[place + 1 :]
    if edited != cursor:
        with pytest.raises(paging.ForeignCursor):
            paging.opened(edited, of)


HEADER = st.lists(st.sampled_from(["t=", "v1=", "v0=", ",", "1793610000", "a" * 64, "=", "é", "-1"])).map("".join)


@given(st.binary(max_size=200), st.none() | ANY | HEADER)
def test_a_webhook_that_is_not_signed_is_refused(shared: Shop, sent: bytes, signature: str | None) -> None:
    with pytest.raises(BadSignature):
        stripe.hear(sent, {"stripe-signature": signature} if signature else {}, NOW)


@given(st.binary(max_size=200) | (ALMOST | JSON.map(json.dumps)).map(lambda text: text.encode("utf-8", "replace")))
@example(b'{"a":' * 100_000)
def test_a_signed_webhook_that_is_no_event_is_refused(shared: Shop, sent: bytes) -> None:
    with pytest.raises(Malformed):
        stripe.hear(sent, {"stripe-signature": sign(sent, ["whsec_souk"], int(NOW.timestamp()))}, NOW)


def _part(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


PARTS = (JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50)).map(_part)


@given(ANY | st.lists(PARTS, min_size=1, max_size=4).map(".".join))
@example(f"{_part(b'[' * 7000)}.e30.e30")
@example(f"{_part(b'{' + b'1' * 7000)}.e30.e30")
def test_a_token_that_nobody_signed_is_of_nobody(shared: Shop, token: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USER_POOL_ID", "eu-west-1_pool")
        patch.setenv("USER_POOL_CLIENT_ID", "client")
        patch.setattr(tokens, "fetch", lambda: {"keys": [{"kty": "oct", "k": "AA", "kid": "none"}]})
        with pytest.raises(Unauthenticated):
            tokens.verify(token)


@given(ANY | st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ-", max_size=25))
def test_an_order_number_tells_its_month_or_none(number: str) -> None:
    month = ids.month_of_number(number)
    assert month == "" or (len(month) == 7 and "1970-01" <= month <= "3084-12")


@given(ANY | st.lists(st.sampled_from(["zh", "en", "*", ";q=", "0.9", "nan", "-inf", "1e999", ",", "_"])).map("".join))
def test_a_language_is_one_of_the_shops(accepted: str) -> None:
    assert spoken(accepted) in ("en", "zh")


@given(ANY)
def test_a_command_is_named_in_plain_letters_or_not_at_all(header: str) -> None:
    try:
        assert idempotency_key(header).encode("ascii").decode().isprintable()
    except Malformed:
        assert not header or len(header) > 100 or not (header.isascii() and header.isprintable())


TEXTS = ("Line", "Prose", "Id", "Sku", "Currency", "Country", "Email", "Phone")
ALLOWED = {"Line": "\u200c\u200d", "Prose": "\u200c\u200d\n\t"}


@pytest.mark.parametrize("name", TEXTS)
@given(given=ANY | st.text(max_size=40) | st.emails() | st.from_regex(r"\+?[0-9 ().-]{0,32}"))
def test_a_text_that_is_taken_can_be_shown_kept_and_taken_again(name: str, given: str) -> None:
    kind = TypeAdapter(getattr(shapes, name))
    try:
        taken = kind.validate_python(given)
    except ValidationError:
        return
    assert taken == normalize("NFC", taken) == kind.validate_python(taken.encode().decode())
    strange = {letter for letter in taken if category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert strange <= set(ALLOWED.get(name, "")) and (name in ALLOWED or taken.isascii())


ADDRESS = st.fixed_dictionaries(
    {name: ANY | st.text(max_size=20) for name in ("name", "street", "city")},
    optional={"region": st.none() | ANY, "postal_code": ANY | st.from_regex("[A-Z0-9 -]{0,12}"), "country": ANY},
)


@given(ADDRESS, st.sampled_from(["PT", "JP", "de", "PTX", ""]))
def test_an_address_is_taken_whole_or_refused(said: dict[str, Any], country: str) -> None:
    try:
        taken = address.Address.model_validate({"country": country, **said})
    except ValidationError:
        return
    assert address.Address.model_validate_json(taken.model_dump_json()) == taken


TIMES = st.from_regex(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@given(ANY | TIMES | st.integers() | st.floats() | st.datetimes().map(str) | st.datetimes().map(datetime.isoformat))
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
def test_a_time_is_in_utc_and_of_this_shop_or_refused(given: Any) -> None:
    try:
        taken = TypeAdapter(shapes.Moment).validate_python(given)
    except ValidationError:
        return
    assert isinstance(given, str) and taken.tzinfo == UTC and 1970 <= taken.year <= 2100
