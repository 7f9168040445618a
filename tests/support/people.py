"""People at the real door: the user pool, and requests that pass the authorizer as they do at the gateway."""

import gzip
import json
import re
from importlib import resources
from types import SimpleNamespace
from typing import Any

import pytest

from souk.edge.caller import meet
from souk.gateways import aws, tokens
from souk.kernel import clock
from tests.support import template
from tests.support.context import ACCOUNT, REGION
from tests.support.market import CONTACT
from tests.support.shop import Answer, Shop

PASSWORD = "Correct-horse-7-battery"
BOSS = {"email": "olivia@souk.example", "name": "Olivia Moreau", "password": PASSWORD}
EMAIL = CONTACT["email"]


class People:
    """The pool of `infra/identity.yaml`, on the shop's clock, and what one may do with its tokens."""

    def __init__(self, shop: Shop, patch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        patch.setattr("moto.cognitoidp.models.time", SimpleNamespace(time=lambda: clock.now().timestamp()))
        # moto knows a session only by what was typed to sign in, the pool by its user.
        patch.setattr("moto.cognitoidp.models.CognitoIdpUserPool.sign_out", _sign_out)
        patch.setattr(clock, "pause", lambda seconds: shop.pass_time(seconds=seconds))
        made = template.read("infra/identity.yaml")["Resources"]
        cognito = aws.client("cognito-idp")
        wanted = ("UsernameAttributes", "UsernameConfiguration", "AdminCreateUserConfig", "Policies")
        pool = {name: _plain(made["Pool"]["Properties"][name]) for name in wanted}
        self.pool_id = cognito.create_user_pool(PoolName="souk", **pool)["UserPool"]["Id"]
        flows = _plain(made["Client"]["Properties"]["ExplicitAuthFlows"])
        client = cognito.create_user_pool_client(UserPoolId=self.pool_id, ClientName="souk", ExplicitAuthFlows=flows)
        self.client_id = client["UserPoolClient"]["ClientId"]
        patch.setenv("USER_POOL_ID", self.pool_id)
        patch.setenv("USER_POOL_CLIENT_ID", self.client_id)
        published = resources.files("moto.cognitoidp") / "resources/jwks-public.json.gz"
        patch.setattr(tokens, "fetch", lambda: json.loads(gzip.decompress(published.read_bytes())))
        tokens.forget()

    # -- at the gateway
    def authorize(self, header: str | None, method: str = "GET", path: str = "/me/cart") -> Any:
        headers = {} if header is None else {"Authorization": header}
        return self.shop.invoke("Authorize", {"type": "REQUEST", "methodArn": _arn(method, path), "headers": headers})

    def admitted(self, header: str | None, method: str = "GET", path: str = "/me/cart") -> int:
        """200, or the status that the gateway answers before any function is asked."""
        try:
            answer = self.authorize(header, method, path)
        except Exception as error:
            return 401 if str(error) == "Unauthorized" else 500
        (statement,) = answer["policyDocument"]["Statement"]
        allowed = any(_covers(pattern, _arn(method, path)) for pattern in statement["Resource"])
        return 200 if allowed and statement["Effect"] == "Allow" else 403

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
        """A request to a route that is not public."""
        header = f"Bearer {token}" if token else None
        status = self.admitted(header, method, path)
        if status != 200:
            return Answer(status, None)
        who = meet({"requestContext": {"authorizer": self.authorize(header, method, path)["context"]}})
        return self.shop.call(method, path, body, as_=who)

    # -- who is who
    def sign_up(self, email: str = EMAIL, password: str = PASSWORD) -> Answer:
        return self.shop.post("/access/sign-up", {"email": email, "name": "Inês Carvalho", "password": password})

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> Answer:
        return self.shop.post("/access/sign-in", {"email": email, "password": password})

    def owner(self) -> str:
        """The token of the first owner, whom the deployer appoints."""
        self.shop.invoke("AppointOwner", BOSS)
        return str(self.sign_in(BOSS["email"]).ok()["id_token"])


def _sign_out(pool: Any, username: str) -> None:
    user = pool._get_user(username)
    for token, session in pool.refresh_tokens.items():
        if session and pool._get_user(session[1]) is user:
            pool.refresh_tokens[token] = None


def _arn(method: str, path: str) -> str:
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api1/v1/{method}{path}"


def _covers(pattern: str, arn: str) -> bool:
    """As IAM reads a resource: `*` is any text, slashes too."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), arn) is not None


def _plain(value: Any) -> Any:
    """What the template's parser hands out, as the types that botocore takes."""
    return json.loads(json.dumps(value))
