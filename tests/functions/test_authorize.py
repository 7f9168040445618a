"""The one door: which tokens it takes, what it opens to whom, and how it gets the keys."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from souk.domains.access.model.rights import SHOP
from souk.gateways import tokens
from souk.kernel.caller import Caller
from souk.kernel.errors import Unavailable
from tests.support import template
from tests.support.context import REGION
from tests.support.people import EMAIL, People

OURS, FOREIGN = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
CURVE = ec.generate_private_key(ec.SECP256R1())
PEM = OURS.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
ABSENT = object()
RS256 = {"alg": "RS256", "kid": "one"}


def key_set(*keys: tuple[str, Any]) -> dict[str, Any]:
    return {
        "keys": [
            jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
            | {"kid": kid, "alg": "RS256", "use": "sig"}
            for kid, key in keys
        ]
    }


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Signer:
    """Tokens of a member, as the pool would sign them or as somebody else might."""

    def __init__(self, people: People, patch: pytest.MonkeyPatch) -> None:
        people.sign_up().ok()
        [row] = people.shop.rows("CallerRecord")
        self.now = int(people.shop.clock.at.timestamp())
        self.claims = {
            "sub": row["caller_id"],
            "aud": people.client_id,
            "token_use": "id",
            "iat": self.now,
            "exp": self.now + 3600,
            "iss": f"https://cognito-idp.{REGION}.amazonaws.com/{people.pool_id}",
            "email": EMAIL,
        }
        patch.setattr(tokens, "fetch", lambda: key_set(("one", OURS)))
        tokens.forget()

    def token(
        self, key: Any = OURS, algorithm: str = "RS256", header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        said = {name: value for name, value in {**self.claims, **claims}.items() if value is not ABSENT}
        return jwt.encode(said, key, algorithm, headers={"kid": "one"} | (header or {}))

    def raw(self, header: Any, claims: Any = None, sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
        """Put together by hand, where the library declines to."""
        text = f"{encoded(header)}.{encoded(self.claims if claims is None else claims)}"
        return f"{text}.{encoded(sign(text.encode()))}"


@pytest.fixture
def signer(people: People, monkeypatch: pytest.MonkeyPatch) -> Signer:
    return Signer(people, monkeypatch)


def bad_claims(signer: Signer) -> dict[str, str]:
    """Tokens that the pool has signed, and that are not for this shop or not of now."""
    now = signer.now
    return {
        "expired": signer.token(exp=now),
        "no exp": signer.token(exp=ABSENT),
        "exp as text": signer.token(exp=str(now + 3600)),
        "exp null": signer.raw(RS256, {**signer.claims, "exp": None}, _sign),
        "exp NaN": signer.raw(RS256, {**signer.claims, "exp": float("nan")}, _sign),
        "exp 0": signer.token(exp=0),
        "exp below nothing": signer.token(exp=-now),
        "exp with a fraction": signer.token(exp=now + 3600.5),
        "exp for ever": signer.token(exp=10**18),
        "exp before iat": signer.token(iat=now + 20, exp=now + 10),
        "exp true": signer.token(exp=True),
        "exp in two days": signer.token(exp=now + 2 * 86_400),
        "no iat": signer.token(iat=ABSENT),
        "iat in the future": signer.token(iat=now + 60),
        "iat for ever": signer.token(iat=10**18),
        "iat as text": signer.token(iat=str(now)),
        "nbf in the future": signer.token(nbf=now + 60),
        "nbf for ever": signer.token(nbf=10**18),
        "nbf as text": signer.token(nbf=str(now)),
        "another client": signer.token(aud="other"),
        "more than our client": signer.token(aud=[signer.claims["aud"], "other"]),
        "our client in a list": signer.token(aud=[signer.claims["aud"]]),
        "no client": signer.token(aud=ABSENT),
        "another pool": signer.token(iss=signer.claims["iss"] + "x"),
        "no pool": signer.token(iss=ABSENT),
        "an access token": signer.token(aud=ABSENT, client_id=signer.claims["aud"], token_use="access"),
        "access in an id token": signer.token(token_use="access"),
        "no token_use": signer.token(token_use=ABSENT),
        "no sub": signer.token(sub=ABSENT),
        "sub of nobody": signer.token(sub="00000000-0000-0000-0000-000000000000"),
        "sub that is no key": signer.token(sub="a#b"),
        "sub with a line break": signer.token(sub=signer.claims["sub"] + "\n"),
        "sub of 65 letters": signer.token(sub="a" * 65),
        "an empty sub": signer.token(sub=""),
        "sub that is a number": signer.raw({"alg": "RS256", "kid": "one"}, {**signer.claims, "sub": 7}, _sign),
    }


def bad_headers(signer: Signer) -> dict[str, str | None]:
    """Every `Authorization` that must not be let in, by what is wrong with it."""
    good, now = signer.token(), signer.now
    head, body, signature = good.split(".")
    hs256 = {"alg": "HS256", "typ": "JWT", "kid": "one"}
    bad_tokens = {
        "no token": "",
        "not a token": "abc",
        "three empty parts": "..",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.{signature}",
        "letters of no alphabet": "ä.ö.ü",
        "not base64": "%%%.%%%.%%%",
        "a space behind": f"{good} ",
        "a line break behind": f"{good}\n",
        "padded": f"{good}==",
        "a header that is no object": signer.raw([]),
        "claims that are no object": signer.raw({"alg": "RS256", "kid": "one"}, [], _sign),
        "nested without end": signer.raw(b"[" * 5000),
        "alg none": signer.raw({"alg": "none", "kid": "one"}),
        "alg NONE": signer.raw({"alg": "NoNe", "kid": "one"}),
        "no alg": signer.raw({"kid": "one"}),
        "HS256 with the public key": signer.raw(hs256, sign=lambda text: hmac.new(PEM, text, hashlib.sha256).digest()),
        "RS512": signer.token(algorithm="RS512"),
        "PS256": signer.token(algorithm="PS256"),
        "ES256": signer.token(CURVE, "ES256"),
        "another key": signer.token(FOREIGN),
        "an unknown kid": signer.token(FOREIGN, header={"kid": "two"}),
        "a kid that is no text": signer.raw({"alg": "RS256", "kid": 1}),
        "no kid": jwt.encode(signer.claims, OURS, "RS256"),
        "its own key in the header": signer.token(
            FOREIGN, header={"jwk": key_set(("one", FOREIGN))["keys"][0], "kid": "x"}
        ),
        "no signature": f"{head}.{body}.",
        "another signature": f"{head}.{body}.{signer.token(jti='1').split('.')[2]}",
        "tampered claims": f"{head}.{encoded({**signer.claims, 'exp': now + 7200})}.{signature}",
        "keys from elsewhere": signer.token(FOREIGN, header={"jku": "https://evil.example/jwks.json", "kid": "x"}),
        "a kid that is a path": signer.token(FOREIGN, header={"kid": "../one"}),
        "claims that are not encoded": signer.token(header={"crit": ["b64"], "b64": False}),
        "an unknown crit": signer.token(header={"crit": ["b2b"], "b2b": 1}),
        "a guest that is none": "gst_" + "0" * 32,
        "a guest without a token": "gst_",
        "a guest with strange letters": "gst_#/é",
    }
    return {
        "no header": None,
        "an empty header": "",
        "only the scheme": "Bearer",
        "no scheme": good,
        "Basic": f"Basic {good}",
        "twice": f"Bearer Bearer {good}",
        "two spaces": f"Bearer  {good}",
        **{name: f"Bearer {token}" for name, token in {**bad_tokens, **bad_claims(signer)}.items()},
    }


def _sign(text: bytes) -> bytes:
    return jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(text, OURS)


@pytest.mark.capability("USR-05")
def test_every_bad_token_is_answered_401(people: People, signer: Signer) -> None:
    headers = bad_headers(signer)
    assert len(headers) > 50 and people.admitted(f"Bearer {signer.token()}") == 200
    answers = {name: people.admitted(header) for name, header in headers.items()}
    assert {name: status for name, status in answers.items() if status != 401} == {}


def test_good_tokens_are_let_in(people: People, signer: Signer) -> None:
    now = signer.now
    good = [
        f"Bearer {signer.token()}",
        f"bearer {signer.token()}",
        f"Bearer {signer.token(nbf=now)}",
        f"Bearer {signer.token(iat=now + 20)}",
        f"Bearer {signer.token(iat=now - 3599, exp=now + 1)}",
        f"Bearer {signer.token(exp=now + 86_400)}",
    ]
    assert [people.admitted(header) for header in good] == [200] * len(good)


def test_groups_that_a_token_claims_give_no_rights(people: People, signer: Signer) -> None:
    claimed: dict[str, Any] = {"cognito:groups": ["owner"], "roles": ["owner"], "may": ["staff.read"]}
    header = f"Bearer {signer.token(**claimed)}"
    assert people.admitted(header) == 200 and people.admitted(header, path="/staff/people") == 403


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BUYERS = ("/me", "/me/cart", "/me/orders/ord_1/pay")
STAFFS = ("/staff", "/staff/stores", "/staff/stores/sto_1")
NOBODYS = ("/", "/shop/products", "/access/sign-in", "/hooks/stripe", "/mesh", "/staffing", "/x/me/y", "/x/staff/y")


@pytest.mark.capability("USR-05")
def test_the_door_opens_a_buyers_paths_to_buyers_only(people: People, signer: Signer) -> None:
    header = f"Bearer {signer.token()}"
    denied = (*STAFFS, *NOBODYS, "/staff/me/x", "/staff/stores/me/x")
    for method in METHODS:
        assert [people.admitted(header, method, path) for path in BUYERS] == [200] * len(BUYERS)
        assert [people.admitted(header, method, path) for path in denied] == [403] * len(denied)


@pytest.mark.capability("USR-05")
def test_the_door_opens_the_staffs_paths_to_staff_only(people: People) -> None:
    header = f"Bearer {people.owner()}"
    denied = (*BUYERS, *NOBODYS, "/me/staff/x")
    for method in METHODS:
        assert [people.admitted(header, method, path) for path in STAFFS] == [200] * len(STAFFS)
        assert [people.admitted(header, method, path) for path in denied] == [403] * len(denied)


def test_strangers_cannot_make_the_door_ask_for_the_keys_more_than_once_a_minute(
    people: People, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, asked = [("one", OURS)], []

    def fetch() -> dict[str, Any]:
        asked.append(True)
        return key_set(*keys)

    monkeypatch.setattr(tokens, "fetch", fetch)
    unknown = f"Bearer {signer.token(FOREIGN, header={'kid': 'two'})}"
    assert people.admitted(f"Bearer {signer.token()}") == 200 and len(asked) == 1
    assert [people.admitted(unknown) for _ in range(20)] == [401] * 20 and len(asked) == 1

    keys.append(("two", FOREIGN))  # the pool rolls its keys
    people.shop.pass_time(seconds=60)
    assert [people.admitted(unknown) for _ in range(5)] == [200] * 5 and len(asked) == 2


def test_while_the_keys_cannot_be_read_nobody_is_called_a_stranger(
    people: People, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> dict[str, Any]:
        raise Unavailable()

    with monkeypatch.context() as patch:
        patch.setattr(tokens, "fetch", down)
        assert people.admitted(f"Bearer {signer.token()}") == 500
    assert people.admitted(f"Bearer {signer.token()}") == 200


def test_a_no_of_the_gateway_reads_like_a_no_of_a_function(people: People) -> None:
    given = template.read(template.API)["Resources"]["Api"]["Properties"]["GatewayResponses"]
    said = {kind: answer["ResponseTemplates"]["application/json"] for kind, answer in given.items()}
    assert json.loads(said["UNAUTHORIZED"]) == people.shop.get("/me/messages").body
    member = Caller(id="mem_1", kind="member", may=frozenset({SHOP}))
    assert json.loads(said["ACCESS_DENIED"]).keys() < people.shop.get("/staff/people", as_=member).body.keys()
    assert (
        json.loads(said["MISSING_AUTHENTICATION_TOKEN"])
        == people.shop.get("/me/messages/no/such/route", as_=member).body
    )
