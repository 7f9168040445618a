"""The user pool: e-mail addresses, their passwords, and the tokens it gives for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from souk.gateways.aws import client
from souk.kernel import settings
from souk.kernel.errors import Conflict, Refusal, Refused, TooMany, Unauthenticated, Unavailable


class WeakPassword(Refused):
    title = "The password is too weak: 12 characters or more, with capitals, small letters and digits"


class WrongCredentials(Unauthenticated):
    """One answer for all: it does not tell which addresses have an account."""

    title = "E-mail address or password is wrong"


class SessionOver(Unauthenticated):
    title = "The session has ended; sign in again"


class NotAcceptable(Refused):
    title = "The user pool does not accept this address or password"


class AddressInUse(Conflict):
    title = "Somebody else signs in with this e-mail address"


class SignInThrottled(TooMany):
    title = "Too many attempts; wait a while"


class IdentityUnavailable(Unavailable):
    title = "The user pool is not answering"


class User(NamedTuple):
    """`confirmed` once somebody has set a password with which one can sign in."""

    id: str
    confirmed: bool


class Tokens(NamedTuple):
    id_token: str
    refresh_token: str | None
    expires_in: int


_REFUSALS: dict[str, type[Refusal]] = {
    "InvalidPasswordException": WeakPassword,
    "InvalidParameterException": NotAcceptable,
    "AliasExistsException": AddressInUse,
    **dict.fromkeys(
        (
            "NotAuthorizedException",
            "UserNotFoundException",
            "UserNotConfirmedException",
            "PasswordResetRequiredException",
        ),
        WrongCredentials,
    ),
    **dict.fromkeys(
        ("TooManyRequestsException", "LimitExceededException", "TooManyFailedAttemptsException", "ThrottlingException"),
        SignInThrottled,
    ),
}


def create_user(email: str, password: str) -> User:
    """The user of that address, made now or before; the password is looked at, and set by `set_password` only."""
    pool = client("cognito-idp")
    with _refusals():
        try:
            made = pool.admin_create_user(
                UserPoolId=settings.user_pool_id(), Username=email, MessageAction="SUPPRESS", TemporaryPassword=password
            )["User"]
            return User(_sub(made["Attributes"]), confirmed=False)
        except pool.exceptions.UsernameExistsException:
            found = pool.admin_get_user(UserPoolId=settings.user_pool_id(), Username=email)
            return User(_sub(found["UserAttributes"]), found["UserStatus"] != "FORCE_CHANGE_PASSWORD")


def set_password(email: str, password: str) -> None:
    """From now on one can sign in with it."""
    with _refusals():
        client("cognito-idp").admin_set_user_password(
            UserPoolId=settings.user_pool_id(), Username=email, Password=password, Permanent=True
        )


def change_email(user_id: str, email: str) -> None:
    """What the user signs in with from now on, proved to be theirs; done again it is done."""
    pool, user = client("cognito-idp"), {"UserPoolId": settings.user_pool_id(), "Username": user_id}
    proved = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    with _refusals():
        try:
            pool.admin_update_user_attributes(**user, UserAttributes=proved)
        except pool.exceptions.AliasExistsException:
            if _attribute(pool.admin_get_user(**user)["UserAttributes"], "email") != email:
                raise


def sign_in(email: str, password: str) -> Tokens:
    return _tokens("ADMIN_USER_PASSWORD_AUTH", USERNAME=email, PASSWORD=password)


def refresh(refresh_token: str) -> Tokens:
    try:
        return _tokens("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=refresh_token)
    except WrongCredentials:
        raise SessionOver() from None


def sign_out(user_id: str) -> None:
    """Ends every refresh token of the user."""
    with _refusals():
        client("cognito-idp").admin_user_global_sign_out(UserPoolId=settings.user_pool_id(), Username=user_id)


def _tokens(flow: str, **parameters: str) -> Tokens:
    with _refusals():
        answer = client("cognito-idp").admin_initiate_auth(
            UserPoolId=settings.user_pool_id(),
            ClientId=settings.user_pool_client_id(),
            AuthFlow=flow,
            AuthParameters=parameters,
        )
    # A challenge instead of tokens: the sign-up was never finished.
    given = answer.get("AuthenticationResult")
    if given is None:
        raise WrongCredentials()
    return Tokens(given["IdToken"], given.get("RefreshToken"), given["ExpiresIn"])


def _sub(attributes: list[dict[str, Any]]) -> str:
    return _attribute(attributes, "sub")


def _attribute(attributes: list[dict[str, Any]], name: str) -> str:
    return str(next(one["Value"] for one in attributes if one["Name"] == name))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise _REFUSALS.get(code, IdentityUnavailable)() from error
    except BotoCoreError as error:
        raise IdentityUnavailable() from error
