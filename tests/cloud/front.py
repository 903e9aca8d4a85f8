"""CloudFront as it was applied, at the emulator: requests to it, and where it finds the API.

The emulator answers for a distribution by its name. It obeys behaviors, functions, policies of
headers and the bucket's own policy; it keeps nothing, and asks no firewall and no country.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.cloud import given
from tests.cloud.terraform import Emulators

KNOWN = "?X-Amz-Credential=test/x"
"""The emulator answers those only who know its access key; a browser shows none."""

MISSING = 403
"""What the emulator says of a file that is not there, whatever its policy; S3 says 404."""


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Front:
    """One distribution: its id, and the name that it answers by."""

    emulators: Emulators
    id: str
    domain: str

    def ask(self, path: str, method: str = "GET", *, secure: bool = True, **headers: str) -> Answer:
        """Ask as a browser does; redirects are not followed. Underscores are hyphens."""
        told = {"Host": self.domain, "X-Forwarded-Proto": "https" if secure else "http"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        way = http.client.HTTPConnection(urlsplit(self.emulators.ministack).netloc, timeout=60)
        try:
            way.request(method, path + KNOWN, headers=told)
            got = way.getresponse()
            named = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, named, got.read())
        finally:
            way.close()

    def lead(self, url: str, below: str = "") -> None:
        """Have it find the API on this machine: the emulator calls no host of AWS."""
        cloudfront, parts = given.client("cloudfront", self.emulators.ministack), urlsplit(url)
        found = cloudfront.get_distribution_config(Id=self.id)
        config = found["DistributionConfig"]
        (api,) = [it for it in config["Origins"]["Items"] if it["Id"] == "api"]
        api |= {"DomainName": parts.hostname, "OriginPath": below}
        api["CustomOriginConfig"] |= {
            "HTTPPort": parts.port,
            "OriginProtocolPolicy": "http-only",
        }
        cloudfront.update_distribution(Id=self.id, IfMatch=found["ETag"], DistributionConfig=config)

    def invalidated(self) -> list[str]:
        """Return the paths that it was told to forget."""
        cloudfront = given.client("cloudfront", self.emulators.ministack)
        asked = cloudfront.list_invalidations(DistributionId=self.id)["InvalidationList"]
        whole = [
            cloudfront.get_invalidation(DistributionId=self.id, Id=it["Id"])
            for it in asked.get("Items", [])
        ]
        return [
            path
            for it in whole
            for path in it["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
        ]


def upload(render: Path, emulators: Emulators, *words: str) -> None:
    """Deliver a site's files as its pipeline does."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    assert shutil.which("aws", path=path), "`aws` comes with the development dependencies"
    kept = {name: it for name, it in os.environ.items() if not name.startswith("AWS_")}
    told = {
        "PATH": path,
        "AWS_ENDPOINT_URL": emulators.ministack,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    done = subprocess.run(
        ["sh", str(render / "pipelines/site.sh"), *words],
        env=kept | told,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    _as_rendered(emulators, words[1])


def _as_rendered(emulators: Emulators, bucket: str) -> None:
    """Turn a bucket's policy back (`given.over_http`): CloudFront speaks TLS to S3 here too."""
    s3 = given.client("s3", emulators.ministack)
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    (tls,) = [it for it in policy["Statement"] if it["Sid"] == "OnlyOverTls"]
    assert tls["Condition"]["Bool"]["aws:SecureTransport"] == "true"
    tls["Condition"]["Bool"]["aws:SecureTransport"] = "false"
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
