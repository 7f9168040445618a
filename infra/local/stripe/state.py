"""The whole state as plain JSON values: to look at, and to keep between two runs of the local shop."""

import json
from pathlib import Path
from typing import Any

from infra.local.stripe.account import Posting, Timer
from infra.local.stripe.fake import FakeStripe
from infra.local.stripe.idempotency import Kept, Reply


def dump(fake: FakeStripe) -> dict[str, Any]:
    account = fake.account
    return {
        "config": fake.config.model_dump(),
        "objects": account.objects,
        "balances": account.balances(),
        "postings": account.postings,
        "timers": account.timers,
        "waiting": account.outbox.waiting,
        "held": account.outbox.held,
        "keys": {key: kept for key, kept in fake.keys.kept.items() if kept.reply},
    }


def save(fake: FakeStripe, file: Path) -> None:
    """In one step, so that a kill never leaves half a state behind."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(dump(fake)), encoding="utf-8")
    fresh.replace(file)


def load(fake: FakeStripe, file: Path) -> None:
    """What was saved, without its configuration: a new run has its own."""
    state = json.loads(file.read_text(encoding="utf-8"))
    account = fake.account
    account.objects.update(state["objects"])
    account.postings = [Posting(*posting) for posting in state["postings"]]
    account.timers = [Timer(*timer) for timer in state["timers"]]
    # Webhooks that waited are held until whoever starts the run has said where the shop is now.
    account.outbox.held = list(dict.fromkeys([*(delivery[2] for delivery in state["waiting"]), *state["held"]]))
    for key, (fingerprint, forget_at, reply) in state["keys"].items():
        fake.keys.kept[key] = Kept(fingerprint, forget_at, Reply(*reply))
