"""What browsing starts with, library by library: each step is done after those before it, in one process."""

STEPS = {
    "the interpreter": "",
    "botocore": "import botocore.session",
    "Powertools: log, metrics, traces": (
        "from aws_lambda_powertools import Logger, Metrics, Tracer\n"
        "Logger(), Metrics(), Tracer(auto_patch=False, patch_modules=('botocore',))"
    ),
    "Powertools: routes, with pydantic": (
        "from aws_lambda_powertools.event_handler import APIGatewayRestResolver\n"
        "import aws_lambda_powertools.event_handler.openapi.params\n"
        "APIGatewayRestResolver(enable_validation=True)"
    ),
    "PynamoDB": "import pynamodb.models, pynamodb.transactions",
    "our modules": "import catalog.browse, souk.table.dynamo",
}


def programs() -> dict[str, str]:
    """Each step with all before it."""
    steps = list(STEPS.values())
    return {name: "\n".join(steps[: number + 1]) for number, name in enumerate(STEPS)}
