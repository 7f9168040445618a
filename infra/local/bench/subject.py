"""What one measured process does: start as Lambda starts a function, answer once, then so many times more.

Run by its file, with only a function's own paths; prints one line of JSON. Nothing of the bench may be imported here,
for it would be measured too.
"""

import json
import sys
import time

STARTED = time.process_time()


class Context:
    function_name, function_version, memory_limit_in_mb = "bench", "1", 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:bench"
    log_group_name = log_stream_name = aws_request_id = "bench"

    @staticmethod
    def get_remaining_time_in_millis():
        return 15_000


def bare(table):
    """The yardstick: the least that reads an item, as most examples write it."""
    import boto3

    client = boto3.client("dynamodb")

    def handler(event, context):
        client.get_item(TableName=table, Key={"PK": {"S": "BENCH"}, "SK": {"S": "BENCH"}})
        return {"statusCode": 200}

    return handler


def main(name, file, times):
    with open(file) as opened:
        event = json.load(opened)
    handler = bare(event["table"]) if name == "bare" else __import__(name, fromlist=["handler"]).handler
    spent = []
    for number in range(int(times) + 1):
        began = time.process_time() if number else STARTED
        if "headers" in event:
            event["headers"]["Idempotency-Key"] = f"{time.time_ns()}"
        answer = handler(event, Context())
        assert answer["statusCode"] < 300, answer
        spent.append(time.process_time() - began)
    warm = sorted(spent[1:])
    print(json.dumps({"cold": spent[0], "warm": warm[len(warm) // 2] if warm else None, "modules": len(sys.modules)}))


main(*sys.argv[1:])
