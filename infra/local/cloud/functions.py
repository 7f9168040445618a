"""Lambda: workers that share layers, outlive an exception, name it, and wait for their turn."""

import hashlib
import json
import os
import shutil
import tempfile
import threading
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from infra.local.cloud.correct import correct

# Each starts cold in about a second of one core: more of them than cores only makes a burst slower.
WORKERS_A_FUNCTION = max(2, min(4, os.cpu_count() or 2))


def unpacked(layer: str | dict) -> str | None:
    """The folder of a layer, unpacked once and kept with the .pyc files that its first import writes."""
    content = lambda_svc._resolve_layer_zip(layer)
    if not content:
        return None
    cache = Path(os.environ.get("LAYER_CACHE") or Path(tempfile.gettempdir(), "layers"))
    folder = cache / hashlib.sha256(content).hexdigest()[:16]
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=cache))
        archive = scratch / ".zip"
        archive.write_bytes(content)
        with zipfile.ZipFile(archive) as file:
            file.extractall(scratch)
        archive.unlink()
        try:
            scratch.rename(folder)
        except OSError:  # another cloud on this machine was faster, with the same content
            shutil.rmtree(scratch)
    return str(folder)


sizes: dict[bytes, int] = {}


@correct(lambda_svc, "_unzipped_size")
def weigh_once(plain: Callable, content: bytes | None) -> int:
    """Plain ministack reads the whole table of a layer's archive again for every function that uses it."""
    if content is None:
        return 0
    if content not in sizes:
        sizes[content] = plain(content)
    return sizes[content]


unpacking = threading.Lock()


@correct(lambda_runtime.Worker, "_spawn")
def share_unpacked_layers(plain: Callable, worker: Any) -> None:
    """Plain ministack unzips every layer anew for each worker: seconds and megabytes for each cold start."""
    config = worker.config
    with unpacking:
        layers = [folder for folder in map(unpacked, config.get("Layers", [])) if folder]
    variables = dict(config.get("Environment", {}).get("Variables", {}))
    variables["_LAMBDA_LAYERS_DIRS"] = os.pathsep.join(layers)
    worker.config = {**config, "Layers": [], "Environment": {"Variables": variables}}
    try:
        plain(worker)
    finally:
        worker.config = config


class Raised(str):
    """The message of an exception that a handler raised, with the name of its class."""

    error_type: str

    @classmethod
    def as_on_aws(cls, message: str, error_type: str) -> "Raised":
        error = cls(message)
        error.error_type = error_type
        return error


DIED = "Worker process died"
REPORTED = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
if REPORTED not in lambda_runtime._PYTHON_WORKER_SCRIPT:
    raise RuntimeError("ministack's worker reports an exception in another way: see keep_warm_worker")
lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(
    REPORTED,
    '{"status": "ok", "raised": str(e), "error_type": type(e).__name__, "trace": traceback.format_exc()}',
)


@correct(lambda_runtime.Worker, "invoke")
def keep_warm_worker(plain: Callable, worker: Any, *args: Any, **kwargs: Any) -> dict:
    """A handler's exception does not end its process on AWS; plain ministack kills the worker.

    A process that ended in the middle bears a name of its own there, which a workflow tries again.
    """
    try:
        answer = plain(worker, *args, **kwargs)
    except RuntimeError as ended:  # while it started
        answer = {"status": "error", "error": DIED, "cold_start": True, "log": str(ended)}
    if "raised" in answer:
        return {**answer, "status": "error", "error": Raised.as_on_aws(answer["raised"], answer["error_type"])}
    if answer.get("error") == DIED:
        return {**answer, "error": Raised.as_on_aws("Runtime exited without providing a reason", "Runtime.ExitError")}
    return answer


turns: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(WORKERS_A_FUNCTION))


@correct(lambda_svc, "_execute_function_warm")
def execute_in_turn(plain: Callable, function: dict, event: Any, request_id: str) -> dict:
    """Plain ministack starts a process for every request of a burst at once, which a laptop does not survive.

    Errors bear the name of the exception's class, as on AWS, so that Retry and Catch find it; a batch of a
    stream with partial failures counts as failed, where plain ministack loses the failed records.
    """
    name = (function.get("config") or function).get("FunctionName", "")
    with turns[name]:
        result = plain(function, event, request_id)
    for line in result.get("log", "").splitlines():
        print(f"{name} | {line}", flush=True)
    body = result.get("body")
    if isinstance(body, dict):
        if isinstance(body.get("errorMessage"), Raised):
            body["errorType"] = body["errorMessage"].error_type
        if body.get("batchItemFailures") and is_from_stream(event):
            report = {"errorType": "PartialBatch", "errorMessage": json.dumps(body)}
            return {**result, "error": True, "body": report}
    return result


def is_from_stream(event: Any) -> bool:
    records = event.get("Records") or [{}] if isinstance(event, dict) else [{}]
    return records[0].get("eventSource") == "aws:dynamodb"


@correct(lambda_svc, "load_persisted_state")
def read_streams_from_their_start(plain: Callable, state: Any) -> None:
    """A restart keeps how far a stream was read, but not the stream: consumers would wait for ever."""
    plain(state)
    lambda_svc._dynamodb_stream_positions.clear()
