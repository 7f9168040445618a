"""API Gateway: the methods and the gateway's own answers that an OpenAPI import loses."""

from collections.abc import Callable
from typing import Any

from ministack.services import apigateway_v1

from infra.local.cloud.correct import correct

apigateway_v1._OPENAPI_HTTP_METHODS.add("any")


@correct(apigateway_v1, "_import_path_item")
def keep_any_methods(plain: Callable, api: str, path: str, item: dict, *more: Any) -> None:
    """Plain ministack drops a method that is written as `ANY`, and answers 403."""
    plain(
        api,
        path,
        {"any" if name == "x-amazon-apigateway-any-method" else name: value for name, value in item.items()},
        *more,
    )


@correct(apigateway_v1, "_import_rest_api")
def keep_gateway_responses(plain: Callable, spec: dict, *more: Any) -> str:
    """Plain ministack drops what the gateway is to answer by itself, such as to a caller without a token."""
    api = plain(spec, *more)
    for kind, answer in (spec.get("x-amazon-apigateway-gateway-responses") or {}).items():
        apigateway_v1._put_gateway_response(api, kind, answer)
    return str(api)
