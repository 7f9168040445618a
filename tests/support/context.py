"""What Lambda hands to a function beside the event."""

from uuid import uuid4

ACCOUNT, REGION = "123456789012", "eu-west-1"


class Context:
    """What Lambda hands over beside the event."""

    function_name, function_version, memory_limit_in_mb = "test", "1", 512
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:test"
    log_group_name = log_stream_name = "test"

    def __init__(self, request_id: str | None = None) -> None:
        self.aws_request_id = request_id or str(uuid4())

    def get_remaining_time_in_millis(self) -> int:
        return 15_000
