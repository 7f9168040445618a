"""Addresses for files, as they are handed out in any region."""

from collections.abc import Iterator
from urllib.parse import urlparse

import pytest

from souk.gateways import aws, files


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("FILES_BUCKET", "souk-files")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    aws.client.cache_clear()
    yield "eu-central-1"
    aws.client.cache_clear()


def test_a_file_is_sent_to_its_own_region_and_fetched_there(region: str) -> None:
    """S3's common host would send a browser on, and no preflight may follow."""
    sent = files.invitation("uploads/a.jpg", "image/jpeg", 9).url
    for address in (sent, files.download_url("uploads/a.jpg", "a.jpg", 60)):
        assert urlparse(address).hostname == f"souk-files.s3.{region}.amazonaws.com"


def test_the_local_cloud_is_asked_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:8601")
    sent = files.invitation("uploads/a.jpg", "image/jpeg", 9).url
    assert sent.startswith("http://127.0.0.1:8601/souk-files/uploads/a.jpg?")
