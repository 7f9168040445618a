"""What checkov finds in the expanded templates, but for what was looked at and stays, each with its reason."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.house import transformed
from tests.support.template import ROOT

STAYS = {
    "CKV_AWS_18": "a bucket's log would be a bucket of addresses; CloudTrail tells who did what, where that is wanted",
    "CKV_AWS_33": "the key lets in whoever comes through a service of the account, by a condition",
    "CKV_AWS_68": "behind the pictures there is nothing but files that everybody may see",
    "CKV_AWS_76": "the gateway's log is a parameter: it needs a role in the account that the stack does not own",
    "CKV_AWS_86": "who looked at which picture is nobody's business",
    "CKV_AWS_115": "capacity set aside for one function is taken from the others; the gateway limits what comes in",
    "CKV_AWS_116": "what is called asynchronously has a queue for failures; the check knows only an older way",
    "CKV_AWS_117": "nothing that a function calls lies in a private network",
    "CKV_AWS_120": "a price holds from the moment it is changed: answers are not cached at the gateway",
    "CKV_AWS_158": "CloudWatch encrypts by itself, and no line holds a person's data or a secret",
    "CKV_AWS_173": "the environment holds names; what is secret stands in the secrets",
    "CKV_AWS_174": "Amazon's own name for a distribution has one setting; a domain of one's own is named by MediaUrl",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("templates")
    stacks = {Path(file).stem: transformed.deployed(file) for file in transformed.files()}
    for name, stack in stacks.items():
        (folder / f"{name}.json").write_text(json.dumps(stack))
    command = [str(ROOT / ".scan/bin/checkov"), "--directory", str(folder), "--framework", "cloudformation"]
    offline = ["--skip-download", "--compact", "--output", "json"]
    done = subprocess.run(command + offline, capture_output=True, text=True, timeout=300)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["summary"]["parsing_errors"] == 0
    # It knows no check for a user pool.
    read = {Path(one["file_path"]).stem for one in found["results"]["passed_checks"]}
    assert read | {"identity"} == stacks.keys()
    return found


def test_checkov_finds_nothing_that_was_not_looked_at(report: dict[str, Any]) -> None:
    failed = [one for one in report["results"]["failed_checks"] if one["check_id"] not in STAYS]
    assert not failed, "\n".join(f"{one['check_id']} {one['resource']}: {one['check_name']}" for one in failed)


def test_nothing_stays_for_a_reason_that_has_gone(report: dict[str, Any]) -> None:
    assert STAYS.keys() <= {one["check_id"] for one in report["results"]["failed_checks"]}
