"""S3 services that hold a key to its rights: a second SeaweedFS of our own and, where it is to be had, versitygw."""

import json
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3
from minio import Minio
from minio.credentials.credentials import Credentials
from minio.helpers import sha256_hash
from minio.signer import _sign_v4
from minio.versioningconfig import VersioningConfig

from portal.embedded import commands
from portal.settings import S3Settings
from tests.world.files import PROJECT
from tests.world.nodes import free_port

BUCKET = "daraje"
POLICY = json.loads((PROJECT / "deploy" / "bucket-policy.json").read_text())
ADMIN = ("administrator", "administrators-secret")


@dataclass
class Guarded:
    """A service on `endpoint` with a versioned bucket and one person's key, who may do what `allow` says."""

    endpoint: str
    key: tuple[str, str] = ("portal", "portals-secret-key")

    def settings(self, key: tuple[str, str] | None = None) -> S3Settings:
        access_key, secret_key = key or self.key
        return S3Settings(self.endpoint, access_key, secret_key, BUCKET, False, "us-east-1")

    def administrator(self) -> Minio:
        own = self.settings(ADMIN)
        return Minio(own.endpoint, access_key=ADMIN[0], secret_key=ADMIN[1], secure=False, region=own.region)

    def allow(self, policy: dict[str, Any]) -> None:
        raise NotImplementedError


class SeaweedFS(Guarded):
    """Its key belongs to a user of its IAM interface, to whom the policy is attached."""

    attached: str | None = None

    def make_user(self) -> None:
        self._ask("CreateUser", UserName="portal")
        made = self._ask("CreateAccessKey", UserName="portal")
        self.key = tuple(re.findall(r"<(?:AccessKeyId|SecretAccessKey)>(.*?)<", made))

    def allow(self, policy: dict[str, Any]) -> None:
        name = f"rights-{secrets.token_hex(4)}"
        self._ask("CreatePolicy", PolicyName=name, PolicyDocument=json.dumps(policy))
        self._ask("AttachUserPolicy", UserName="portal", PolicyArn=f"arn:aws:iam:::policy/{name}")
        if self.attached:
            self._ask("DetachUserPolicy", UserName="portal", PolicyArn=f"arn:aws:iam:::policy/{self.attached}")
        self.attached = name
        time.sleep(1.5)  # the gateway hears of it from its filer

    def _ask(self, action: str, **values: str) -> str:
        body = urlencode({"Action": action, "Version": "2010-05-08", **values})
        url, now = self.endpoint, datetime.now(UTC)
        address = urlsplit(f"http://{url}/")
        headers: dict[str, Any] = {
            "Host": url,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Amz-Date": now.strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-content-sha256": sha256_hash(body),
        }
        signed = _sign_v4(
            service_name="iam",
            method="POST",
            url=address,
            region="us-east-1",
            headers=headers,
            credentials=Credentials(*ADMIN),
            content_sha256=sha256_hash(body),
            date=now,
        )
        sent = {name: str(value) for name, value in signed.items()}
        answer = urllib3.PoolManager().request("POST", address.geturl(), body=body, headers=sent)
        assert answer.status == 200, answer.data
        return answer.data.decode()


class VersityGW(Guarded):
    """Its key belongs to an account without rights, to which the bucket's policy gives some."""

    def allow(self, policy: dict[str, Any]) -> None:
        given = [{**each, "Principal": {"AWS": [self.key[0]]}} for each in policy["Statement"]]
        self.administrator().set_bucket_policy(BUCKET, json.dumps({**policy, "Statement": given}))


@contextmanager
def seaweedfs(folder: Path) -> Iterator[Guarded]:
    data = folder / "objects"
    data.mkdir()
    ports = commands.choose_ports({})
    program = commands.seaweedfs(commands.found(), folder, data, ports, *ADMIN)
    argv = [*program["argv"], "-s3.iam.readOnly=false"]
    with _running(argv, folder, program["env"], ports["s3"]) as endpoint:
        service = SeaweedFS(endpoint)
        _make_bucket(service)
        service.make_user()
        yield service


@contextmanager
def versitygw(folder: Path, *, versioning: bool = True) -> Iterator[Guarded]:
    """https://github.com/versity/versitygw (Apache-2.0), from the PATH."""
    for each in ("objects", "versions", "people"):
        (folder / each).mkdir()
    port = free_port()
    argv = [str(shutil.which("versitygw")), "--access", ADMIN[0], "--secret", ADMIN[1], "--port", f"127.0.0.1:{port}"]
    argv += ["--iam-dir", str(folder / "people"), "posix"]
    argv += ["--versioning-dir", str(folder / "versions")] if versioning else []
    with _running([*argv, str(folder / "objects")], folder, {}, port) as endpoint:
        service = VersityGW(endpoint)
        admin = ["admin", "--access", ADMIN[0], "--secret", ADMIN[1], "--endpoint-url", f"http://{endpoint}"]
        user = ["create-user", "--access", service.key[0], "--secret", service.key[1], "--role", "user"]
        subprocess.run([argv[0], *admin, *user], check=True, capture_output=True)
        _make_bucket(service, versioning=versioning)
        yield service


@contextmanager
def _running(argv: list[str], folder: Path, env: dict[str, str], port: int) -> Iterator[str]:
    with (folder / f"{secrets.token_hex(4)}.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        _await(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:  # now and then it never ends by itself
            process.kill()
            process.wait()


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None, "the store ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the store does not come up")


def _make_bucket(service: Guarded, *, versioning: bool = True) -> None:
    for _ in range(60):
        try:
            administrator = service.administrator()
            if not administrator.bucket_exists(BUCKET):
                administrator.make_bucket(BUCKET)
            if versioning:
                administrator.set_bucket_versioning(BUCKET, VersioningConfig("Enabled"))
            return
        except Exception:  # it listens before it serves
            time.sleep(0.5)
    raise AssertionError("the bucket cannot be made")


def without(right: str) -> dict[str, Any]:
    """The policy that deploy/ names, short of one right."""
    policy: dict[str, Any] = deepcopy(POLICY)
    for statement in policy["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != right]
    return policy
