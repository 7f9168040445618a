"""A client of the shop's API, as a small program would write it: one session, one person."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from infra.local.processes import ROOT, Trouble

SECONDS = 30
LINES_A_DOCUMENT = 40
CARD = ROOT / ".local/shop.json"
Told = Callable[[str, str, Any, requests.Response], None]


class Refused(Exception):
    """The shop said no; `problem` is its RFC 9457 answer."""

    def __init__(self, request: str, status: int, problem: dict[str, Any]) -> None:
        self.status, self.problem = status, problem
        super().__init__(
            f"{request}: {status} {problem.get('code')}: {problem.get('detail')} {problem.get('errors', '')}"
        )

    @property
    def code(self) -> str | None:
        return self.problem.get("code")


class Client:
    """Somebody at the API: nobody yet, a guest, a member or staff. `told` sees every request with its answer."""

    def __init__(self, api: str, told: Told | None = None) -> None:
        self.api, self._told = api, told
        self._session = requests.Session()
        self._signed_in: tuple[str, str] | None = None

    def sign_in(self, username: str, password: str) -> "Client":
        self._signed_in = (username, password)
        answer = self.post("/access/sign-in", {"email": username, "password": password})
        self._session.headers["Authorization"] = f"Bearer {answer['id_token']}"
        return self

    @property
    def subject(self) -> str:
        """Who is signed in: the token's own word, which the shop takes too."""
        payload = str(self._session.headers["Authorization"]).split(".")[1]
        return str(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])

    def be_guest(self) -> "Client":
        self._session.headers["Authorization"] = f"Bearer {self.post('/access/guest')['token']}"
        return self

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nobody is told of the requests in the block."""
        told, self._told = self._told, None
        try:
            yield
        finally:
            self._told = told

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.call("POST", path, {} if body is None else body, key=key)

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def all(self, path: str, **query: Any) -> list[Any]:
        """Every item of a list, page by page."""
        found, cursor = [], None
        while True:
            page = self.get(path, limit=100, **query, **({"cursor": cursor} if cursor else {}))
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def call(
        self, method: str, path: str, body: Any = None, *, query: dict[str, Any] | None = None, key: str | None = None
    ) -> Any:
        """The answer's JSON; a refusal is raised. A token that has run out is renewed once."""
        answer = self._send(method, path, body, query, key)
        if answer.status_code == 401 and self._signed_in and path != "/access/sign-in":
            self.sign_in(*self._signed_in)
            answer = self._send(method, path, body, query, key)
        if answer.status_code >= 300:
            raise Refused(f"{method} {path}", answer.status_code, _problem(answer))
        return answer.json() if answer.content else None

    def _send(
        self, method: str, path: str, body: Any, query: dict[str, Any] | None, key: str | None
    ) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self._session.request(
            method, self.api + path, json=body, params=query, headers=headers, timeout=SECONDS
        )
        if self._told:
            self._told(method, path, body, answer)
        return answer


def receipts(store_id: str, reference: str, units: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Goods in, by SKU, as documents of so many lines that the shop takes each."""
    lines = [{"sku": sku, "units": count} for sku, count in sorted(units.items()) if count]
    for start in range(0, len(lines), LINES_A_DOCUMENT):
        part = lines[start : start + LINES_A_DOCUMENT]
        yield {"kind": "receipt", "store_id": store_id, "reference": f"{reference}-{start}", "lines": part}


def running_shops_card() -> dict[str, Any]:
    """What the shop of `make run` tells its clients: its addresses, and who can sign in."""
    if not CARD.exists():
        raise Trouble("No shop runs here: `make run DETACH=1` starts one.")
    card: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    return card


def _problem(answer: requests.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {"detail": answer.text[:200]}
    return problem if isinstance(problem, dict) else {"detail": str(problem)}
