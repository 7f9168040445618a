"""`python -m infra.local.stripe --port N [--state FILE]`: serves until it is ended."""

import argparse
import signal
import threading
from pathlib import Path

from infra.local.stripe import state
from infra.local.stripe.server import StripeServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.local.stripe", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, metavar="FILE", help="read at the start and written at the end")
    options = parser.parse_args()

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())

    server = StripeServer(options.port)
    if options.state and options.state.exists():
        state.load(server.fake, options.state)
    with server:
        print(f"Fake Stripe: {server.url}", flush=True)
        ended.wait()
    if options.state:
        state.save(server.fake, options.state)


main()
