"""Functions that do the one thing a correction is about."""

import json
import os
import signal
import time

import shared_words


class OutOfStock(Exception):
    """An exception that a workflow would catch by its name."""


def whoami(event, context):
    print("asked")
    return {"process": os.getpid(), "layer": os.path.dirname(shared_words.__file__)}


def over_http(event, context):
    print(event["httpMethod"])
    return {"statusCode": 200, "body": json.dumps({"method": event["httpMethod"]})}


def slow(event, context):
    print("slow")
    time.sleep(0.5)
    return os.getpid()


def fail_when_asked(event, context):
    print("fails" if event.get("fail") else "works")
    if event.get("fail"):
        raise OutOfStock("none left,\nnot one")
    if event.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def always_fails(event, context):
    print("fails")
    raise OutOfStock("none left")


def refuse_every_record(event, context):
    """Report each record as failed, so that a batch is seen again for as long as it is retried."""
    for record in event["Records"]:
        print("saw", record["dynamodb"]["Keys"]["id"]["S"])
    return {"batchItemFailures": [{"itemIdentifier": r["dynamodb"]["SequenceNumber"]} for r in event["Records"]]}
