"""Starts ministack, the local emulator of AWS, with the corrections that Souk's template needs.

`python -m infra.local.cloud` takes ministack's own settings from the environment (GATEWAY_PORT, STATE_DIR)
and LAYER_CACHE, a folder that keeps unpacked layers. The corrections reach for private names, so ministack's
version is pinned; tests/cloud holds each to both sides: plain ministack still needs it, and it still works.

Known and left as it is: HeartbeatSeconds and the *Path limits of a workflow's state are not kept, a stream's
batch with partial failures is retried whole, and WORKERS_A_FUNCTION is the concurrency of every function.
"""

import os

from ministack import app

from infra.local.cloud import (  # noqa: F401  (each corrects ministack)
    alarms,
    events,
    functions,
    gateway,
    stacks,
    table,
    workflows,
)

if __name__ == "__main__":
    # ministack's own level; a function that sets none would inherit it and fall silent.
    os.environ.pop("LOG_LEVEL", None)
    app.main()
