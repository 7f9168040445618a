"""Two local clouds with the same small template: ministack as it comes, and ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.aws import Aws, local_cloud
from infra.local.deploy import deploy
from infra.local.processes import free_ports

TEMPLATE = Path(__file__).parent / "probe/template.yaml"


class Probe:
    """The small template on one cloud, and what its tests ask of it."""

    def __init__(self, aws: Aws, outputs: dict[str, str]) -> None:
        self.aws = aws
        self.url = f"{aws.endpoint}/restapis/{outputs['ApiId']}/v1/_user_request_"


def probe_on(module: str, folder: Path) -> Iterator[Probe]:
    with local_cloud(folder, free_ports(1), module=module) as aws:
        yield Probe(aws, deploy(aws, TEMPLATE, "probe", {}))


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    yield from probe_on("ministack", tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    yield from probe_on("infra.local.cloud", tmp_path_factory.mktemp("ours"))
