"""The trial of a store at the start: under the very rights that deploy/ names, and under each of them missing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import SettingsError
from portal.storage import trial
from portal.storage.keys import TRIALS
from portal.storage.objects import ObjectStore
from tests.world import guarded
from tests.world.guarded import POLICY, Guarded, without

RIGHTS = [action for statement in POLICY["Statement"] for action in statement["Action"]]
LAX = {  # what a service grants along with another right, or never asks for
    "SeaweedFS": {"s3:DeleteObject", "s3:AbortMultipartUpload"},
    "VersityGW": {"s3:DeleteObject"},
}


@pytest.fixture(scope="module", params=["seaweedfs", "versitygw"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    if request.param == "versitygw" and not shutil.which("versitygw"):
        pytest.skip("versitygw is not on the PATH: go install github.com/versity/versitygw/cmd/versitygw@latest")
    with getattr(guarded, request.param)(tmp_path_factory.mktemp(request.param)) as service:
        yield service


async def test_the_documented_rights_are_enough(service: Guarded) -> None:
    service.allow(POLICY)
    store = ObjectStore(service.settings())
    await trial.prove(store)
    await trial.write(store)
    assert await store.listing(TRIALS) == [], "nothing is left of it"
    assert await store.open_uploads(TRIALS) == []


@pytest.mark.parametrize("right", RIGHTS)
async def test_each_right_is_needed_and_named_where_it_is_missing(service: Guarded, right: str) -> None:
    if right in LAX[type(service).__name__]:
        pytest.skip("this service grants it along with another right")
    service.allow(without(right))
    with pytest.raises(SettingsError) as refusal:
        await trial.prove(ObjectStore(service.settings()))
    said = str(refusal.value)
    assert "AccessDenied" in said, "the store's own word"
    assert right in said
    assert "\n" not in said


async def test_a_wrong_key_is_one_sentence(service: Guarded) -> None:
    with pytest.raises(SettingsError, match=r"InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied"):
        await trial.prove(ObjectStore(service.settings((service.key[0], "a-wrong-secret-key"))))


async def test_a_store_without_versions_is_one_sentence(tmp_path: Path) -> None:
    if not shutil.which("versitygw"):
        pytest.skip("versitygw is not on the PATH, and SeaweedFS keeps versions always")
    with guarded.versitygw(tmp_path, versioning=False) as service, pytest.raises(SettingsError, match="version"):
        await trial.prove(ObjectStore(service.settings(guarded.ADMIN)))
